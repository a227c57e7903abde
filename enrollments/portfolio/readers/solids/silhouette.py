"""Draw a model as a printer would: layers of rounded bars, in a grid of at most 48 × 32."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

COLUMNS, ROWS = 48, 32
SAMPLES = 120_000  # points on the surface
MOST_BARS = 320


def silhouette(corners: NDArray[Any], size: NDArray[Any]) -> dict[str, Any]:
    """Return {columns, rows, layers}: each layer is a bar [row from above, first column, last column].

    The model is looked at along its shortest side, so that a key ring is seen from above.
    """
    flat = int(np.argmin(size))
    across, up = [axis for axis in range(3) if axis != flat]
    wide, high = float(size[across]) or 1.0, float(size[up]) or 1.0
    scale = min(COLUMNS / wide, ROWS / high)
    columns, rows = max(1, min(COLUMNS, round(wide * scale))), max(1, min(ROWS, round(high * scale)))
    points = _on_surface(corners, across, up)
    x = np.clip((points[:, 0] / wide * columns).astype(int), 0, columns - 1)
    y = np.clip((points[:, 1] / high * rows).astype(int), 0, rows - 1)
    grid = np.zeros((rows, columns), bool)
    grid[rows - 1 - y, x] = True
    return {"columns": columns, "rows": rows, "layers": _bars(grid)}


def _on_surface(corners: NDArray[Any], across: int, up: int) -> NDArray[Any]:
    """Return points of the triangles as seen in this view, evenly spread; the same ones every time."""
    a, b, c = (corners[:, [first + across, first + up]].astype(np.float32) for first in (0, 3, 6))
    one, other = b - a, c - a
    seen = np.abs(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]).astype(float)
    if not seen.sum():
        return np.concatenate([a, b, c])
    chance = np.random.default_rng(0)
    edges = np.cumsum(seen)
    chosen = np.minimum(np.searchsorted(edges, chance.random(SAMPLES) * edges[-1]), len(seen) - 1)
    s, t = chance.random((2, SAMPLES, 1), dtype=np.float32)
    beyond = s + t > 1
    s, t = np.where(beyond, 1 - s, s), np.where(beyond, 1 - t, t)
    points: NDArray[Any] = a[chosen] + s * one[chosen] + t * other[chosen]
    return points


def _bars(grid: NDArray[Any]) -> list[list[int]]:
    bars: list[list[int]] = []
    for row, cells in enumerate(grid):
        ends = np.flatnonzero(np.diff(np.concatenate([[0], cells.astype(np.int8), [0]])))
        bars += [[row, int(first), int(last) - 1] for first, last in ends.reshape(-1, 2)]
    return bars[:MOST_BARS]
