"""Reading the demonstration's files: each text in three languages, rich text in a tiny markup of paragraphs,
headings, lists.
"""

import re
from functools import cache
from pathlib import Path

import yaml
from django.utils.html import escape

from home.language.table import LANGUAGES

FOLDER = Path(__file__).resolve().parent

FRENCH = {"fr", "nick_fr", "item", "reason"}  # keys of a text in French
BEFORE, AFTER = re.compile(r" +(?=[?!:;»])"), re.compile("«[ \u00a0\u202f]*")
APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_]|«)")


def typeset(words: str) -> str:
    """French as it is printed: no-break spaces at double signs and quotes, curly apostrophes.

    Only a space already there is made no-break, so 14:00, micro:bit and addresses stay as they are.
    """
    return APOSTROPHE.sub("’", AFTER.sub("«\u00a0", BEFORE.sub("\u00a0", words)))


def _typeset_french(node, key: str = ""):
    """The same content with every French text typeset.

    The equipment's French names are also keys, so keys are typeset as well.
    """
    if isinstance(node, dict):
        return {
            typeset(k) if isinstance(k, str) else k: _typeset_french(value, k) for k, value in node.items()
        }
    if isinstance(node, list):
        return [_typeset_french(value, key) for value in node]
    return typeset(node) if isinstance(node, str) and key in FRENCH else node


@cache
def read(name: str) -> dict:
    """The content of academy/demo/<name>.yaml, its French typeset; read once."""
    return _typeset_french(yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")))


def lessons_of(course: str) -> dict[int, dict]:
    """Lesson number → its written facts (objective, kit, blocks, family sentence); empty for a course nobody
    has written yet.
    """
    if not (FOLDER / "lessons" / f"{course}.yaml").exists():
        return {}
    return {lesson["n"]: lesson for lesson in read(f"lessons/{course}")["lessons"]}


def in_three(field: str, words: dict[str, str]) -> dict[str, str]:
    """Column values of a translated field: name → name_fr, name_ar, name_en."""
    return {f"{field}_{language}": words[language] for language in LANGUAGES}


def rich(items: list[dict], language: str) -> str:
    """Rich text (HTML) of a list of {p}, {h} and {ul}, each with its words in three languages."""
    parts = []
    for item in items:
        if "ul" in item:
            lines = "".join(f"<li>{escape(line[language])}</li>" for line in item["ul"])
            parts.append(f"<ul>{lines}</ul>")
        else:
            tag, words = ("h2", item["h"]) if "h" in item else ("p", item["p"])
            parts.append(f"<{tag}>{escape(words[language])}</{tag}>")
    return "".join(parts)
