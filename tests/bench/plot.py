"""Draws the results as one SVG: medians on logarithmic scales, and how doing nothing grows."""
import math
from xml.sax.saxutils import escape

from figures import Section, bytes_short, mega_bytes, quartiles, seconds, seconds_short
from tools import HEADWAY, PSQL

WIDTH, LABEL, ROW = 560, 72, 21
PAPER, INK, FAINT, GRID = "#ffffff", "#1f2430", "#667085", "#e4e7ec"
OURS, FLOOR, THEIRS = "#d9480f", "#868e96", "#a5b4d4"
LINES = ["#d9480f", "#868e96", "#1971c2", "#2f9e44", "#9c36b5", "#e8a600"]
LINES += ["#0c8599", "#a61e4d", "#5c940d", "#495057", "#364fc7"]


class Drawing:
    def __init__(self):
        self.parts = []

    def text(self, x, y, text, size=11, anchor="start", fill=INK, weight="normal"):
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}" '
            f'font-weight="{weight}">{escape(text)}</text>'
        )

    def line(self, x1, y1, x2, y2, stroke=GRID, width=1.0):
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" '
            f'stroke-width="{width}"/>'
        )

    def dot(self, x, y, radius, fill):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{fill}"/>')

    def path(self, points, stroke):
        path = " ".join(f"{'L' if i else 'M'}{x:.1f} {y:.1f}" for i, (x, y) in enumerate(points))
        self.parts.append(f'<path d="{path}" fill="none" stroke="{stroke}" stroke-width="2"/>')
        for x, y in points:
            self.dot(x, y, 3, stroke)


def color(tool):
    return {HEADWAY: OURS, PSQL: FLOOR}.get(tool, THEIRS)


def decades(low, high):
    return range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)


def dots(drawing, x, y, title, section, case, write, short):
    """A panel with a row for each tool, the best on top; returns its height."""
    rows = []
    for tool in section.tools:
        if section.measured(tool, case):
            rows.append((tool, quartiles(section.samples(tool, case))))
    rows.sort(key=lambda row: row[1][1])
    lost = [tool for tool in section.tools if not section.measured(tool, case)]
    drawing.text(x, y + 12, title, 13, weight="bold")
    top = y + 26
    powers = decades(min(row[1][0] for row in rows), max(row[1][2] for row in rows))
    left, right = x + LABEL, x + WIDTH - 110
    scale = (right - left) / (powers[-1] - powers[0])

    def place(value):
        return left + (math.log10(value) - powers[0]) * scale

    bottom = top + (len(rows) + len(lost)) * ROW
    for power in powers:
        drawing.line(place(10.0**power), top - 2, place(10.0**power), bottom)
        drawing.text(place(10.0**power), bottom + 12, short(10.0**power), 9, "middle", FAINT)
    for index, (tool, (low, middle, high)) in enumerate(rows):
        at = top + (index + 0.5) * ROW
        weight = "bold" if tool == HEADWAY else "normal"
        drawing.text(left - 8, at + 4, tool, 11, "end", weight=weight)
        drawing.line(left, at, right, at)
        drawing.line(place(low), at, place(high), at, color(tool), 3)
        drawing.dot(place(middle), at, 5.5, color(tool))
        said = write(middle)
        if case == "crowd" and max(section.samples(tool, case, 1)):
            said += f", {max(section.samples(tool, case, 1))} failed"
        drawing.text(place(high) + 10, at + 4, said, 10, weight=weight)
    for index, tool in enumerate(lost, len(rows)):
        at = top + (index + 0.5) * ROW
        drawing.text(left - 8, at + 4, tool, 11, "end")
        drawing.text(left + 4, at + 4, "FAILED", 10, fill=FAINT)
    return bottom + 30 - y


def growth(drawing, x, y, section):
    """How doing nothing grows with the number of migrations, both scales logarithmic."""
    height = 300
    drawing.text(x, y + 12, "Nothing to do: time over the number of migrations", 13, weight="bold")
    left, right, top, bottom = x + LABEL, x + WIDTH - 84, y + 28, y + height - 28
    values = {
        tool: [(n, section.median(tool, n)) for n in section.cases if section.measured(tool, n)]
        for tool in section.tools
    }
    values = {tool: points for tool, points in values.items() if points}
    flat = [t for points in values.values() for _, t in points]
    powers = decades(min(flat), max(flat))
    sizes = section.cases

    def place(n, t):
        across = (math.log10(n) - math.log10(sizes[0])) / math.log10(sizes[-1] / sizes[0])
        up = (math.log10(t) - powers[0]) / (powers[-1] - powers[0])
        return left + across * (right - left), bottom - up * (bottom - top)

    for power in powers:
        _, at = place(sizes[0], 10.0**power)
        drawing.line(left, at, right, at)
        drawing.text(left - 6, at + 4, seconds_short(10.0**power), 9, "end", FAINT)
    for n in sizes:
        at, _ = place(n, 10.0 ** powers[0])
        drawing.line(at, top, at, bottom)
        drawing.text(at, bottom + 14, f"{n:,}", 9, "middle", FAINT)
    ends = []
    for tool, stroke in zip(values, LINES):
        points = [place(*point) for point in values[tool]]
        drawing.path(points, stroke)
        ends.append([points[-1][1], tool, stroke])
    ends.sort()
    for before, after in zip(ends, ends[1:]):  # names keep clear of each other
        after[0] = max(after[0], before[0] + 12)
    ends[-1][0] = min(ends[-1][0], bottom)
    for after, before in zip(ends[::-1], ends[-2::-1]):
        before[0] = min(before[0], after[0] - 12)
    for at, tool, stroke in ends:
        ours = "bold" if tool == HEADWAY else "normal"
        drawing.text(right + 8, at + 4, tool, 11, fill=stroke, weight=ours)
    return height


def panels(results):
    sections = {name: Section(results, name) for name in results["sections"] if name != "parse"}
    if "no_op" in sections:
        yield lambda d, x, y: dots(
            d, x, y, "Nothing to do, 1,000 migrations", sections["no_op"], 1000, seconds, seconds_short
        )
        yield lambda d, x, y: growth(d, x, y, sections["no_op"])
    if "apply" in sections:
        largest = sections["apply"].cases[-1]
        title = f"Apply {largest:,} migrations, loopback"
        yield lambda d, x, y: dots(d, x, y, title, sections["apply"], largest, seconds, seconds_short)
    if "delay" in sections:
        far = sections["delay"].cases[-1]
        count = sections["delay"].data["migrations"]
        away = f"Apply {count} migrations, {far} ms away"
        yield lambda d, x, y: dots(d, x, y, away, sections["delay"], far, seconds, seconds_short)
    if "crowd" in sections:
        many = f"{sections['crowd'].data['processes']} processes at once, until all have ended"
        yield lambda d, x, y: dots(d, x, y, many, sections["crowd"], "crowd", seconds, seconds_short)
    if "tenants" in sections:
        tenants = f"Apply to {sections['tenants'].data['schemas']:,} tenants' schemas"
        yield lambda d, x, y: dots(
            d, x, y, tenants, sections["tenants"], "tenants", seconds, seconds_short
        )
    if "memory" in sections:
        memory = "Peak memory, nothing to do"
        yield lambda d, x, y: dots(d, x, y, memory, sections["memory"], "no_op", mega_bytes, bytes_short)


def write(results, file):
    drawing = Drawing()
    heights = [58, 58]  # two columns
    drawing.text(24, 30, "Headway beside its rivals", 18, weight="bold")
    drawing.text(
        24,
        46,
        "Medians, with a line over the quartiles; logarithmic scales. Further left is better.",
        11,
        fill=FAINT,
    )
    for draw in panels(results):
        column = heights.index(min(heights))
        heights[column] += draw(drawing, 24 + column * (WIDTH + 24), heights[column]) + 18
    width, height = 2 * WIDTH + 72, max(heights)
    file.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" width="{width}" '
        f'height="{height:.0f}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif">\n'
        f'<rect width="{width}" height="{height:.0f}" fill="{PAPER}"/>\n'
        + "\n".join(drawing.parts)
        + "\n</svg>\n"
    )
