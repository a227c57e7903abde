"""The documents name what exists: paths, commands, variables, jobs, links, and the rules that the code refers
to.
"""

import re
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands
from django.urls import resolve

from academy.clockwork import JOBS
from academy.demo.words import read

ROOT = Path(__file__).resolve().parent.parent
DOCS = sorted((ROOT / "academy" / "docs").glob("*.md"))
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")] + DOCS
FENCE = re.compile(r"^```.*?^```$", re.M | re.S)
SPAN = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|md)")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
REFERENCE = re.compile(r"(\w+),?\s+§(\w+)(?:\s+and\s+§(\w+))?")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def spans(path: Path) -> list[str]:
    """What stands between backticks, fenced blocks left out."""
    return SPAN.findall(FENCE.sub("", path.read_text()))


def code_of(path: Path) -> str:
    """Everything that is marked as code: fenced blocks, and what stands between backticks."""
    return "\n".join([*FENCE.findall(path.read_text()), *spans(path)])


def first_cells(section: str) -> list[str]:
    """The first cell of each row in a section of the operations document, where it is code."""
    text = (ROOT / "academy/docs/operations.md").read_text()
    body = re.split(r"^## ", text.partition(f"## {section}\n")[2], maxsplit=1, flags=re.M)[0]
    assert body, f"there is no section {section}"
    return re.findall(r"^\| `(\w+)` \|", body, re.M)


def sources():
    """Every file of ours that may refer to a rule; this one holds patterns, not references."""
    folders = [ROOT / name for name in ("academy", "courses", "enrollments", "home", "templates", "tests")]
    kinds = {".py", ".html", ".txt", ".css", ".js", ".yaml", ".md"}
    found = [
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in kinds and path != Path(__file__)
    ]
    return [*found, ROOT / "Makefile", ROOT / ".ci" / "run", ROOT / "pyproject.toml"]


# ---- the documents themselves


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_path_that_a_document_names_exists(document):
    words = {word.strip("\"'") for span in spans(document) for word in span.replace("=", " ").split()}
    paths = {word for word in words if PATH.fullmatch(word) and not word.startswith(".venv/")}
    assert sorted(path for path in paths if not (ROOT / path).exists()) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_of_a_document_leads_somewhere(document):
    links = [link for link in LINK.findall(FENCE.sub("", document.read_text())) if "://" not in link]
    assert [link for link in links if not (document.parent / link.partition("#")[0]).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_command_that_a_document_names_exists(document):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    code = code_of(document)
    assert sorted(set(re.findall(r"\bmake ([a-z]+)", code)) - targets) == []
    assert sorted(set(re.findall(r"\bmanage\.py ([a-z_]+)", code)) - set(get_commands())) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_screen_that_a_document_names_exists(document):
    """Wagtail answers to what no route of ours takes: the home page and the catalogue are its pages."""
    addresses = {span for span in spans(document) if re.fullmatch(r"/fr/[\w/-]*", span)} - {
        "/fr/",
        "/fr/cours/",
    }
    assert sorted(address for address in addresses if resolve(address).url_name == "wagtail_serve") == []


# ---- the rules


def test_every_rule_that_the_code_refers_to_can_be_read():
    """ "domain §5" is a section of domain.md, "trust 33" an item of requirements.md; no comment points to
    another document.
    """
    sections = set(re.findall(r"^## (\d+)\. ", (ROOT / "academy/docs/domain.md").read_text(), re.M))
    items = set(re.findall(r"^(\d+)\. ", (ROOT / "academy/docs/requirements.md").read_text(), re.M))
    unknown, seen = [], 0
    for path in sources():
        text = path.read_text()
        references = list(REFERENCE.finditer(text))
        seen += len(references)
        if text.count("§") != sum(found[0].count("§") for found in references):
            unknown.append(f"{name_of(path)}: a § without a document")
        for found in references:
            if found[1] != "domain" or not sections.issuperset(filter(None, found.groups()[1:])):
                unknown.append(f"{name_of(path)}: {found[0]}")
        unknown += [
            f"{name_of(path)}: trust {item}"
            for item in re.findall(r"\btrust\s+(\d+)", text)
            if item not in items
        ]
    assert unknown == []
    assert seen > 20, "the search sees the references there are"


def test_the_requirements_are_forty():
    items = re.findall(r"^(\d+)\. ", (ROOT / "academy/docs/requirements.md").read_text(), re.M)
    assert [int(item) for item in items] == list(range(1, 41))


# ---- operations


def test_the_variables_of_the_documents_are_those_that_are_read():
    text = "".join((ROOT / "academy" / name).read_text() for name in ("settings.py", "env.py"))
    asked = set(re.findall(r"\benv\.\w+\(\s*\"([A-Z_]+)\"", text)) | set(
        re.findall(r"\bos\.environ(?:\.get\(|\[)\"([A-Z_]+)\"", text)
    )
    assert sorted(first_cells("Variables")) == sorted(asked)


def test_the_jobs_of_the_documents_are_those_that_run():
    assert first_cells("Scheduled jobs") == [job.name for job in JOBS]


# ---- what stands beside the documents


def test_the_address_for_vulnerabilities_is_the_one_of_the_settings():
    text = (ROOT / "SECURITY.md").read_text()
    assert set(re.findall(r"[\w.]+@[\w.]+\w", text)) == {read("season")["academy"]["email"]}


def test_hooks_download_nothing():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [repository["repo"] for repository in hooks] == ["local"]
    assert [hook["id"] for hook in hooks[0]["hooks"] if hook["language"] != "system"] == []


def test_each_commit_that_blame_skips_is_named_in_full_and_says_what_it_is():
    lines = (ROOT / ".git-blame-ignore-revs").read_text().splitlines()
    commits = [(before, line) for before, line in pairwise(lines) if line and not line.startswith("#")]
    assert commits
    assert [
        line
        for before, line in commits
        if not re.fullmatch(r"[0-9a-f]{40}", line) or not before.startswith("# ")
    ] == []


def test_the_architecture_names_every_package_that_holds_code():
    said = (ROOT / "academy/docs/architecture.md").read_text()
    named = [
        folder.relative_to(ROOT).as_posix()
        for application in ("academy", "home", "courses", "enrollments")
        for folder in sorted((ROOT / application).rglob("*"))
        if (folder / "__init__.py").exists() and any(path.stem != "__init__" for path in folder.glob("*.py"))
    ]
    assert len(named) > 30
    known = {
        "migrations",
        "management",
        "commands",
        "templatetags",
        "formats",
        "ar",
        "en",
        "fr",
    }  # Django's own
    left_out = [path for path in named if path.rpartition("/")[2] not in known and _package(path) not in said]
    assert left_out == []


def _package(path: str) -> str:
    """Return the folder as the tables write it: of a door's pages the package that holds the doors."""
    return "/".join(path.split("/")[:2])
