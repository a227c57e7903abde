"""Message catalogues without system tools: extract, compile, check.

    python -m academy.messages extract   add new sentences to academy/locale/*/LC_MESSAGES/django.po
    python -m academy.messages compile   .po to .mo (not committed)
    python -m academy.messages check     exit 1 if one is missing, fuzzy or stale, or has other placeholders

English is the source language and needs no catalogue.
"""

import re
import sys
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import cast

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract as extract_from
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "academy" / "locale"
SOURCES = ("academy", "enrollments", "courses", "home", "templates")
PLURALS = {
    "fr": "nplurals=2; plural=(n > 1);",
    "ar": (
        "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);"
    ),
}
KEYWORDS = {
    name + lazy: shape
    for name, shape in {
        "gettext": None,
        "ngettext": (1, 2),
        "pgettext": ((1, "c"), 2),
        "npgettext": ((1, "c"), 2, 3),
    }.items()
    for lazy in ("", "_lazy", "_noop")
} | {"_": None}
PLACEHOLDER = re.compile(r"%\((\w+)\)s|%(?!%)[sd]|</?[a-z][^>]*>")


def path_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


# ---- collect


def sentences() -> Catalog:
    """Return every sentence the code and the templates pass to gettext, with its locations."""
    found = Catalog(charset="utf-8")
    for path in source_files():
        where = path.relative_to(ROOT).as_posix()
        for _line, words, comments, context in _sentences_of(path):
            # No line numbers: moving a sentence inside a file changes nothing in the catalogues.
            found.add(words, locations=[(where, 0)], auto_comments=comments, context=context)
    return found


def source_files() -> Iterator[Path]:
    """Yield the project's Python files and templates, in a stable order."""
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if (
                path.suffix in {".py", ".html", ".txt"}
                and "migrations" not in path.parts
                and "static" not in path.parts
            ):
                yield path


def _sentences_of(path: Path) -> Iterator[tuple]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        text = _as_python(text, path)
    yield from extract_from(
        "python", BytesIO(text.encode()), keywords=KEYWORDS, comment_tags=("Translators:",)
    )


def _as_python(template: str, path: Path) -> str:
    """Return a template as Python gettext calls, line by line.

    Everything untranslated becomes blank names.
    """
    calls = templatize(template, origin=str(path))
    return "\n".join(_only_calls(line.strip()) for line in calls.split("\n"))


CALL = re.compile(
    r"""(?<!\w)(?:gettext|ngettext|pgettext|npgettext|_)\((?:[^'"()]|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")*\)"""
)


def _only_calls(line: str) -> str:
    """Return the gettext calls of a line, or its comment, because Python cannot parse the rest."""
    return line if line.startswith("#") else "; ".join(call.group() for call in CALL.finditer(line))


def extract() -> None:
    """Update each catalogue to the sentences of the project. Translations still in use are kept."""
    template = sentences()
    for language in PLURALS:
        path = path_of(language)
        before = path.read_text(encoding="utf-8") if path.exists() else _empty(language)
        catalogue = read_po(StringIO(before), locale=language)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        after = _written(catalogue)
        if after != before:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(after, encoding="utf-8")
        print(f"{language}: {len(template)} sentences, {len(list(_missing(catalogue)))} to translate")


def _empty(language: str) -> str:
    lines = [
        f"Language: {language}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    ]
    lines.append(f"Plural-Forms: {PLURALS[language]}")
    return 'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines)


def _written(catalogue: Catalog) -> str:
    """Return the catalogue as .po in source order.

    The header is ours, without dates, so that only changed sentences change the file.
    """
    body = BytesIO()
    write_po(body, catalogue, width=120, omit_header=True, include_lineno=False, ignore_obsolete=True)
    return _empty(cast(Locale, catalogue.locale).language) + "\n" + body.getvalue().decode().lstrip("\n")


# ---- compile


def compile_all() -> None:
    """Write the .mo next to each .po, without fuzzy entries."""
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        with path.open("rb") as words:
            catalogue = read_po(words, locale=path.parent.parent.name)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        path.with_suffix(".mo").write_bytes(compiled.getvalue())


# ---- check


def _translations(message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple | list) else [message.string]


def _missing(catalogue: Catalog) -> Iterator[str]:
    for message in catalogue:
        if message.id and not all(_translations(message)):
            yield _first(message)


def _first(message) -> str:
    return message.id[0] if isinstance(message.id, tuple | list) else message.id


def _placeholders(text: str) -> set[str]:
    return {found.group() for found in PLACEHOLDER.finditer(text)}


def faults(language: str, template: Catalog | None = None) -> list[str]:
    """Return the errors in that language's catalogue, one line each; empty if it is complete."""
    path = path_of(language)
    if not path.exists():
        return [f"{language}: there is no catalogue (python -m academy.messages extract)"]
    with path.open("rb") as words:
        catalogue = read_po(words, locale=language)
    found = [f"{language}: not translated: {words!r}" for words in _missing(catalogue)]
    found += [
        f"{language}: fuzzy: {_first(message)!r}" for message in catalogue if message.id and message.fuzzy
    ]
    known = {(message.context, _first(message)) for message in catalogue if message.id}
    asked = {(message.context, _first(message)) for message in template or sentences() if message.id}
    found += [
        f"{language}: not in the catalogue: {words!r}" for _context, words in sorted(asked - known, key=str)
    ]
    found += [
        f"{language}: no longer asked for: {words!r}" for _context, words in sorted(known - asked, key=str)
    ]
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        allowed = (
            _placeholders(message.id) if isinstance(message.id, str) else _placeholders(" ".join(message.id))
        )
        for text in filter(None, _translations(message)):
            # A plural form may omit its number ("one child"); other translations need every placeholder of
            # the source.
            wrong = (
                _placeholders(text) ^ allowed
                if isinstance(message.id, str)
                else _placeholders(text) - allowed
            )
            if wrong:
                found.append(f"{language}: placeholders {sorted(wrong)} differ: {_first(message)!r}")
    return found


def check() -> int:
    template = sentences()
    found = [line for language in PLURALS for line in faults(language, template)]
    print("\n".join(found) or "The catalogues are complete.")
    return 1 if found else 0


def main(arguments: list[str]) -> int:
    verbs = {"extract": extract, "compile": compile_all, "check": check}
    if len(arguments) != 1 or arguments[0] not in verbs:
        print(__doc__)
        return 2
    return verbs[arguments[0]]() or 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
