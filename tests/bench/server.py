"""A throw-away PostgreSQL, and just enough of its protocol to look into it."""
import os
import shutil
import socket
import struct
import subprocess
from pathlib import Path

USER = "bench"


class ServerError(Exception):
    pass


class Connection:
    """One backend, asked with simple queries; the answers are text."""

    def __init__(self, port, database):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = self.socket.makefile("rb")
        body = struct.pack("!i", 196608)
        for word in ("user", USER, "database", database, ""):
            body += word.encode() + b"\0"
        self.socket.sendall(struct.pack("!i", len(body) + 4) + body)
        self._answer()

    def query(self, sql):
        body = sql.encode() + b"\0"
        self.socket.sendall(b"Q" + struct.pack("!i", len(body) + 4) + body)
        return self._answer()

    def _answer(self):
        rows, error = [], None
        while True:
            head = self.buffer.read(5)
            if len(head) < 5:
                raise ServerError(error or "the server closed the connection")
            kind, length = head[:1], struct.unpack("!i", head[1:])[0]
            body = self.buffer.read(length - 4)
            if kind == b"D":
                rows.append(self._row(body))
            elif kind == b"E":
                fields = {field[:1]: field[1:] for field in body.split(b"\0") if field}
                error = fields[b"M"].decode(errors="replace")
            elif kind == b"Z":
                break
        if error:
            raise ServerError(error)
        return rows

    @staticmethod
    def _row(body):
        values, at = [], 2
        for _ in range(struct.unpack("!h", body[:2])[0]):
            (length,) = struct.unpack("!i", body[at : at + 4])
            at += 4
            values.append(None if length < 0 else body[at : at + length].decode())
            at += max(length, 0)
        return tuple(values)

    def close(self):
        self.socket.sendall(b"X" + struct.pack("!i", 4))
        self.buffer.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """PostgreSQL with its own defaults, but for what OPTIONS says."""

    OPTIONS = {"listen_addresses": "127.0.0.1", "max_connections": "400"}

    def __init__(self, programs, directory):
        self.programs = Path(programs)
        self.directory = directory
        self.data = directory / "data"
        self.port = free_port()
        self.as_owner = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(directory, "postgres")
            self.as_owner = ["runuser", "-u", "postgres", "--"]
        self._run("initdb", "-N", "-A", "trust", "-U", USER, "-D", self.data)
        options = dict(self.OPTIONS, port=self.port, unix_socket_directories=directory)
        self._run(
            *("pg_ctl", "-D", self.data, "-w", "-l", directory / "server.log", "-o"),
            *(" ".join(f"-c {name}='{value}'" for name, value in options.items()), "start"),
        )
        self.admin = Connection(self.port, "postgres")
        self.version = self.admin.query("SHOW server_version")[0][0]

    def _run(self, program, *arguments):
        done = subprocess.run(
            [*self.as_owner, self.programs / program, *arguments],
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            capture_output=program != "pg_ctl",  # the server would keep the pipes open
            check=False,
        )
        if done.returncode:
            raise ServerError(f"{program} failed: {(done.stderr or b'').decode()}")

    def stop(self):
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "-s", "stop")

    def fresh(self, name):
        self.drop(name)
        self.admin.query(f"CREATE DATABASE {name}")

    def drop(self, name):
        self.admin.query(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def settle(self):
        """Nothing that a run left behind is to be written during the next one."""
        self.admin.query("CHECKPOINT")

    def connect(self, database):
        return Connection(self.port, database)
