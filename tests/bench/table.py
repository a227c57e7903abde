"""The table of `make bench`: which figure may be how large, and the verdict on each.

A bound on a ratio, a count or a size gates (exit 1). Times are told. A row of kind `older` compares with
another commit: without one (`AGAINST=<commit>`) its figure is only told.
"""

import statistics
from dataclasses import dataclass

OLDER, SAME_RUN, TOLD = "older", "same run", "told"


@dataclass(frozen=True)
class Row:
    """A figure by its name in tests/bench/measures.py, and its bounds.

    `kind` says what the bounds hold for: the ratio to the older commit, or the figure itself, which is a
    ratio within one run, a count, or a size.
    """

    figure: str
    words: str
    kind: str = TOLD
    must: float | None = None
    aim: float | None = None
    least: bool = False  # the figure must be at least this; otherwise at most
    unit: str = ""


ROWS = (
    Row("path", "CPU of one parent's path", OLDER, 0.4, 0.3, unit="ms"),
    Row("form", "  its form", unit="ms"),
    Row("POST", "  its POST", unit="ms"),
    Row("confirmation", "  its confirmation", unit="ms"),
    Row("two kept pages", "  its catalogue and course, kept", unit="ms"),
    Row("confirmation, queries", "  queries of the confirmation"),
    Row("rush, drained", "rush: until the last is done", OLDER, 0.4, 0.28, unit="s"),
    Row("rush, 95 of 100", "rush: 95 of 100 whole paths", OLDER, 0.35, 0.15, unit="s"),
    Row("rush, drained ÷ bare", "  done ÷ the bare view", unit="×"),
    Row("rush, 95 of 100 ÷ bare", "  95 of 100 ÷ the bare view", unit="×"),
    Row("rush, CPU a parent", "  CPU a parent", unit="ms"),
    Row("rush, places given", "  places given, of 360", SAME_RUN, 360, least=True),
    Row("rush, sessions full", "  sessions full, of 30", SAME_RUN, 30, least=True),
    Row("rush, families placed", "  families placed or queued, of 500", SAME_RUN, 500, least=True),
    Row("rush, wrong answers", "  answers that are none", SAME_RUN, 0),
    Row("rush, faults", "  contradictions afterwards", SAME_RUN, 0),
    Row("enroll ÷ bare", "enroll POST ÷ bare UPDATE and INSERT", SAME_RUN, 0.42, 0.5, least=True),
    Row("kept catalogue ÷ bare", "kept catalogue ÷ bare view", SAME_RUN, 0.6, 0.85, least=True),
    Row("kept course ÷ bare", "kept course ÷ bare view", SAME_RUN, 0.6, 0.85, least=True),
    Row("bare ÷ kept catalogue, CPU", "  the same as CPU, catalogue"),
    Row("bare ÷ kept course, CPU", "  the same as CPU, course"),
    Row("catalogue anew", "catalogue made anew, CPU", OLDER, 0.5, 0.35, unit="ms"),
    Row("course anew", "course made anew, CPU", OLDER, 0.5, 0.35, unit="ms"),
    Row("family page", "family page, one child, CPU", OLDER, 0.45, 0.35, unit="ms"),
    Row("family page, queries", "family page, queries", SAME_RUN, 12, 10),
    Row("empty page", "empty signed-in page, CPU", OLDER, 0.3, 0.2, unit="ms"),
    Row("empty page, queries", "empty signed-in page, queries", SAME_RUN, 0, 0),
    Row("RSS", "a worker after 1,000 requests, RSS", SAME_RUN, 150, 130, unit="MB"),
    Row("PSS", "a worker after 1,000 requests, PSS", SAME_RUN, 120, 90, unit="MB"),
    # 0.2 s ÷ the 15.5 ms of a form at 73b1d20: a time does not gate.
    Row("first request ÷ a later one, CPU", "first form of a worker ÷ a later one, CPU", SAME_RUN, 13, 3),
    Row("first request", "  the first, until it is answered", unit="s"),
    Row("first request, CPU", "  its CPU", unit="ms"),
    Row("wrong ÷ right", "wrong password ÷ right password, CPU", SAME_RUN, 1.05),
)


@dataclass(frozen=True)
class Line:
    """One line of the table: the medians, their ratio (None without an older commit), the verdict."""

    row: Row
    here: float
    older: float | None
    ratio: float | None
    verdict: str

    @property
    def missed(self) -> bool:
        return self.verdict == "MISSED"


def verdict(row: Row, here: float, ratio: float | None) -> str:
    """Return MISSED, held, or reached (the aim too); nothing for a figure that is only told."""
    judged = ratio if row.kind == OLDER else here
    if row.kind == TOLD or row.must is None or judged is None:
        return ""

    def holds(bound: float) -> bool:
        return judged >= bound if row.least else judged <= bound

    if not holds(row.must):
        return "MISSED"
    return "reached" if row.aim is not None and holds(row.aim) else "held"


def ratio_of(here: list[float], older: list[float]) -> float | None:
    """Return the median of the ratios round by round: a busy minute of the machine touches both of a pair."""
    pairs = [(one, other) for one, other in zip(here, older, strict=False) if other]
    return statistics.median(one / other for one, other in pairs) if pairs else None


def lines_of(here: list[dict[str, float]], older: list[dict[str, float]]) -> list[Line]:
    """Return a line for each row that was measured. A round is a dictionary of figures by name."""
    lines = []
    for row in ROWS:
        ours = [one[row.figure] for one in here if row.figure in one]
        theirs = [one[row.figure] for one in older if row.figure in one]
        if not ours:
            continue
        middle = _worst(row, ours) if row.kind == SAME_RUN and not row.aim else statistics.median(ours)
        ratio = ratio_of(ours, theirs)
        before = statistics.median(theirs) if theirs else None
        lines.append(Line(row, middle, before, ratio, verdict(row, middle, ratio)))
    return lines


def _worst(row: Row, figures: list[float]) -> float:
    """What may never happen is judged by its worst round, not by its middle one."""
    if row.figure == "wrong ÷ right":
        return statistics.median(figures)
    return min(figures) if row.least else max(figures)


def shown(lines: list[Line], against: str = "") -> str:
    """Return the table as text, one line a figure."""
    head = f"  {'':<40} {'here':>10} {against or '—':>10} {'ratio':>7}  {'must':>8} {'aim':>6}"
    return "\n".join([head, *(_shown(line) for line in lines)])


def _shown(line: Line) -> str:
    row = line.row
    sign = "≥" if row.least else "≤"
    must = "" if row.must is None else f"{sign} {row.must:g}{'×' if row.kind == OLDER else ''}"
    aim = "" if row.aim is None else f"{row.aim:g}"
    older = "" if line.older is None else _figure(line.older, row.unit)
    ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
    here = _figure(line.here, row.unit)
    return f"  {row.words:<40} {here:>10} {older:>10} {ratio:>7}  {must:>8} {aim:>6}  {line.verdict}".rstrip()


def _figure(value: float, unit: str) -> str:
    digits = 0 if float(value).is_integer() and not unit else 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f} {unit}".strip()
