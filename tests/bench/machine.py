"""What the results say about where they were made.  Never the machine's name."""
import os
import platform
import shutil
import subprocess
from pathlib import Path


def describe(work):
    return {
        "cpu": _line("/proc/cpuinfo", "model name") or platform.machine(),
        "cpus": os.cpu_count(),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": platform.release(),
        "system": (_line("/etc/os-release", "PRETTY_NAME", "=") or "").strip('"'),
        "filesystem": _filesystem(work),
        "load": list(os.getloadavg()),
        "python": platform.python_version(),
    }


def _line(file, key, separator=":"):
    try:
        text = Path(file).read_text()
    except OSError:
        return None
    for line in text.splitlines():
        name, _, value = line.partition(separator)
        if name.strip() == key:
            return value.strip()
    return None


def _filesystem(directory):
    """The type of the file system that holds the server's data."""
    answer = subprocess.run(
        ["df", "--output=fstype", directory], check=True, capture_output=True, text=True
    )
    return answer.stdout.split()[-1]


def image_size(name):
    """Bytes of the newest image of that name that `make image` left here, or None."""
    for program in ("podman", "docker"):
        if shutil.which(program):
            answer = subprocess.run(
                [program, "image", "ls", "--format", "{{.ID}}", name],
                check=False,
                capture_output=True,
                text=True,
            )
            for image in answer.stdout.split()[:1]:
                size = subprocess.run(
                    [program, "image", "inspect", "--format", "{{.Size}}", image],
                    check=True,
                    capture_output=True,
                    text=True,
                )
                return int(size.stdout)
    return None
