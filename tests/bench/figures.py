"""What is read off the samples: medians, quartiles, ratios, fits, and how they are written."""
import statistics

from tools import HEADWAY


def quartiles(values):
    if len(values) == 1:
        return (values[0],) * 3
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def fit(points):
    """Least squares of the relative error: (a, b) of a + b * n, so that small sizes count as well.

    `points` are (n, seconds); None where there are too few."""
    if len(points) < 3:
        return None
    weights = [(n, t, 1 / t**2) for n, t in points]
    total = sum(w for _, _, w in weights)
    mean_n = sum(n * w for n, _, w in weights) / total
    mean_t = sum(t * w for _, t, w in weights) / total
    slope = sum(w * (n - mean_n) * (t - mean_t) for n, t, w in weights) / sum(
        w * (n - mean_n) ** 2 for n, _, w in weights
    )
    return mean_t - slope * mean_n, slope


def seconds(value):
    if value < 0.0001:
        return f"{value * 1e6:.1f} µs"
    if value < 1:
        return f"{value * 1e3:.{0 if value >= 0.1 else 1 if value >= 0.01 else 2}f} ms"
    return f"{value:.{1 if value >= 10 else 2}f} s"


def spread(values, write):
    """The median, and the quartiles if there is more than one value."""
    low, middle, high = quartiles(values)
    return write(middle) + (f" ({write(low)} .. {write(high)})" if len(values) > 1 else "")


def mega_bytes(value):
    return f"{value / 1e6:.1f} MB"


def bytes_short(value):
    return f"{value / 1e6:.0f} MB"


def seconds_short(value):
    """A power of ten."""
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= size * 0.999:
            return f"{value / size:.0f} {unit}"
    return f"{value:g} s"


def times(value):
    return f"{value:.{2 if value < 10 else 0}f}"


class Section:
    """One section of the results; a sample's `part` is one of its numbers."""

    def __init__(self, results, name):
        self.data = results["sections"][name]
        self.cases = self.data["cases"]
        self.tools = self.data["tools"]

    def samples(self, tool, case, part=0):
        found = self.data["samples"].get(f"{tool}/{case}", [])
        return [each[part] if isinstance(each, (list, tuple)) else each for each in found]

    def failure(self, tool, case):
        return self.data["failures"].get(f"{tool}/{case}")

    def median(self, tool, case, part=0):
        return statistics.median(self.samples(tool, case, part))

    def measured(self, tool, case):
        return not self.failure(tool, case) and bool(self.samples(tool, case))

    def cell(self, tool, case, write=seconds, part=0):
        if not self.measured(tool, case):
            return "FAILED"
        return spread(self.samples(tool, case, part), write)

    def ratio(self, tool, case, part=0):
        if not self.measured(tool, case) or not self.measured(HEADWAY, case):
            return ""
        if tool == HEADWAY:
            return "1"
        return spread(self.ratios(tool, case, part), times)

    def ratios(self, tool, case, part=0):
        """To Headway, each of a pair from the same round, so that what the machine did meanwhile
        weighs on both."""
        pairs = zip(self.samples(tool, case, part), self.samples(HEADWAY, case, part))
        return [mine / its for mine, its in pairs]

    def fit(self, tool):
        points = [(n, self.median(tool, n)) for n in self.cases if self.measured(tool, n)]
        return fit(points)
