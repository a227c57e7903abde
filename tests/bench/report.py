"""What a run measured, written into academy/docs/performance.md: `make bench ARGS="… --write"`.

Between two comments of that page stands what this module writes; what is around them is written by hand.
"""

import os
import platform
import re
from datetime import date
from pathlib import Path

from tests.bench.growth import LIMIT, WORLDS
from tests.bench.trees import ROOT

PAGE = ROOT / "academy" / "docs" / "performance.md"
CURVES = ROOT / "academy" / "docs" / "growth.svg"
SIZES = {"history": {"demo": 1, "history10": 10, "history": 30}, "term": {"demo": 1, "term3": 3, "term": 10}}
INKS = {"history": "#1d5fd1", "term": "#b4470f"}
WIDTH, HEIGHT, ACROSS, MARGIN = 200, 130, 4, 26  # of one small chart, in pixels
TOP = 2.0  # times the first size: what is above it is drawn at the upper edge, with its figure


def write(part: str, text: str) -> None:
    """Replace that part of the page."""
    page = PAGE.read_text()
    found = re.compile(rf"(<!-- {part} -->\n).*?(<!-- end of {part} -->)", re.S)
    if not found.search(page):
        raise SystemExit(f"{PAGE.name} has no place for {part}")
    PAGE.write_text(found.sub(lambda at: f"{at[1]}{text.strip()}\n{at[2]}", page))


def measured_on() -> str:
    """Return day and machine, as they matter to a figure."""
    listed = Path("/proc/cpuinfo")
    named = re.search(r"model name\s*: (.+)", listed.read_text()) if listed.exists() else None
    processor = f"{os.cpu_count()} cores, {named[1] if named else platform.processor()}"
    return f"{date.today().isoformat()}, {processor}, Python {platform.python_version()}"


def table(shown: str, rounds: int) -> str:
    """Return the table of a run as it was printed."""
    often = "one round" if rounds == 1 else f"medians of {rounds} rounds"
    return f"Measured {measured_on()}; {often}.\n\n```\n{shown}\n```"


def growth(columns: dict[str, dict]) -> str:
    """Return the table of growth, and draw its curves. `columns`: figures by page, by name of the column."""
    CURVES.write_text(drawn(columns))
    ours = [name for name in WORLDS.values() if name in columns]
    lines = [
        f"Measured {measured_on()}. CPU in ms, and queries, of one request.",
        "",
        "![CPU of each page against the size of the data](growth.svg)",
        "",
        "| page | " + " | ".join(ours) + " |",
        "|---|" + "---|" * len(ours),
    ]
    for page in columns[ours[0]]:
        cells = [f"{columns[name][page]['cpu']:.1f}, {columns[name][page]['queries']}" for name in ours]
        lines.append(f"| {page} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def drawn(columns: dict[str, dict]) -> str:
    """Return one small chart for each page: CPU against the first size, over a logarithm of the size."""
    pages = list(columns[WORLDS["demo"]])
    rows = -(-len(pages) // ACROSS)
    width, height = ACROSS * WIDTH, rows * HEIGHT + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"',
        ' font-family="sans-serif" font-size="11">',
        "<title>CPU of each page against the size of the data, as a multiple of the first size</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="8" y="16" fill="{INKS["history"]}">— 1, 10, 30 × the history</text>',
        f'<text x="188" y="16" fill="{INKS["term"]}">— 1, 3, 10 × one term</text>',
        f'<text x="348" y="16" fill="#666">- - the bound, {LIMIT} ×</text>',
    ]
    for number, page in enumerate(pages):
        left, top = number % ACROSS * WIDTH, number // ACROSS * HEIGHT + MARGIN
        parts += _chart(page, columns, left, top)
    return "\n".join([*parts, "</svg>", ""])


def _chart(page: str, columns: dict[str, dict], left: int, top: int) -> list[str]:
    inner, floor = WIDTH - 60, top + HEIGHT - 14

    def height_of(times: float) -> float:
        return round(floor - min(times, TOP) / TOP * (HEIGHT - 40), 1)

    bound = height_of(LIMIT)
    parts = [
        f'<text x="{left + 8}" y="{top + 14}" fill="#111">{page}</text>',
        f'<path d="M{left + 8} {floor}h{inner}" stroke="#999"/>',
        f'<path d="M{left + 8} {bound}h{inner}" stroke="#666" stroke-dasharray="3 3"/>',
    ]
    first = columns[WORLDS["demo"]][page]["cpu"]
    labels: list[float] = []
    for kind, sizes in SIZES.items():
        points = []
        for place, (world, _size) in enumerate(sizes.items()):
            if WORLDS[world] in columns:
                times = columns[WORLDS[world]][page]["cpu"] / first
                points.append((left + 8 + place * inner // 2, height_of(times), times))
        line = " ".join(f"{x},{y}" for x, y, _times in points)
        x, y, times = points[-1]
        while any(abs(y - other) < 11 for other in labels):
            y += 11
        labels.append(y)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{INKS[kind]}" stroke-width="2"/>')
        parts.append(f'<text x="{x + 4}" y="{y + 4}" fill="{INKS[kind]}">{times:.2f} ×</text>')
    return parts
