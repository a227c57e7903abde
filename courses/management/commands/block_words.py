"""Compare the words of our drawn blocks with the tools' own packages. Run by hand after a new release:

npm install scratch-l10n@… pxt-microbit@… --ignore-scripts
manage.py block_words node_modules
"""

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError

from courses.code_blocks.words import FILE


def _scratch(folder: Path) -> dict[str, dict[str, str]]:
    """Return language → key → words of Scratch's blocks and extensions; [NAME] of an extension becomes %1."""
    found: dict[str, dict[str, str]] = {}
    for name in ("blocks-msgs.js", "extensions-msgs.js"):
        text = (folder / "scratch-l10n" / "locales" / name).read_text(encoding="utf-8")
        body = re.sub(r"^.*?export default", "", text, count=1, flags=re.S).strip().rstrip(";")
        for language, words in json.loads(body).items():
            found.setdefault(language, {}).update(words)
    return found


def _microbit(folder: Path) -> dict[str, str]:
    """Return block id → English words, with their arguments as %1, %2 in order."""
    built = json.loads((folder / "pxt-microbit" / "built" / "target.json").read_text(encoding="utf-8"))
    source = "\n".join(
        text
        for package in built["bundledpkgs"].values()
        for name, text in package.items()
        if name.endswith(".ts") and isinstance(text, str)
    )
    found = {}
    for line in re.findall(r"//% [^\n]*", source):
        block_id, words = re.search(r'blockId="?(\w+)"?', line), re.search(r'block="([^"]+)"', line)
        if block_id and words:
            pieces = re.split(r"[%$]\w+(?:=\w+)?(?:\(\w+\))?", words[1].replace("|", " "))
            numbered = [f"{piece} %{number} " for number, piece in enumerate(pieces[:-1], start=1)]
            found[block_id[1]] = " ".join("".join([*numbered, pieces[-1]]).split())
    return found


def _plain(words: str) -> str:
    return " ".join(unicodedata.normalize("NFC", re.sub(r"\[\w+\]", "%1", words)).split())


class Command(BaseCommand):
    help = "Compare the words of drawn blocks with scratch-l10n and pxt-microbit in a folder of npm packages."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)

    def handle(self, *, folder: Path, **options: Any) -> None:
        ours = yaml.safe_load(FILE.read_text(encoding="utf-8"))
        try:
            scratch, microbit = _scratch(folder), _microbit(folder)
        except (OSError, ValueError) as fault:
            raise CommandError(f"The packages cannot be read: {fault}") from fault
        wrong, count = [], 0
        rows = [
            *ours["scratch"]["blocks"].items(),
            *ours["scratch"]["words"].items(),
            *ours["scratch"]["menus"].items(),
        ]
        for name, row in rows:
            for language in ("fr", "ar", "en"):
                count += 1
                theirs = _plain(scratch[language].get(row["key"], ""))
                if theirs != row[language]:
                    wrong.append(f"{name} ({language}): “{row[language]}”, Scratch says “{theirs}”")
        for name, row in ours["microbit"]["blocks"].items():
            if "key" in row:
                count += 1
                if microbit.get(row["key"]) != row["en"]:
                    wrong.append(f"{name}: “{row['en']}”, MakeCode says “{microbit.get(row['key'])}”")
        for line in wrong:
            self.stdout.write(line)
        self.stdout.write(f"{count} words compared, {len(wrong)} differ.")
        if wrong:
            raise CommandError("Renew courses/code_blocks/words.yaml and its versions.")
