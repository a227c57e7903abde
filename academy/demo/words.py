"""Reading the demonstration's files: each text in three languages, rich text in a tiny markup of paragraphs, headings, lists."""

from functools import cache
from pathlib import Path

import yaml
from django.utils.html import escape

FOLDER = Path(__file__).resolve().parent
LANGUAGES = ("fr", "ar", "en")


@cache
def read(name: str) -> dict:
    """The content of academy/demo/<name>.yaml; read once."""
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def lessons_of(course: str) -> dict[int, dict]:
    """Lesson number → its written facts (objective, kit, blocks, family sentence); empty for a course nobody has written yet."""
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
