"""Writes the results as Markdown."""
import statistics

from figures import Section, mega_bytes, seconds, spread, times
from tools import HEADWAY


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def fitted(fit):
    if fit is None:
        return ""
    start, each = fit
    if abs(each) < 1e-7:
        return seconds(start)
    return f"{seconds(start)} {'-' if each < 0 else '+'} {seconds(abs(each))} n"


def load(section):
    low, high = section.data["load"]
    count = section.data["rounds"]
    rounds = "1 round" if count == 1 else f"{count} rounds"
    began = section.data.get("measured", {}).get("began", "")
    return f"{rounds}{began and f' from {began} on'}; load average {low:.1f} to {high:.1f}."


def no_op(results):
    section = Section(results, "no_op")
    connect = statistics.median(section.data["connect"])
    empty = statistics.median(section.data["empty"])
    at = 1000
    largest = section.cases[-1]
    rows = []
    for tool in section.tools:
        beyond = ""
        if section.measured(tool, at):
            beyond = seconds(section.median(tool, at) - connect)
        cpu = ""
        if section.measured(tool, largest):
            cpu = seconds(section.median(tool, largest, 1))
        rows.append(
            [tool]
            + [section.cell(tool, size) for size in section.cases]
            + [section.ratio(tool, at), beyond, cpu, fitted(section.fit(tool))]
        )
    return (
        "## Nothing to do: at head\n\n"
        "The whole process, from start to exit, on a database that is at head.\n"
        f"A connection alone takes {spread(section.data['connect'], seconds)}, a process that does nothing "
        f"(`/bin/true`) {seconds(empty)}.\n"
        f"{load(section)}\n\n"
        + table(
            ["tool"]
            + [f"{size:,} migrations" for size in section.cases]
            + [f"times Headway at {at:,}", f"beyond a connection at {at:,}"]
            + [f"CPU at {largest:,}", "fit over n migrations"],
            rows,
        )
    )


def apply(results):
    section = Section(results, "apply")
    largest = section.cases[-1]
    rows = [
        [tool]
        + [section.cell(tool, size) for size in section.cases]
        + [section.ratio(tool, largest), fitted(section.fit(tool))]
        for tool in section.tools
    ]
    return (
        "## Applying migrations, loopback\n\n"
        f"Each run on a fresh database, after a checkpoint. {load(section)}\n\n"
        + table(
            ["tool"]
            + [f"{size:,} migrations" for size in section.cases]
            + [f"times Headway at {largest:,}", "fit over n migrations"],
            rows,
        )
    )


def delay(results):
    section = Section(results, "delay")
    measured = section.data["measured"]
    trips = "; ".join(
        f"{each} ms: SELECT 1 takes {seconds(found['round_trip'])}, "
        f"{found['bytes_per_second'] / 1e6:.0f} MB/s pass"
        for each, found in ((each, _by(measured, each)) for each in section.cases)
    )
    near, far = section.cases
    rows = []
    for tool in section.tools:
        count = ""
        if section.measured(tool, near) and section.measured(tool, far):
            apart = _by(measured, far)["round_trip"] - _by(measured, near)["round_trip"]
            more = section.median(tool, far) - section.median(tool, near)
            count = f"{more / apart:.0f}"
        rows.append(
            [tool]
            + [
                text
                for each in section.cases
                for text in (section.cell(tool, each), section.ratio(tool, each))
            ]
            + [count]
        )
    return (
        f"## Applying {section.data['migrations']} migrations, far away\n\n"
        f"Through a proxy that delays. What it does, measured through it: {trips}.\n"
        "How many round trips a run takes follows from the two columns. "
        f"{load(section)}\n\n"
        + table(
            ["tool"]
            + [text for each in section.cases for text in (f"{each} ms", "times Headway")]
            + ["round trips"],
            rows,
        )
    )


def _by(measured, each):
    return measured.get(each) or measured[str(each)]  # JSON has text for keys


def crowd(results):
    section = Section(results, "crowd")
    rows = []
    for tool in section.tools:
        if not section.measured(tool, "crowd"):
            rows.append([tool, "FAILED", "", "", section.failure(tool, "crowd") or ""])
            continue
        failed = section.samples(tool, "crowd", 1)
        wrong = [each for each in section.samples(tool, "crowd", 2) if each]
        span = str(failed[0]) if min(failed) == max(failed) else f"{min(failed)} .. {max(failed)}"
        state = "right" if not wrong else f"WRONG in {len(wrong)} of {len(failed)} runs"
        rows.append(
            [tool, section.cell(tool, "crowd"), section.ratio(tool, "crowd"), span, state]
        )
    return (
        f"## {section.data['processes']} processes at once\n\n"
        f"All started on one fresh database with {section.data['migrations']} migrations to apply; the "
        f"time until the last one has ended. {load(section)}\n\n"
        + table(["tool", "time", "times Headway", "processes that failed", "database"], rows)
    )


def tenants(results):
    section = Section(results, "tenants")
    rows = [
        [tool]
        + [
            text
            for part in (0, 1)
            for text in (
                section.cell(tool, "tenants", part=part),
                section.ratio(tool, "tenants", part),
            )
        ]
        for tool in section.tools
    ]
    return (
        f"## {section.data['schemas']:,} tenants\n\n"
        f"Schemas of one database, each with {section.data['migrations']} migrations and a history of its own. "
        "Headway and psql get through all of them with one process (`--targets`; a script), the others are "
        f"started once for each, one after the other. {load(section)}\n\n"
        + table(["tool", "apply", "times Headway", "at head", "times Headway"], rows)
    )


def percent(value):
    return f"{100 * value:.0f} %"


def stall(results):
    section = Section(results, "stall")
    rows = [
        [tool]
        + [
            section.cell(tool, case, write, part)
            for case in section.cases
            for part, write in enumerate((seconds, percent, seconds))
        ]
        for tool in section.tools
    ]
    heads = [
        text for case in section.cases for text in (f"{case}: longest stall", "stalled", "until done")
    ]
    return (
        "## What an application feels\n\n"
        f"{section.data['clients']} clients read and write three tables all the time. Somebody has read the last "
        f"table and leaves the transaction open for {section.data['seconds']} s; meanwhile a migration adds a column "
        "to this table, or one to each of the three. The longest time that a query took, the share of the "
        "clients' time that was spent in queries longer than 0.1 s, and how long it was until the migration "
        f"was done. {load(section)}\n\n" + table(["tool"] + heads, rows)
    )


def memory(results):
    section = Section(results, "memory")
    rows = [
        [tool]
        + [
            text
            for case in section.cases
            for text in (section.cell(tool, case, mega_bytes), section.ratio(tool, case))
        ]
        for tool in section.tools
    ]
    return (
        "## Peak memory\n\n"
        f"The largest resident set, {section.data['migrations']:,} migrations.\n\n"
        + table(["tool", "at head", "times Headway", "applying", "times Headway"], rows)
    )


SHIPPED = {
    "alembic": "with SQLAlchemy and psycopg; needs Python",
    "flyway": "its jars and the driver; needs a JRE. Image as published: 309 to 443 MB (flyway-docker#45, #155)",
    "psql": "needs libpq and readline with what they need",
    "headway": "static",
}


def sizes(results):
    image = results["image"]
    rows = []
    for tool in results["order"]:
        size = results["binary"][tool]
        its_image = mega_bytes(image) if tool == HEADWAY and image else ""
        rows.append(
            [
                tool,
                results["versions"][tool],
                mega_bytes(size),
                times(size / results["binary"][HEADWAY]) if tool != HEADWAY else "1",
                its_image,
                SHIPPED.get(tool, ""),
            ]
        )
    return "## What is shipped\n\n" + table(
        ["tool", "version", "program", "times Headway", "image", ""], rows
    )


def parse(results):
    data = results["sections"]["parse"]
    user = statistics.median(each["user"] for each in data["samples"])
    elapsed = statistics.median(each["elapsed"] for each in data["samples"])
    peak = max(each["peak"] for each in data["samples"])
    return (
        "## Reading migrations\n\n"
        f"`headway validate` on {mega_bytes(data['bytes'])} of SQL (functions, comments, inserts, COPY) takes "
        f"{seconds(user)} of user CPU time, {data['bytes'] / 1e6 / user:.0f} MB/s, {seconds(elapsed)} in all, "
        f"and at most {mega_bytes(peak)} of memory.\n"
    )


def summary(results):
    """Times Headway, a row for each tool."""
    columns = []
    for name, case, head in (
        ("no_op", 1000, "at head"),
        ("apply", None, "apply {:,}"),
        ("delay", None, "apply at {} ms"),
        ("crowd", "crowd", "a crowd"),
        ("memory", "no_op", "memory at head"),
    ):
        if name in results["sections"]:
            section = Section(results, name)
            which = case or section.cases[-1]
            columns.append((section, which, head.format(which)))
    if not columns:
        return ""
    rows = []
    for tool in results["order"]:
        row = [tool]
        for section, which, _ in columns:
            write = mega_bytes if section.cases == ["no_op", "apply"] else seconds
            if not section.measured(tool, which):
                row.append("FAILED")
                continue
            text = write(section.median(tool, which))
            if tool != HEADWAY and section.measured(HEADWAY, which):
                text += f" (×{times(statistics.median(section.ratios(tool, which)))})"
            if which == "crowd" and max(section.samples(tool, which, 1)):
                text += f", {max(section.samples(tool, which, 1))} failed"
            row.append(text)
        rows.append(row)
    return table(["tool"] + [head for _, _, head in columns], rows)


def failures(results):
    lines = []
    for name, section in results["sections"].items():
        for key, why in section.get("failures", {}).items():
            lines.append(f"- {name}, {key}: {why}")
    return "## What failed\n\n" + "\n".join(lines) + "\n" if lines else ""


def write(results, file):
    machine, server = results["machine"], results["server"]
    options = ", ".join(f"`{name}={value}`" for name, value in server["options"].items())
    left_out = ""
    if results["missing"]:
        left_out = f"\nNot installed and left out: {', '.join(results['missing'])}.\n"
    parts = [
        "# Headway beside its rivals\n\n"
        f"`{results['command']}`, {results['started']} to {results['ended']}; Headway "
        f"{results['versions'][HEADWAY]}.\n"
        f"{machine['cpus']} CPUs ({machine['cpu']}), {machine['memory'] / 2**30:.0f} GiB, Linux {machine['kernel']}, "
        f"{machine['system']}, data on {machine['filesystem']}; load average at the start {machine['load'][0]:.1f}.\n"
        f"PostgreSQL {server['version']} with its own defaults (so `fsync` and `synchronous_commit` are on), but for "
        f"{options}; TCP on loopback, no TLS, for all.\n\n"
        "Medians with quartiles in parentheses; a ratio is the median of the ratios of runs in the same round, so "
        "that above 1 Headway is faster or smaller.\n"
        "[README.md](../README.md) says what is measured how, and what is not fair to whom.\n"
        + left_out
        + "\n![plot](results.svg)\n",
        summary(results),
    ]
    writers = {
        "no_op": no_op,
        "apply": apply,
        "delay": delay,
        "crowd": crowd,
        "tenants": tenants,
        "stall": stall,
        "memory": memory,
        "parse": parse,
    }
    parts += [write_it(results) for name, write_it in writers.items() if name in results["sections"]]
    parts.append(sizes(results))
    parts.append(
        "## What they do\n\n"
        + table(["tool", ""], [[tool, results["notes"][tool]] for tool in results["order"]])
    )
    parts.append(failures(results))
    file.write_text("\n".join(part for part in parts if part))
