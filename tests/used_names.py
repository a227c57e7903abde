"""Which classes, elements and attributes our templates, scripts and Python write: what the style sheet may
name.

A class is believed only where a class is written: in `class="…"`, as an argument of a template tag, in
`classList` or a selector of a script, in `class="…"` or a `"class"` key in Python. A name built at run time
(`chip--{{ tone }}`) counts by its beginning.
"""

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("home", "courses", "enrollments", "academy")

HOLE = "\0"  # where a template tag or a placeholder stood
TAG = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.S)
WORDS = re.compile(r"{%\s*(?:translate|blocktranslate|url|comment)\b")
CLASS = re.compile(r"\bclass=(?:\"([^\"]*)\"|'([^']*)')")
QUOTED = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`")
IN_SCRIPT = re.compile(r"(?:classList\.\w+|matches|closest|querySelector(?:All)?)(?:\?\.)?\(([^;]*)")


@dataclass
class Names:
    """What is written, and the beginnings of what is built."""

    classes: set[str] = field(default_factory=set)
    beginnings: set[str] = field(default_factory=set)
    strings: set[str] = field(default_factory=set)  # every short string: what may follow a beginning
    text: str = ""  # everything, for elements and attributes

    def read_class(self, value: str) -> None:
        for word in value.split():
            first, *others = word.split(HOLE)
            if first.endswith("--"):
                self.classes |= {first + other for other in others if other}
                if not any(others):
                    self.beginnings.add(first)
            self.classes |= {piece for piece in (first, *others) if piece}

    def read_template(self, text: str) -> None:
        for tag in TAG.findall(text):
            quoted = {word for groups in QUOTED.findall(tag) for piece in groups for word in piece.split()}
            self.strings |= quoted
            if not WORDS.match(tag):
                self.classes |= quoted
        for groups in CLASS.findall(TAG.sub(HOLE, text)):
            self.read_class("".join(groups))

    def read_script(self, text: str) -> None:
        for arguments in IN_SCRIPT.findall(text):
            self.classes |= {
                word
                for groups in QUOTED.findall(arguments)
                for word in re.findall(r"[\w-]+", "".join(groups))
            }

    def read_module(self, text: str) -> None:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if len(node.value) < 40:
                    self.strings |= set(node.value.split())
                for groups in CLASS.findall(node.value):
                    self.read_class(re.sub(r"{\w*}", HOLE, "".join(groups)))
            elif isinstance(node, ast.JoinedStr):
                whole = "".join(
                    piece.value if isinstance(piece, ast.Constant) else HOLE for piece in node.values
                )
                for groups in CLASS.findall(whole):
                    self.read_class("".join(groups))
            elif isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if getattr(key, "value", None) == "class" and isinstance(value, ast.Constant):
                        self.read_class(value.value)


def found() -> Names:
    """Read all of it."""
    names, everything = Names(), []
    sources = [path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".js"}]
    for app in APPS:
        sources += [
            path
            for path in (ROOT / app).rglob("*")
            if path.suffix in {".py", ".js", ".yaml"} and path.is_file()
        ]
    for path in sources:
        if "migrations" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        everything.append(text)
        if path.suffix == ".html":
            names.read_template(text)
        elif path.suffix == ".js":
            names.read_script(text)
        elif path.suffix == ".py":
            names.read_module(text)
        else:
            names.strings |= set(re.findall(r"[\w-]+", text))
    names.text = "\n".join(everything)
    return names
