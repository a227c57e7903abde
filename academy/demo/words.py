"""Read the demo content files: texts in three languages, rich text in a small markup of paragraphs, headings
and lists.
"""

import re
from functools import cache
from pathlib import Path

import yaml
from django.utils.html import escape

from home.language.table import LANGUAGES

FOLDER = Path(__file__).resolve().parent

FRENCH = {"fr", "nick_fr", "item", "reason"}  # keys of French texts
BEFORE, AFTER = re.compile(r" +(?=[?!:;»])"), re.compile("«[ \u00a0\u202f]*")
APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_]|«)")


def typeset(words: str) -> str:
    """Typeset French text: no-break spaces at two-part punctuation and quotes, curly apostrophes.

    Only existing spaces become no-break spaces, so 14:00, micro:bit and addresses stay unchanged.
    """
    return APOSTROPHE.sub("’", AFTER.sub("«\u00a0", BEFORE.sub("\u00a0", words)))


def _typeset_french(node, key: str = ""):
    """Return the same content with every French text typeset.

    The equipment's French names are also keys, so keys are typeset too. What lies under a French key (the
    title and the body of a policy) is French.
    """
    if isinstance(node, dict):
        return {
            typeset(k) if isinstance(k, str) else k: _typeset_french(value, key if key in FRENCH else k)
            for k, value in node.items()
        }
    if isinstance(node, list):
        return [_typeset_french(value, key) for value in node]
    return typeset(node) if isinstance(node, str) and key in FRENCH else node


@cache
def read(name: str) -> dict:
    """Return the content of academy/demo/<name>.yaml, its French typeset. Cached."""
    return _typeset_french(yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")))


def lessons_of(course: str) -> dict[int, dict]:
    """Return a course's written lesson data by lesson number (objective, kit, blocks, summary); empty if
    nothing is written yet.
    """
    if not (FOLDER / "lessons" / f"{course}.yaml").exists():
        return {}
    return {lesson["n"]: lesson for lesson in read(f"lessons/{course}")["lessons"]}


def in_three(field: str, words: dict[str, str]) -> dict[str, str]:
    """Return the column values of a translated field: name → name_fr, name_ar, name_en."""
    return {f"{field}_{language}": words[language] for language in LANGUAGES}


def rich(items: list[dict], language: str) -> str:
    """Return rich text (HTML) from a list of {p}, {h} and {ul}, each in three languages."""
    parts = []
    for item in items:
        if "ul" in item:
            lines = "".join(f"<li>{escape(line[language])}</li>" for line in item["ul"])
            parts.append(f"<ul>{lines}</ul>")
        else:
            tag, words = ("h2", item["h"]) if "h" in item else ("p", item["p"])
            parts.append(f"<{tag}>{escape(words[language])}</{tag}>")
    return "".join(parts)
