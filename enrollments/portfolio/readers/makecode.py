"""A project of MakeCode: its blocks as Blockly stores them, or its text."""

import re
from collections import Counter
from typing import Any
from xml.parsers import expat

from enrollments.portfolio.readers import python_source
from enrollments.portfolio.readers.blocks.ideas import bars, in_order
from enrollments.portfolio.readers.finding import names

MOST_DEPTH = 2_000
# How a block's name begins: (group, idea), the first that fits.
KINDS = (
    ("pxt-on-start", "basic", ""),
    ("device_forever", "basic", "loops"),
    ("controls_repeat", "loops", "loops"),
    ("controls_for", "loops", "loops"),
    ("pxt_controls_for", "loops", "loops"),
    ("device_while", "loops", "loops"),
    ("every_interval", "loops", "loops"),
    ("controls_if", "logic", "conditions"),
    ("logic_", "logic", ""),
    ("variables_", "variables", "variables"),
    ("lists_", "list", "lists"),
    ("array_", "list", "lists"),
    ("device_random", "math", "random"),
    ("math_", "math", "maths"),
    ("function_", "own", "functions"),
    ("procedures_", "own", "functions"),
    ("radio_", "radio", "radio"),
    ("device_play", "music", "sounds"),
    ("music_", "music", "sounds"),
    ("playable_", "music", "sounds"),
    ("device_button_event", "input", "events"),
    ("device_gesture_event", "input", "events"),
    ("device_pin_event", "input", "events"),
    ("device_show", "basic", "display"),
    ("basic_", "basic", "display"),
    ("device_clear_display", "basic", "display"),
    ("device_plot", "led", "lights"),
    ("device_unplot", "led", "lights"),
    ("led_", "led", "lights"),
    ("device_get_", "pins", ""),
    ("device_set_", "pins", ""),
    ("pins_", "pins", ""),
    ("input_", "input", "sensors"),
    ("device_", "input", "sensors"),
)
# What is only a name inside another block is no block of its own, as in Scratch.
NAMES = {"variables_get", "variables_get_reporter"}
TEXT = (
    (r"\b(for|while|forever|repeat)\b", "loops"),
    (r"\bif\b", "conditions"),
    (r"\blet\b", "variables"),
    (r"\bfunction\b", "functions"),
    (r"\bradio\.", "radio"),
    (r"\bmusic\.", "sounds"),
    (r"\bbasic\.show", "display"),
    (r"\binput\.on", "events"),
)


def facts(files: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of the files of a project: `main.blocks` first, then Python, then TypeScript."""
    texts = {name: text for name, text in files.items() if isinstance(text, str)}
    found = _blocks(texts.get("main.blocks", ""))
    if found:
        return found | {"source_name": "main.blocks"}
    if texts.get("main.py", "").strip():
        return python_source.outline(texts["main.py"]) | {"source_name": "main.py"}
    source = texts.get("main.ts", "")
    lines = [line for line in source.splitlines() if line.strip() and not line.lstrip().startswith("//")]
    ideas = {idea for pattern, idea in TEXT if re.search(pattern, source)}
    return {"lines": len(lines), "ideas": in_order(ideas), "source_name": "main.ts"}


class _Counter:
    """Counts the blocks of a workspace. `<shadow>` is what a child may overwrite, and no block."""

    def __init__(self) -> None:
        self.blocks = self.scripts = 0
        self.groups: Counter[str] = Counter()
        self.ideas: set[str] = set()
        self.own: list[str] = []
        self.opened: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.opened.append(tag)
        if len(self.opened) > MOST_DEPTH:
            raise ValueError("too deep")
        if tag == "mutation" and "name" in attributes and "functionid" in attributes:
            self.own.append(attributes["name"])
        if tag != "block":
            return
        kind = attributes.get("type", "")
        group, idea = next(
            ((group, idea) for word, group, idea in KINDS if kind.startswith(word)), ("other", "")
        )
        self.ideas |= {idea} - {""}
        if kind in NAMES:
            return
        self.blocks += 1
        self.scripts += "block" not in self.opened[:-1]
        self.groups[group] += 1

    def end(self, _tag: str) -> None:
        self.opened.pop()


def _blocks(text: str) -> dict[str, Any] | None:
    """Return the facts of a workspace; None if there is none, or it cannot be read."""
    if "<block" not in text:
        return None
    counter, parser = _Counter(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = counter.start, counter.end
    parser.StartDoctypeDeclHandler = _no_entities
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, ValueError):
        return None
    return {
        "blocks": counter.blocks,
        "scripts": counter.scripts,
        "ideas": in_order(counter.ideas),
        "own_blocks": names(counter.own),
        "drawing": {"bars": bars(counter.groups)},
    }


def _no_entities(*_declaration: object) -> None:
    """A document type can declare entities that grow without end; no tool writes one."""
    raise ValueError("a document type")
