"""Refusals: every reason is used, and has a sentence wherever reasons are told apart."""

import ast
import importlib
import pkgutil
import re
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest

import academy
import courses
import enrollments
import home
from home.refusals import CodedRefusal, Refusal

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = (home, courses, enrollments, academy)
FAULTS = {
    "academy.backups.ending.NoRecentBackup",  # shown by the scheduled jobs
    "academy.copying.CopiesFailed",  # told to the log by the scheduled jobs
    "home.one_shot.NotHandedOut",  # told to the log by the scheduled jobs, as the next two
    "home.task_queue.NobodyWorks",
    "home.task_queue.TasksFailed",
    "home.task_queue.TaskFailed",  # what Redis keeps of what a task raised
    "academy.warming.CannotWarm",  # told to the log: nobody has asked for the page
    "enrollments.privacy.build_turn.Taken",  # another process makes the same copy; this one goes on
    "enrollments.families.safety_notes.Unreadable",  # not a no: a note that is there and cannot be read
    "enrollments.portfolio.readers.faults.CannotRead",  # of a process that knows nothing of ours
}
LINKS = {  # templates that tell reasons apart, and the enum they read
    "enrollments/links/guardian_invitation.html": ("fault", "enrollments.families.guardians.LinkReason"),
    "enrollments/links/team_invitation.html": ("fault", "enrollments.staff.team.LinkReason"),
    "enrollments/family/erase_account.html": ("why_not", "enrollments.privacy.erasure.Reason"),
}


def modules():
    """Every module of the house but migrations and management commands."""
    for app in APPS:
        for found in pkgutil.walk_packages(app.__path__, f"{app.__name__}."):
            if not re.search(r"\.(migrations|management|wsgi)\b", found.name):
                yield importlib.import_module(found.name)


def trees():
    for module in modules():
        path = Path(module.__file__)
        yield module, ast.parse(path.read_text())


def refusals(kind: type = Refusal) -> set[type]:
    list(modules())
    found = set(kind.__subclasses__())
    return found.union(*(refusals(one) for one in found)) - {CodedRefusal}


def codes_of(refusal: type) -> type[StrEnum]:
    """The enum a refusal is made with."""
    return get_args(refusal.__orig_bases__[0])[0]


def name_of(found: type) -> str:
    return f"{found.__module__}.{found.__qualname__}"


CODED = sorted(refusals(CodedRefusal), key=name_of)


def test_every_exception_of_the_house_is_a_refusal():
    made = {
        f"{module.__name__}.{node.name}"
        for module, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base) in {"Exception", "ValueError"} for base in node.bases)
    }
    assert made == {name_of(Refusal)} | FAULTS


def test_a_refusal_with_reasons_is_named_with_its_module():
    imported = [
        f"{module.__name__} imports {alias.name} of {node.module}"
        for module, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in {"Refused", "Reason", "LinkRefused", "LinkReason"}
    ]
    assert imported == []
    assert {refusal.__name__ for refusal in CODED} == {"Refused", "LinkRefused", "Unreadable"} and len(
        CODED
    ) > 12


def test_a_refusal_says_its_sentence_or_its_code():
    for refusal in CODED:
        code = next(iter(codes_of(refusal)))
        said = refusal(code)
        assert (said.code, str(said)) == (code, code.value)
    scheduling = importlib.import_module("courses.timetable.scheduling")
    said = scheduling.Refused(scheduling.Reason.CLASH, "The room is taken.")
    assert (said.code, str(said)) == ("clash", "The room is taken.")


def test_what_is_raised_is_a_member_of_the_enum():
    """Also that no exception is raised without one; a value that a rule found (`fault_of`) is a member by its
    type.
    """
    raised, wrong = 0, []
    for module, tree in trees():
        for node in (node for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc):
            called = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            try:
                kind = eval(ast.unparse(called), vars(module))
            except NameError:
                continue  # a name within a function
            if not (isinstance(kind, type) and issubclass(kind, CodedRefusal)):
                continue
            raised += 1
            first = node.exc.args[0] if isinstance(node.exc, ast.Call) and node.exc.args else None
            if isinstance(first, ast.Attribute):
                if not isinstance(eval(ast.unparse(first), vars(module)), codes_of(kind)):
                    wrong.append(f"{module.__name__}:{node.lineno}")
            elif not isinstance(first, ast.Name | ast.Starred):
                wrong.append(f"{module.__name__}:{node.lineno}")
    assert wrong == [] and raised > 40


@pytest.mark.parametrize("refusal", CODED, ids=name_of)
def test_every_reason_is_used(refusal):
    codes = codes_of(refusal)
    source = "\n".join(
        Path(module.__file__).read_text() for module in modules() if codes in vars(module).values()
    )
    others = "\n".join(Path(module.__file__).read_text() for module in modules())
    name = f"{refusal.__module__.rpartition('.')[2]}.{codes.__name__}"
    used = set(re.findall(rf"\b{codes.__name__}\.([A-Z_]+)", source)) | set(
        re.findall(rf"\b{name}\.([A-Z_]+)", others)
    )
    assert {code.name for code in codes} <= used


def tables():
    """The dictionaries at the top of a module whose keys are reasons: (name, enum, table)."""
    for module in modules():
        for name, table in vars(module).items():
            if isinstance(table, dict) and table:
                kinds = {type(key) for key in table}
                if len(kinds) == 1 and (kind := kinds.pop()) in {codes_of(refusal) for refusal in CODED}:
                    yield f"{module.__name__}.{name}", kind, table


def test_a_table_of_sentences_has_one_for_each_reason():
    found = list(tables())
    assert len(found) >= 9, "the search sees the tables there are"
    assert [
        name for name, kind, table in found if set(table) != set(kind) or not all(map(str, table.values()))
    ] == []


def test_a_reason_is_never_looked_up_in_a_table_without_it():
    """`refusal.code` as a key stands only beside a table that the test above has seen."""
    known = {name.rpartition(".")[2] for name, _kind, _table in tables()}
    asked = {
        (module.__name__, ast.unparse(node.value))
        for module, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and ast.unparse(node.slice) == "refusal.code"
    }
    assert len(asked) >= 8 and [one for one in sorted(asked) if one[1] not in known] == []


@pytest.mark.parametrize("template", LINKS)
def test_a_template_that_tells_reasons_apart_knows_them_and_has_words_for_the_rest(template):
    variable, enum = LINKS[template]
    module, _dot, name = enum.rpartition(".")
    codes = {code.value for code in getattr(importlib.import_module(module), name)}
    source = (ROOT / "templates" / template).read_text()
    told = set(re.findall(rf'\b{variable} == "(\w*)"', source))
    assert told and told <= codes
    assert re.search(rf"{{% else %}}|{{% elif {variable} %}}", source)


def test_no_other_template_reads_a_reason():
    codes = {code.value for refusal in CODED for code in codes_of(refusal)}
    reading = {
        path.relative_to(ROOT / "templates").as_posix()
        for path in (ROOT / "templates").rglob("*.html")
        if codes & set(re.findall(r'\b(?:fault|why_not|refused|refusal\.code) == "(\w+)"', path.read_text()))
    }
    assert reading == set(LINKS)
