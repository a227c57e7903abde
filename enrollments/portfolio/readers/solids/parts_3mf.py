"""One XML part of a 3MF file, read as a stream."""

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray

from enrollments.portfolio.readers.archives import BROKEN
from enrollments.portfolio.readers.faults import CannotRead, FileFault
from enrollments.portfolio.readers.finding import words

CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02 "
PRODUCTION_PATH = "http://schemas.microsoft.com/3dmanufacturing/production/2015/06 path"
VERTEX, TRIANGLE = CORE + "vertex", CORE + "triangle"
PIECE = 256 * 1024  # bytes that are parsed at a time
MOST_XML = 400 * 1024 * 1024
MOST_TRIANGLES = 600_000  # an STL of 25 MB holds 524,284
MOST_VERTICES = 3 * MOST_TRIANGLES
MOST_OBJECTS, MOST_DEPTH = 5_000, 60
UPRIGHT = "1 0 0 0 1 0 0 0 1 0 0 0"

Matrix = NDArray[Any]  # 4 × 3 of float: a point with a 1 behind it, times this


@dataclass(frozen=True)
class Reference:
    """An object that is put somewhere: `path` is the part it is in, empty for the same part."""

    path: str
    object: str
    matrix: Matrix


@dataclass
class Solid:
    """An object of a part: a mesh, or an assembly of other objects."""

    type: str
    points: "array[float]" = field(default_factory=lambda: array("f"))
    triangles: "array[int]" = field(default_factory=lambda: array("I"))
    components: list[Reference] = field(default_factory=list)

    def corners(self) -> NDArray[Any]:
        """Return the triangles as n × 3 × 3 numbers in the unit of the file."""
        points = np.frombuffer(self.points, np.float32).reshape(-1, 3)
        triangles = np.frombuffer(self.triangles, np.uint32).reshape(-1, 3)
        if len(triangles) and (not len(points) or int(triangles.max()) >= len(points)):
            raise CannotRead(FileFault.DAMAGED)
        return points[triangles]


@dataclass
class ModelPart:
    unit: str = "millimeter"
    metadata: dict[str, str] = field(default_factory=dict)
    objects: dict[str, Solid] = field(default_factory=dict)
    build: list[Reference] = field(default_factory=list)


def matrix_of(text: str) -> Matrix:
    """Return a transform; twelve numbers, row by row."""
    try:
        numbers = np.array(text.split(), float)
    except ValueError as fault:
        raise CannotRead(FileFault.DAMAGED) from fault
    if numbers.shape != (12,) or not np.isfinite(numbers).all():
        raise CannotRead(FileFault.DAMAGED)
    return numbers.reshape(4, 3)


class _Reading:
    """The handlers of the parser. What another extension adds is passed over."""

    def __init__(self) -> None:
        self.part, self.open = ModelPart(), Solid("model")
        self.depth = 0
        self.metadata = ""

    def start(self, name: str, given: dict[str, str]) -> None:
        # These two are nearly all there is, so they come first.
        if name == VERTEX:
            self.open.points.extend((float(given["x"]), float(given["y"]), float(given["z"])))
            return
        if name == TRIANGLE:
            self.open.triangles.extend((int(given["v1"]), int(given["v2"]), int(given["v3"])))
            return
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise CannotRead(FileFault.TOO_COMPLEX)
        if name.startswith(CORE) and (handle := HANDLERS.get(name.removeprefix(CORE))):
            handle(self, given)

    def end(self, name: str) -> None:
        if name not in (VERTEX, TRIANGLE):
            self.depth -= 1
            self.metadata = ""

    def text(self, text: str) -> None:
        if self.metadata:
            known = self.part.metadata.get(self.metadata, "")
            self.part.metadata[self.metadata] = words(known + text)

    def model(self, given: dict[str, str]) -> None:
        self.part.unit = given.get("unit", "millimeter")

    def about(self, given: dict[str, str]) -> None:
        self.metadata = given.get("name", "") if len(self.part.metadata) < 50 else ""

    def object(self, given: dict[str, str]) -> None:
        self.open = Solid(given.get("type", "model"))
        self.part.objects[given["id"]] = self.open
        if len(self.part.objects) > MOST_OBJECTS:
            raise CannotRead(FileFault.TOO_COMPLEX)

    def component(self, given: dict[str, str]) -> None:
        self.open.components.append(_reference(given))
        if len(self.open.components) > MOST_OBJECTS:
            raise CannotRead(FileFault.TOO_COMPLEX)

    def item(self, given: dict[str, str]) -> None:
        self.part.build.append(_reference(given))
        if len(self.part.build) > MOST_OBJECTS:
            raise CannotRead(FileFault.TOO_COMPLEX)


HANDLERS: dict[str, Callable[[_Reading, dict[str, str]], None]] = {
    "model": _Reading.model,
    "metadata": _Reading.about,
    "object": _Reading.object,
    "component": _Reading.component,
    "item": _Reading.item,
}


def _reference(given: dict[str, str]) -> Reference:
    path = given.get(PRODUCTION_PATH, "").lstrip("/")
    return Reference(path, given["objectid"], matrix_of(given.get("transform", UPRIGHT)))


def _no_document_type(*_declaration: object) -> None:
    """A document type can declare entities that grow without end. The standard forbids it."""
    raise CannotRead(FileFault.DAMAGED)


def read_part(stream: IO[bytes]) -> ModelPart:
    """Return a part. Raises CannotRead."""
    reading = _Reading()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reading.start, reading.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = reading.text, _no_document_type
    total = 0
    try:
        while piece := stream.read(PIECE):
            total += len(piece)
            if total > MOST_XML:
                raise CannotRead(FileFault.TOO_COMPLEX)
            parser.Parse(piece)
            if (
                len(reading.open.triangles) > 3 * MOST_TRIANGLES
                or len(reading.open.points) > 3 * MOST_VERTICES
            ):
                raise CannotRead(FileFault.TOO_COMPLEX)
        parser.Parse(b"", True)
    except (expat.ExpatError, KeyError, OverflowError, *BROKEN) as fault:
        raise CannotRead(FileFault.DAMAGED) from fault
    return reading.part
