"""Say what a file shows, in the words of a family and in the active language."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from home.language.dates import NO_BREAK
from home.language.isolates import apart, left_to_right
from home.language.lists import labelled, listed

MOST_NAMED = 6  # names of a list that are said


class FileKind(StrEnum):
    """What a file is, by its content."""

    SCRATCH3 = "scratch3"
    SCRATCH_SPRITE = "scratch_sprite"
    SCRATCH2 = "scratch2"
    SCRATCH1 = "scratch1"
    MBLOCK = "mblock"
    LEGO = "lego"
    MICROBIT_MAKECODE = "microbit_makecode"
    MICROBIT_PYTHON = "microbit_python"
    MICROBIT_HEX = "microbit_hex"
    PYTHON = "python"
    STL = "stl"
    MODEL_3MF = "model_3mf"
    PICTURE = "picture"
    PDF = "pdf"


KINDS: dict[FileKind, str | Promise] = {
    FileKind.SCRATCH3: gettext_lazy("Scratch project"),
    FileKind.SCRATCH_SPRITE: gettext_lazy("Scratch sprite"),
    FileKind.SCRATCH2: gettext_lazy("Scratch 2 project"),
    FileKind.SCRATCH1: gettext_lazy("Scratch 1.4 project"),
    FileKind.MBLOCK: gettext_lazy("mBlock project"),
    FileKind.LEGO: gettext_lazy("LEGO robot project"),
    FileKind.MICROBIT_MAKECODE: gettext_lazy("micro:bit project"),
    FileKind.MICROBIT_PYTHON: gettext_lazy("micro:bit program in Python"),
    FileKind.MICROBIT_HEX: gettext_lazy("micro:bit program"),
    FileKind.PYTHON: gettext_lazy("Python program"),
    FileKind.STL: gettext_lazy("3D model"),
    FileKind.MODEL_3MF: gettext_lazy("3D model"),
    FileKind.PICTURE: gettext_lazy("Picture"),
    FileKind.PDF: gettext_lazy("PDF document"),
}
# Codes of readers/blocks/ideas.py.
IDEAS: dict[str, str | Promise] = {
    "loops": gettext_lazy("loops"),
    "conditions": gettext_lazy("conditions"),
    "variables": gettext_lazy("variables"),
    "lists": gettext_lazy("lists"),
    "messages": gettext_lazy("messages"),
    "events": gettext_lazy("events"),
    "own_blocks": gettext_lazy("own blocks"),
    "functions": gettext_lazy("functions"),
    "clones": gettext_lazy("clones"),
    "random": gettext_lazy("chance"),
    "questions": gettext_lazy("questions and answers"),
    "sensors": gettext_lazy("sensors"),
    "motors": gettext_lazy("motors"),
    "lights": gettext_lazy("lights"),
    "display": gettext_lazy("display"),
    "movement": gettext_lazy("movement"),
    "looks": gettext_lazy("costumes and speech bubbles"),
    "sounds": gettext_lazy("sounds"),
    "pen": gettext_lazy("drawing"),
    "maths": gettext_lazy("calculations"),
    "radio": gettext_lazy("radio"),
    "camera": gettext_lazy("camera"),
    "speech": gettext_lazy("spoken words"),
    "translation": gettext_lazy("translation"),
}


def words(kind: str, facts: dict[str, Any]) -> list[str]:
    """Return lines for a family: what it is, how much is in it, which ideas it uses, how large a model is."""
    lines = [_first(kind, facts), *_model(facts), *_program(kind, facts)]
    return [line for line in lines if line]


def _first(kind: str, facts: dict[str, Any]) -> str:
    """Return "Scratch project: 38 blocks, 3 sprites"."""
    counts = listed(_counts(facts))
    name = KINDS[FileKind(kind)]
    # Isolated: "mBlock: 23" would be one run from left to right inside Arabic.
    return labelled(apart(str(name)), counts) if counts else str(name)


def _counts(facts: dict[str, Any]) -> Iterator[str]:
    blocks, sprites, lines = facts.get("blocks"), facts.get("sprites"), facts.get("lines")
    if blocks is not None:
        yield ngettext("%(count)s block", "%(count)s blocks", blocks) % {"count": blocks}
    if sprites:
        yield ngettext("%(count)s sprite", "%(count)s sprites", sprites) % {"count": sprites}
    if lines:
        yield ngettext("%(count)s line of code", "%(count)s lines of code", lines) % {"count": lines}
    if facts.get("size_mm"):
        yield dimensions(facts["size_mm"])


def dimensions(size: list[float]) -> str:
    """Return "42 × 30 × 12 mm" on one line, isolated so that Arabic text does not turn it round."""
    run = f"{NO_BREAK}×{NO_BREAK}".join(_rounded(side) for side in size)
    return _("%(size)s mm") % {"size": left_to_right(run)}


def grams(weight: int) -> str:
    """Return "90 g" on one line."""
    return _("%(grams)s g") % {"grams": weight}


def grams_changed(weight: int) -> str:
    """Return "+90 g" or "-90 g" on one line: in Arabic, too, the sign stands before the number."""
    return _("%(grams)s g") % {"grams": left_to_right(f"{weight:+d}")}


def _rounded(value: float) -> str:
    """Return a number as people say it: 0.4 (0,4 in French), 12, 130."""
    places = 1 if value < 10 and round(value, 1) % 1 else 0
    return number_format(round(value, places), decimal_pos=places, use_l10n=True, force_grouping=False)


def _model(facts: dict[str, Any]) -> Iterator[str]:
    if "size_mm" not in facts:
        return
    yield _weight(facts)
    if facts.get("fits") is not None:
        yield _("Small enough for our printer") if facts["fits"] else _("Too large for our printer")
    pieces = facts.get("solids", 1)
    if pieces > 1:
        yield ngettext("%(count)s separate piece", "%(count)s separate pieces", pieces) % {"count": pieces}


def _weight(facts: dict[str, Any]) -> str:
    """Return the plastic, or why it cannot be told."""
    if facts.get("certainty") == "unknown":
        return _("Its surface has holes, so its volume and weight cannot be told.")
    if facts["grams"] < 1:
        return _("Less than 1 g of PLA")
    grams = round(facts["grams"])
    if facts.get("certainty") == "about":
        return _("Parts of it overlap: at most about %(grams)s g of PLA.") % {"grams": grams}
    told = {"grams": grams, "infill": round(100 * facts["infill"]), "wall": _rounded(facts["wall_mm"])}
    return _("About %(grams)s g of PLA with walls of %(wall)s mm and %(infill)s%% infill") % told


def _program(kind: str, facts: dict[str, Any]) -> Iterator[str]:
    if ideas := [IDEAS[code] for code in facts.get("ideas", []) if code in IDEAS]:
        yield labelled(_("Ideas used"), listed(ideas))
    if facts.get("own_blocks"):
        yield labelled(_("Own blocks"), _named(facts["own_blocks"]))
    if functions := facts.get("outline", {}).get("functions"):
        yield labelled(_("Functions"), _named(functions))
    if facts.get("mistake_line"):
        yield _("Python finds a mistake on line %(line)s.") % {"line": facts["mistake_line"]}
    if made_with := _made_with(kind, facts):
        yield labelled(_("Made with"), _apart(made_with))


def _made_with(kind: str, facts: dict[str, Any]) -> str:
    """Return the program with its version. A project of Scratch 3 stores the number of the machine that runs
    it ("0.2.0-prerelease"), which no child has seen: "Scratch 3" then, or the name of another program.
    """
    program, version = facts.get("program", ""), facts.get("program_version", "")
    if kind == FileKind.SCRATCH3:
        version = "3" if program == "Scratch" else ""
    return " ".join(filter(None, [program, version]))


def _named(names: list[str]) -> str:
    return listed(map(_apart, names[:MOST_NAMED]))


def _apart(name: str) -> str:
    """Isolate a name from a file: it may run in any direction, and hold marks that turn text."""
    return apart("".join(letter for letter in name if letter.isprintable()))
