"""Measure a mesh: size, volume, how sure the volume is, pieces, plastic.

A mesh is an array of triangles, nine numbers each (three corners), in millimetres.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from enrollments.portfolio.readers.faults import CannotRead, FileFault
from enrollments.portfolio.readers.solids.silhouette import silhouette

Corners = NDArray[Any]  # of float32, n × 9
Indices = NDArray[Any]  # of int64

LARGEST = 100_000.0  # millimetres: beyond it the numbers are no model
PLA = 1.24  # grams per cubic centimetre
INFILL, WALL = 0.15, 1.2  # share of the inside that is filled; millimetres of solid plastic on every side
LINES = 9  # a side: 81 lines through the model look for parts that overlap
SHORTEST = 1e-9


def measured(corners: Corners) -> dict[str, Any]:
    """Return the facts of a mesh. Raises CannotRead if it has no triangle, or numbers that are none."""
    if not len(corners):
        raise CannotRead(FileFault.EMPTY)
    if not np.isfinite(corners).all() or np.abs(corners).max() > LARGEST:
        raise CannotRead(FileFault.DAMAGED)
    points = corners.reshape(-1, 3)
    low = points.min(axis=0).astype(float)
    size = points.max(axis=0).astype(float) - low
    corners = (points - low.astype(corners.dtype)).reshape(-1, 9)  # near zero, numbers are exact
    vertices = numbered(corners)
    is_closed = _is_closed(vertices)
    facts: dict[str, Any] = {
        "triangles": len(corners),
        "size_mm": [round(float(side), 2) for side in size],
        "solids": _pieces(vertices),
        "certainty": "unknown",
        "drawing": silhouette(corners, size),
    }
    if not is_closed:
        return facts
    volume = abs(_volume(corners))
    if volume < SHORTEST:
        return facts
    facts["certainty"] = (
        "about" if _overlaps(corners, size) or volume > float(size.prod()) * 1.001 else "exact"
    )
    facts["volume_cm3"] = round(volume / 1000, 3)
    facts |= plastic(volume, _area(corners))
    return facts


def plastic(volume: float, area: float) -> dict[str, float]:
    """Return grams of PLA for a volume in mm³ and a surface in mm²: solid walls, and infill."""
    walls = min(volume, area * WALL)
    grams = (walls + (volume - walls) * INFILL) / 1000 * PLA
    return {"grams": round(grams, 1), "infill": INFILL, "wall_mm": WALL}


def numbered(corners: Corners) -> Indices:
    """Return triangles as numbers of corners (n × 3): equal corners have one number.

    Rows are compared by a hash of 64 bits, which sorts ten times as fast as rows.
    """
    points = np.ascontiguousarray(corners.reshape(-1, 3), np.float32) + np.float32(0)  # -0 is 0
    bits = points.view(np.uint32).astype(np.uint64)
    mixed = bits[:, 0] * np.uint64(0x9E3779B97F4A7C15)
    for column, factor in ((1, 0xC2B2AE3D27D4EB4F), (2, 0x165667B19E3779F9)):
        mixed = (mixed ^ (mixed >> np.uint64(29))) + bits[:, column] * np.uint64(factor)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
    del bits, points
    _values, numbers = np.unique(mixed, return_inverse=True)
    triangles = numbers.reshape(-1, 3)
    a, b, c = triangles.T
    proper: Indices = triangles[(a != b) & (b != c) & (a != c)]
    return proper


def _is_closed(triangles: Indices) -> bool:
    """Return whether each edge is walked as often one way as the other, so that a volume exists."""
    if not len(triangles):
        return False
    count = int(triangles.max()) + 1
    a, b, c = triangles.T
    walked = np.concatenate([a * count + b, b * count + c, c * count + a])
    walked.sort()
    back = np.concatenate([b * count + a, c * count + b, a * count + c])
    back.sort()
    return bool(np.array_equal(walked, back))


def _pieces(triangles: Indices) -> int:
    """Return how many separate pieces there are: each corner takes the smallest number it is joined to."""
    if not len(triangles):
        return 0
    label = np.arange(int(triangles.max()) + 1)
    a, b, c = triangles.T
    while True:
        least = np.minimum(np.minimum(label[a], label[b]), label[c])
        after = label.copy()
        for corner in (a, b, c):
            np.minimum.at(after, label[corner], least)
            np.minimum.at(after, corner, least)
        while not np.array_equal(jumped := after[after], after):
            after = jumped
        if np.array_equal(after, label):
            return len(np.unique(label[triangles.ravel()]))
        label = after


def _volume(corners: Corners) -> float:
    """Return the volume within the mesh in mm³, negative if its faces look inwards."""
    x, y, z = (corners[:, axis::3].astype(float) for axis in range(3))
    whole = (
        x[:, 0] * (y[:, 1] * z[:, 2] - z[:, 1] * y[:, 2])
        + y[:, 0] * (z[:, 1] * x[:, 2] - x[:, 1] * z[:, 2])
        + z[:, 0] * (x[:, 1] * y[:, 2] - y[:, 1] * x[:, 2])
    )
    return float(whole.sum()) / 6


def _area(corners: Corners) -> float:
    one = corners[:, 3:6] - corners[:, 0:3]
    other = corners[:, 6:9] - corners[:, 0:3]
    return float(np.sqrt((np.cross(one, other).astype(float) ** 2).sum(axis=1)).sum()) / 2


def _overlaps(corners: Corners, size: NDArray[Any]) -> bool:
    """Return whether a line through the model is inside it twice at once: then parts count twice.

    Lines stand upright, at places that no drawing program chooses, so that they meet no edge.
    """
    x, y, z = corners[:, 0::3], corners[:, 1::3], corners[:, 2::3]
    left, right, near, far = x.min(axis=1), x.max(axis=1), y.min(axis=1), y.max(axis=1)
    steps = (np.arange(LINES) + 0.4142135) / LINES
    for across in steps * size[0] * 0.99917 + size[0] * 0.00031:
        column = np.flatnonzero((left < across) & (across < right))
        for along in steps * size[1] * 0.99861 + size[1] * 0.00073:
            met = column[(near[column] < along) & (along < far[column])]
            if len(met) and _is_inside_twice(x[met], y[met], z[met], across, along):
                return True
    return False


def _is_inside_twice(x: Corners, y: Corners, z: Corners, across: float, along: float) -> bool:
    x, y, z = x.astype(float) - across, y.astype(float) - along, z.astype(float)
    # Twice the areas that the line's point cuts from the triangle, seen from above.
    parts = np.stack(
        [
            x[:, 1] * y[:, 2] - x[:, 2] * y[:, 1],
            x[:, 2] * y[:, 0] - x[:, 0] * y[:, 2],
            x[:, 0] * y[:, 1] - x[:, 1] * y[:, 0],
        ]
    )
    whole = parts.sum(axis=0)
    hit = ((parts > 0).all(axis=0) | (parts < 0).all(axis=0)) & (np.abs(whole) > SHORTEST)
    if not hit.any():
        return False
    height = (parts[:, hit] * z[hit].T).sum(axis=0) / whole[hit]
    turns = np.sign(whole[hit])[np.argsort(height, kind="stable")]
    inside = np.cumsum(turns)
    # A line that does not end outside has met an edge after all: it says nothing.
    return bool(inside[-1] == 0 and np.abs(inside).max() > 1)
