#!/usr/bin/env bash
# fpdf2 2.8.9 (PyPI; source: FPDF._draw_rounded_rect; seen 2026-11-29, Python 3.11) draws a bar with half-round ends almost square: a corner radius of half the height is taken for a ratio.
#
# rect(..., round_corners=True, corner_radius=r) rounds each corner with radius r as long as r is below half of
# the shorter side. From half of it on, where one would expect a pill or at worst an error, r is divided by the
# shorter side: a bar 10 points high gets a radius of 0.5 instead of 5. A hair less (4.99) is drawn as asked. Met
# when stacked bars with round ends were put on a certificate and came out as boxes.
#
# Output seen (where the upper edge starts, 10 being the left side of the bar)
#   4.99 -> 14.99
#   5    -> 10.5
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "fpdf2==2.8.9"

"$folder/venv/bin/python" - <<'PYTHON' || { echo "The behaviour has changed."; exit 1; }
import re
import sys
from importlib.metadata import version

from fpdf import FPDF


def edge_starts(radius: float) -> float:
    """Return where the upper edge of a bar of 60 by 10 points, 10 from the left, starts."""
    pdf = FPDF(unit="pt")
    pdf.set_compression(False)
    pdf.add_page()
    pdf.rect(10, 10, 60, 10, round_corners=True, corner_radius=radius)
    return float(re.search(rb"([\d.]+) [\d.]+ m\n", bytes(pdf.output()))[1])


found = {radius: edge_starts(radius) for radius in (4.99, 5)}
print("fpdf2", version("fpdf2"))
for radius, start in found.items():
    print(f"{radius:<4} -> {start:g}")
sys.exit(0 if found == {4.99: 14.99, 5: 10.5} else 1)
PYTHON
