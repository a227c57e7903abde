"""Python: an outline of the source, read by `ast` and never run."""

import ast
import re
import warnings
from collections.abc import Iterator
from typing import IO, Any

from enrollments.portfolio.readers.blocks.ideas import in_order
from enrollments.portfolio.readers.faults import CannotRead, FileFault
from enrollments.portfolio.readers.finding import Finding, names

MOST_BYTES = 512 * 1024  # of source: its tree takes three hundred times as much
MOST_BARS = 12
IDEAS: dict[type[ast.AST], str] = {
    ast.For: "loops",
    ast.While: "loops",
    ast.If: "conditions",
    ast.IfExp: "conditions",
    ast.Match: "conditions",
    ast.Assign: "variables",
    ast.AugAssign: "variables",
    ast.AnnAssign: "variables",
    ast.FunctionDef: "functions",
    ast.ClassDef: "functions",
    ast.List: "lists",
    ast.ListComp: "lists",
}
# Words in what is imported or called: (word, idea).
CALLED = (
    ("random", "random"),
    ("turtle", "pen"),
    ("radio", "radio"),
    ("music", "sounds"),
    ("sound", "sounds"),
    ("speech", "speech"),
    ("display", "display"),
    ("motor", "motors"),
    ("accelerometer", "sensors"),
    ("button", "sensors"),
    ("sensor", "sensors"),
    ("input", "questions"),
)
CODE = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.With)
TYPED_AS = re.compile(rb"coding[:=][ \t]*([-\w.]+)")


def read(file: IO[bytes]) -> Finding:
    """Read a text that is Python beyond doubt: it imports, defines, or repeats something."""
    source = _decoded(file)
    try:
        tree = _parsed(source)
    except SyntaxError as fault:
        raise CannotRead(FileFault.UNKNOWN_KIND) from fault
    if not any(isinstance(node, CODE) for node in tree.body):
        raise CannotRead(FileFault.UNKNOWN_KIND)
    return Finding("python", "py", outline(source))


def read_named(file: IO[bytes]) -> Finding:
    """Read a text that its name calls Python; it may hold a mistake, as a child's program does."""
    source = _decoded(file)
    if not source.strip():
        raise CannotRead(FileFault.EMPTY)
    return Finding("python", "py", outline(source))


def _decoded(file: IO[bytes]) -> str:
    data = file.read(MOST_BYTES + 1)
    if b"\0" in data:
        raise CannotRead(FileFault.UNKNOWN_KIND)
    if len(data) > MOST_BYTES:
        raise CannotRead(FileFault.TOO_COMPLEX)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        declared = TYPED_AS.search(data[:200])
        if declared is None or declared[1].lower() not in {b"latin-1", b"iso-8859-1", b"cp1252"}:
            raise CannotRead(FileFault.UNKNOWN_KIND) from None
        return data.decode("cp1252", "replace")


def _parsed(source: str) -> ast.Module:
    """Return the tree. Raises SyntaxError; CannotRead if it is too deep for Python's own parser."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(source)
    except (MemoryError, RecursionError) as fault:
        raise CannotRead(FileFault.TOO_COMPLEX) from fault
    except ValueError as fault:
        raise SyntaxError from fault


def outline(source: str) -> dict[str, Any]:
    """Return the facts of this source: lines, functions, classes, imports, ideas, and where a mistake is."""
    lines = source.splitlines()
    written = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    facts: dict[str, Any] = {
        "program": "Python",
        "lines": len(written),
        "ideas": [],
        "drawing": {"steps": [_step(line) for line in written[:MOST_BARS]]},
    }
    try:
        tree = _parsed(source)
    except SyntaxError as mistake:
        return facts | {"mistake_line": mistake.lineno or 1}
    nodes = list(ast.walk(tree))
    functions = [node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    imports = [name for node in nodes for name in _imported(node)]
    ideas = {IDEAS[type(node)] for node in nodes if type(node) in IDEAS}
    called = " ".join([*imports, *(_called(node) for node in nodes)]).lower()
    ideas |= {idea for word, idea in CALLED if word in called}
    return facts | {
        "ideas": in_order(ideas),
        "outline": {
            "functions": names(functions),
            "classes": names([node.name for node in nodes if isinstance(node, ast.ClassDef)]),
            "imports": names(imports),
        },
    }


def _step(line: str) -> list[int]:
    """Return a line as a bar of the drawing: how far it is indented, and how long it is, of 24."""
    wide = line.expandtabs(4)
    start = min(12, len(wide) - len(wide.lstrip()))
    return [start, max(2, min(24 - start, len(wide.strip()) // 2))]


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module


def _called(node: ast.AST) -> str:
    """Return the names in a call such as `display.scroll()`, not its arguments."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    parts = []
    while isinstance(function, ast.Attribute):
        parts.append(function.attr)
        function = function.value
    if isinstance(function, ast.Name):
        parts.append(function.id)
    return " ".join(parts)
