"""What differs between two dumps."""

import re
from collections import defaultdict
from difflib import SequenceMatcher
from pathlib import Path

from tests.pages.normal import BLOCKS, BOXES, DRAWN

INK = BLOCKS | BOXES | DRAWN | {"textarea"}
CLASSES = re.compile(r'(?<= class=")[^"]*')


def _sorted(classes: re.Match) -> str:
    return " ".join(sorted(classes[0].split()))


def pages_of(folder: Path) -> dict[str, Path]:
    """The pages of a dump by their name; a file that begins with an underscore tells about the dump
    itself.
    """
    return {
        str(path.relative_to(folder)): path
        for path in sorted(folder.rglob("*.txt"))
        if not path.name.startswith("_")
    }


def settled(page: str) -> list[str]:
    """The lines of a page, classes in order of the alphabet, a space between two words written once, behind
    the first of them.

    `a<b> c</b>`, `a <b>c</b>` and `a <b> c</b>` are drawn alike but for the letters' own style of one space.
    """
    lines: list[str] = []
    for line in page.splitlines():
        if line.startswith("' "):
            place = len(lines)
            while (
                place
                and lines[place - 1].startswith("<")
                and lines[place - 1].strip("</>").split(" ")[0] not in INK
            ):
                place -= 1
            if place and lines[place - 1].startswith("'"):
                lines[place - 1] += " "
            else:
                lines.insert(place, "' ")
            line = "'" + line[2:]
        if line != "'":
            lines.append(CLASSES.sub(_sorted, line) if line.startswith("<") else line)
    return lines


def hunks(before: str, after: str):
    """Each difference as (lines that went, lines that came)."""
    if before == after:
        return
    old, new = settled(before), settled(after)
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield tuple(old[a:b]), tuple(new[c:d])


def differences(before: Path, after: Path) -> dict[tuple, list[str]]:
    """Each difference with the pages that show it; a page that only one dump holds is a difference too."""
    old, new = pages_of(before), pages_of(after)
    found = defaultdict(list)
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            found[("(the page)",), ()].append(name)
        elif name not in old:
            found[(), ("(the page)",)].append(name)
        else:
            for hunk in hunks(old[name].read_text(), new[name].read_text()):
                found[hunk].append(name)
    return found


def report(before: Path, after: Path, *, shown: int = 40) -> int:
    """Print the differences, the most frequent first. Returns the exit status: 0 when there is none."""
    found = differences(before, after)
    for (gone, come), names in sorted(found.items(), key=lambda item: -len(item[1]))[:shown]:
        print(f"\n@@ {len(names)} page(s): {', '.join(names[:3])}{' …' if len(names) > 3 else ''}")
        for sign, lines in (("-", gone), ("+", come)):
            for line in lines[:12]:
                print(sign, line[:400])
            if len(lines) > 12:
                print(sign, f"… {len(lines) - 12} more lines")
    pages = {name for names in found.values() for name in names}
    print(
        f"\n{len(pages_of(before))} and {len(pages_of(after))} pages; {len(pages)} differ, in "
        f"{len(found)} different ways."
    )
    return int(bool(found))
