"""Imports between files: no circles, and none inside a function without a reason.

The layers are contracts in pyproject.toml. Import-linter compares packages; these tests compare files.
"""

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("home", "courses", "enrollments", "academy")
FILES = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
NOT_A_REASON = re.compile(r"#\s*(noqa\b(:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*)?|type:\s*ignore(\[[\w, -]+\])?)")


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in FILES}


def imports(node: ast.AST, *, inside: bool = False) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """Yield each import below the node, and whether it is inside a function.

    Imports for type checkers are left out.
    """
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, inside
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        else:
            yield from imports(child, inside=inside or isinstance(child, FUNCTIONS))


def targets(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """Yield our modules that an import names: the submodule of that name if there is one, else the module."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in MODULES)
        return
    assert not node.level, "imports are absolute here"
    for alias in node.names:
        submodule = f"{node.module}.{alias.name}"
        if submodule in MODULES:
            yield submodule
        elif node.module in MODULES:
            yield node.module


def test_no_files_import_each_other_in_a_circle():
    """Imports inside functions count: they only hide a circle until the function runs."""
    graph = {
        module: {target for node, _inside in imports(ast.parse(path.read_text())) for target in targets(node)}
        for module, path in MODULES.items()
    }
    assert "home.models" in graph["home.contact.views"], "the search sees an import at the top of a file"
    assert "courses.pages.page_context" in graph["courses.apps"], "and one inside a function"
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = " imports ".join(reversed(error.args[1]))
    else:
        circle = ""
    assert circle == ""


def test_an_import_inside_a_function_says_why():
    """On its own line, in a comment that is more than a code for a checker."""
    silent, seen = [], 0
    for path in FILES:
        source = path.read_text()
        lines = source.splitlines()
        for node, inside in imports(ast.parse(source)):
            if inside:
                seen += 1
                comment = "".join(lines[node.lineno - 1 : node.end_lineno]).partition("#")
                if not NOT_A_REASON.sub("", "".join(comment[1:])).strip(" #-"):
                    silent.append(f"{path.relative_to(ROOT)}:{node.lineno}: {lines[node.lineno - 1].strip()}")
    assert silent == []
    assert seen, "the search sees those of AppConfig.ready"
