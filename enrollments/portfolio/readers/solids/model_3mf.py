"""3MF: a ZIP of XML parts, placed as the build says and in the unit of the file.

Only what is placed counts: an object that no item of the build names is not printed, and support is not part
of the model. Numbers of objects are those of their part: two parts may use the same ones.
"""

from typing import IO, Any
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from enrollments.portfolio.readers.archives import Archive
from enrollments.portfolio.readers.faults import CannotRead, FileFault
from enrollments.portfolio.readers.finding import Finding
from enrollments.portfolio.readers.solids.parts_3mf import (
    MOST_TRIANGLES,
    Matrix,
    ModelPart,
    Reference,
    Solid,
    read_part,
)
from enrollments.portfolio.readers.solids.shape import measured

TO_MM = {"micron": 0.001, "millimeter": 1.0, "centimeter": 10.0, "inch": 25.4, "foot": 304.8, "meter": 1000.0}
RELATIONSHIPS = "_rels/.rels"
START_PART = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
MOST_RELATIONSHIPS = 256 * 1024  # bytes
MOST_PARTS, MOST_PLACED, DEEPEST = 200, 5_000, 20
NOT_PRINTED = {"support", "solidsupport", "surface", "other"}


class Model:
    """The parts of a file, each read once, when something asks for it."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.paths = {path.lower(): path for path in archive.entries}  # names of parts know no capitals
        self.parts: dict[str, ModelPart] = {}
        self.placed: list[NDArray[Any]] = []
        self.steps = self.triangles = 0

    def part(self, path: str) -> ModelPart:
        stored = self.paths.get(path.lower())
        if stored is None:
            raise CannotRead(FileFault.DAMAGED)
        if stored not in self.parts:
            if len(self.parts) >= MOST_PARTS:
                raise CannotRead(FileFault.TOO_COMPLEX)
            with self.archive.stream(stored) as stream:
                self.parts[stored] = read_part(stream)
        return self.parts[stored]

    def place(self, reference: Reference, within: str, above: Matrix | None, depth: int) -> None:
        """Put an object and its components where they belong. A circle of components ends at a depth."""
        self.steps += 1
        if depth > DEEPEST or self.steps > MOST_PLACED:
            raise CannotRead(FileFault.TOO_COMPLEX)
        path = reference.path or within
        solid = self.part(path).objects.get(reference.object)
        if solid is None:
            raise CannotRead(FileFault.DAMAGED)
        if solid.type in NOT_PRINTED:
            return
        matrix = reference.matrix if above is None else _after(reference.matrix, above)
        if solid.triangles:
            self._place_mesh(solid, matrix)
        for component in solid.components:
            self.place(component, path, matrix, depth + 1)

    def _place_mesh(self, solid: Solid, matrix: Matrix) -> None:
        self.triangles += len(solid.triangles) // 3
        if self.triangles > MOST_TRIANGLES:
            raise CannotRead(FileFault.TOO_COMPLEX)
        corners = solid.corners()
        if not np.array_equal(matrix[:3], np.eye(3)) or matrix[3].any():
            corners = (corners @ matrix[:3].astype(np.float32)) + matrix[3].astype(np.float32)
            if np.linalg.det(matrix[:3]) < 0:  # a mirror turns faces inside out
                corners = corners[:, ::-1]
        self.placed.append(corners.reshape(-1, 9))


def _after(first: Matrix, then: Matrix) -> Matrix:
    """Return the matrix of one transform after the other."""
    turned: Matrix = first @ then[:3]
    turned[3] += then[3]
    return turned


def start_part(archive: Archive) -> str:
    """Return the path of the part that a printer begins with."""
    if RELATIONSHIPS in archive.entries:
        data = archive.read(RELATIONSHIPS, MOST_RELATIONSHIPS)
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise CannotRead(FileFault.DAMAGED)
        try:
            relations = list(ElementTree.fromstring(data))  # noqa: S314 — small, and without a document type
        except ElementTree.ParseError as fault:
            raise CannotRead(FileFault.DAMAGED) from fault
        for relation in relations:
            if relation.get("Type") == START_PART:
                return (relation.get("Target") or "").lstrip("/")
    return "3D/3dmodel.model"


def read(file: IO[bytes]) -> Finding:
    model = Model(Archive(file))
    path = start_part(model.archive)
    part = model.part(path)
    scale = TO_MM.get(part.unit)
    if scale is None:
        raise CannotRead(FileFault.DAMAGED)
    for item in part.build:
        model.place(item, path, None, 0)
    if not model.placed:
        raise CannotRead(FileFault.EMPTY)
    corners = np.concatenate(model.placed)
    model.placed.clear()
    model.parts.clear()
    facts = {
        "program": part.metadata.get("Application", ""),
        "title": part.metadata.get("Title", ""),
        "unit": part.unit,
        "placed": len(part.build),
    }
    return Finding("model_3mf", "3mf", facts | measured(corners * np.float32(scale)))
