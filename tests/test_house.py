"""Architecture and style tests: import layers, templates and CSS, message catalogues, migrations."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command

from academy import messages
from tests.extracted import EXTRACTED, extracted
from tests.sole_writers import WRITERS

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {"home": 0, "courses": 1, "enrollments": 2, "academy": 3}
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MODULES = sorted(
    path for app in FLOORS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts
)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# ---- the staircase


def imported(path: Path):
    """Return the top-level packages a module imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.split(".")[0] if not node.level else path.relative_to(ROOT).parts[0]


def test_imports_go_downstairs_only():
    upstairs = [
        f"{name_of(path)} imports {package}"
        for path in MODULES
        for package in imported(path)
        if package in FLOORS and FLOORS[package] > FLOORS[path.relative_to(ROOT).parts[0]]
    ]
    assert upstairs == []


def test_no_module_is_longer_than_four_hundred_lines():
    everything = [*MODULES, *(ROOT / "tests").rglob("*.py")]
    assert [
        f"{name_of(path)}: {count}"
        for path in everything
        if (count := len(path.read_text().splitlines())) > 400
    ] == []


def test_no_module_is_a_drawer_for_everything():
    drawers = {"utils", "util", "helpers", "services", "managers", "misc", "common"}
    assert [name_of(path) for path in MODULES if path.stem in drawers] == []


def test_a_name_of_a_class_means_one_thing():
    """One meaning for each name in the whole house.

    Refusals are always written with their module, forms belong to one screen.
    """
    shared = {"Command", "Refused", "Reason", "LinkRefused", "LinkReason", "Unreadable"}
    where: dict[str, list[str]] = {}
    for path in MODULES:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and node.name not in shared and not node.name.endswith("Form"):
                where.setdefault(node.name, []).append(name_of(path))
    assert {name: paths for name, paths in where.items() if len(paths) > 1} == {}
    vague = {"Line", "Row", "Item", "Entry", "Class", "Step", "Data", "Info"}  # what kind of line?
    assert vague & where.keys() == set()


def test_one_module_writes_each_scarce_model():
    """Enrollment and PlaceEvent are created by ledger, Meeting by timetable, Child by children, Guardianship
    by guardians, Equivalence by learning.
    """
    assert [path for path in set(WRITERS.values()) if not (ROOT / path).is_file()] == [], (
        "the table must follow a file that moves"
    )
    acts = (
        r"\.objects(?:\.[a-z_]+\([^()]*\))*"
        r"\.(?:create|bulk_create|get_or_create|update_or_create|bulk_update)\("
    )
    texts = {path: path.read_text() for path in MODULES}
    found = [
        f"{name_of(path)} writes {model}"
        for path, text in texts.items()
        for model, writer in WRITERS.items()
        if model in text
        and name_of(path) != writer
        and re.search(rf"\b{model}{acts}|\binsert\(\s*{model}\(", text)
    ]
    assert found == []


def test_a_function_that_locks_rows_opens_its_transaction():
    """SQLite ignores a lock outside a transaction, and so does a test within one; PostgreSQL refuses it."""
    in_the_callers = {
        "diary_of",
        "end_without_class",
        "start_over",
        "locked_row",
        "locked_sessions",
    }  # called under a lock already; the names say so, or the docstring
    bare = [
        f"{name_of(path)}: {node.name}"
        for path in MODULES
        if "management" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and node.name not in in_the_callers
        if ".select_for_update(" in ast.unparse(node) and "atomic" not in ast.unparse(node)
    ]
    assert bare == []


def test_queries_are_compiled_in_these_modules_only():
    """Everything else is a plain queryset: the fence of home/database/compiled.py says why.

    A new name here needs a measured gain.
    """
    under_a_lock = {
        "enrollments/places/admission.py",
        "enrollments/places/eligibility.py",
        "enrollments/places/seat_log.py",
        "enrollments/letters/outbox.py",
        "enrollments/models/consents.py",
        "enrollments/views/family/dashboard.py",
    }
    after_it = {  # the confirmation and the family page, which every family of a rush loads next
        "courses/timetable/pauses.py",
        "courses/timetable/next_classes.py",
        "enrollments/families/agenda.py",
        "enrollments/families/consents.py",
        "enrollments/families/dashboard.py",
        "enrollments/money/receipts.py",
        "enrollments/views/family/enrollments.py",
    }
    every_page = {
        "academy/signed_in.py",
        "home/models.py",
        "home/cms/serving.py",
        "home/templatetags/home_tags.py",
        "courses/catalogue/browse.py",
        "courses/catalogue/course_cards.py",
        "courses/pages/page_context.py",
    }
    asking = {
        name_of(path)
        for path in MODULES
        if re.search(r"\bhome\.database(\.| import )compiled\b", path.read_text())
    }
    assert asking - {"home/database/compiled.py"} == under_a_lock | after_it | every_page


def test_views_of_families_ask_for_their_own_rows_only():
    """In views without a role check, queries on family data start from the user, or from a child already
    found that way (trust 21).
    """
    kept = {
        "Child",
        "Guardianship",
        "Enrollment",
        "PickupPerson",
        "SafetyNote",
        "Barring",
        "Consent",
        "Letter",
        "Certificate",
        "DataCopy",
        "CopyRequest",
        "ErasureAgreement",
        "GuardianInvitation",
        "Equivalence",
        "Recommendation",
        "ReadRecord",
    } | {"Project", "ProjectFile", "ClassPhoto", "ChildInPhoto", "ShowcaseStory"}
    scopes = re.compile(
        r"\.(of|in_care_of)\((request\.)?user\)|\b(guardian|user|invited_by|recipient)=(request\.)?user\b"
        r"|\bchild(__in)?=(child|chosen)\b"
    )
    unscoped, asked = [], 0
    for path in sorted((ROOT / "enrollments" / "views").rglob("*.py")):
        source = path.read_text()
        for view in (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)):
            if any("role_required" in ast.unparse(decorator) for decorator in view.decorator_list):
                continue
            for statement in (
                node for node in ast.walk(view) if isinstance(node, ast.stmt) and not hasattr(node, "body")
            ):
                words = ast.unparse(statement)
                if any(
                    f"{model}.objects" in words or f"get_object_or_404({model}," in words for model in kept
                ):
                    asked += 1
                    if not scopes.search(words):
                        unscoped.append(f"{path.name}: {view.name}: {words[:100]}")
    assert unscoped == []
    assert asked > 10, "the search sees the queries there are"


def test_the_clock_is_read_in_views_and_nowhere_below():
    """Business logic receives the current time; only views, template tags and commands read the clock."""
    rules = [
        "courses/ages.py",
        "courses/standing.py",
        "courses/timetable/clashes.py",
        "courses/timetable/scheduling.py",
        "courses/timetable/publishing.py",
        "enrollments/families/children.py",
        "enrollments/classes/progress.py",
        "enrollments/families/pickup.py",
        "enrollments/families/guardians.py",
        "enrollments/letters/outbox.py",
        "enrollments/privacy/access_log.py",
        "enrollments/families/consents.py",
        "enrollments/families/login_cards.py",
        "enrollments/families/directory.py",
        "enrollments/privacy/data_export.py",
        "enrollments/staff/team.py",
        "enrollments/privacy/erasure.py",
        "enrollments/privacy/retention.py",
        "enrollments/privacy/child_merge.py",
        "enrollments/money/receipts.py",
        *(name_of(path) for path in sorted((ROOT / "enrollments" / "portfolio").glob("*.py"))),
        *(name_of(path) for path in sorted((ROOT / "enrollments" / "learning").glob("*.py"))),
        *(name_of(path) for path in sorted((ROOT / "enrollments" / "places").glob("*.py"))),
    ]
    reads = re.compile(
        r"timezone\.(now|localdate|localtime)\(\)|datetime\.(now|today|utcnow)\(|date\.today\("
    )
    assert [path for path in rules if reads.search((ROOT / path).read_text())] == [], (
        "a file that has moved fails here"
    )


def test_no_day_is_computed_by_the_database():
    """PostgreSQL uses its own zone files (domain §2)."""
    lookups = re.compile(
        r"\w__date\b|__date__|\bTrunc(Date|Day|Week|Month)\b|\bExtract(Hour|Day|WeekDay|Week)\b"
    )
    assert [name_of(path) for path in MODULES if lookups.search(path.read_text())] == []


# ---- templates and style sheets


INLINE = {
    "an inline style": re.compile(r"<style\b|<[a-z][^>]*\sstyle\s*=", re.I),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*application/(?:ld\+)?json)", re.I),
    "an inline handler": re.compile(r"<[a-z][^>]*\s(?:on[a-z]+|hx-on[:a-z-]*)\s*=", re.I),
    "a javascript address": re.compile(r"javascript:", re.I),
    "another host": re.compile(
        r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)\s*=\s*[\"']?(?:https?:)?//", re.I
    ),
}


@pytest.mark.parametrize("fault", INLINE)
def test_no_template_carries(fault):
    """The site's content policy forbids all of it.

    CMS pages are Wagtail's; mail clients load no style sheet.
    """
    letter = {"letters/letter.html", "letters/_head.html"} if fault == "an inline style" else set()
    ours = [path for path in TEMPLATES if "cms" not in path.parts and "/".join(path.parts[-2:]) not in letter]
    assert [name_of(path) for path in ours if INLINE[fault].search(path.read_text())] == []


PHYSICAL = re.compile(
    r"(?:^|[\s;{])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)(?:-\w+)?|left|right|float\s*:\s*(?:left|right)"
    r"|clear\s*:\s*(?:left|right)|text-align\s*:\s*(?:left|right)|border-(?:top|bottom)-(?:left|right)-radius)\s*(?::|;|})",
    re.M,
)


def test_no_style_sheet_names_a_physical_side():
    sheets = [path for app in FLOORS for path in (ROOT / app).rglob("static/**/*.css")]
    assert sheets
    bare = {path: re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S) for path in sheets}
    assert [
        f"{name_of(path)}: {found.group().strip()}"
        for path, text in bare.items()
        for found in PHYSICAL.finditer(text)
    ] == []


# ---- words


@EXTRACTED
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_the_catalogue_is_complete(language):
    """No sentence is missing, fuzzy or stale, or has other placeholders than its source."""
    assert messages.faults(language, extracted()) == []


def test_no_translated_sentence_is_an_f_string():
    calls = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext"}
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) in calls
        and any(
            not isinstance(argument, ast.Constant)
            for argument in node.args[: 2 if "ngettext" in ast.unparse(node.func) else 1]
        )
    ]
    assert found == []


TRANSLATED = re.compile(r"{%\s*(blocktrans\w*)\b.*?{%\s*endblocktrans\w*\s*%}", re.S)
TAGS = re.compile(
    r"{#.*?#}|{%\s*block \w*class\s*%}.*?{%\s*endblock|{%\s*block \w+\s*%}[a-z-]+{%\s*endblock"
    r"|{%\s*comment\b.*?{%\s*endcomment\s*%}|{%.*?%}|{{.*?}}",
    re.S,
)
MARKUP = re.compile(r"<!--.*?-->|<(script|style|svg)\b.*?</\1>|<[^>]*>|&\w+;", re.S)
SPOKEN = re.compile(r"[^\W\d_]{3,}")
SAID = re.compile(r"\b(?:alt|title|placeholder|aria-label|aria-description)\s*=\s*\"([^\"{]*)\"")
NAMES = {"WhatsApp", "Active", "Labs", "MAD", "OpenStreetMap", "ICE"}
THREE_LANGUAGES_AT_ONCE = {
    "templates/400.html",
    "templates/500.html",
    "templates/503.html",
    "templates/429.html",
}  # shown where no language is known


def test_every_sentence_of_a_template_is_asked_of_the_catalogue():
    """A heuristic: a template without its tags, variables and markup contains no words."""
    spoken = []
    for path in TEMPLATES:
        if name_of(path) in THREE_LANGUAGES_AT_ONCE:
            continue
        text = TAGS.sub(" ", TRANSLATED.sub(" ", path.read_text()))
        words = set(SPOKEN.findall(MARKUP.sub(" ", text)))
        words |= {word for said in SAID.findall(text) for word in SPOKEN.findall(said)}
        if words - NAMES:
            spoken.append(f"{name_of(path)}: {' '.join(sorted(words - NAMES))}")
    assert spoken == []


# ---- the database's shape


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_migrations_are_linear_and_named_by_meaning():
    for app in FLOORS:
        names = sorted(path.stem for path in (ROOT / app / "migrations").glob("0*.py"))
        assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
        assert not [name for name in names if "_auto_" in name]


def test_pins_carry_hashes_and_no_address():
    for path in sorted(ROOT.glob("requirements*.txt")):
        text = path.read_text()
        pinned = re.findall(r"^[\w.\[\]-]+==", text, re.M)
        assert pinned and text.count("--hash=") >= len(pinned)
        assert "://" not in text and "--index" not in text


TOP = {
    "academy", "courses", "enrollments", "home", "templates", "tests", "findings", ".ci",
    ".git-blame-ignore-revs", ".gitignore", ".pre-commit-config.yaml", "CHANGELOG.md", "CONTRIBUTING.md",
    "LICENSE", "Makefile", "README.md", "SECURITY.md", "manage.py", "pyproject.toml",
    "requirements-bootstrap.txt", "requirements-bucket.txt", "requirements-dev.txt", "requirements-queue.txt",
    "requirements.txt",
}  # fmt: skip


def test_nothing_else_lies_at_the_top():
    """What a program leaves where it was started, such as a downloaded package, is easily committed."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = listed.stdout.split("\0") if not listed.returncode else []
    names = names or [path.name for path in ROOT.iterdir() if not path.name.startswith(".")]  # no checkout
    assert {name.partition("/")[0] for name in names if name} <= TOP
