"""The style sheet of the site: written as one file per layer, served as one file.

`static/academy/css/site.css` names its parts by `@import`. The finder below stands where Django's finder for
the static folders of apps would: it offers `academy/css/site.css` with every part put in its place, and hides
the parts. So `collectstatic`, `runserver` and WhiteNoise all meet one file, without a build step.
"""

import re
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.contrib.staticfiles.finders import AppDirectoriesFinder
from django.core.files.storage import FileSystemStorage

FOLDER = Path(__file__).resolve().parent / "static" / "academy" / "css"
SHEET = "academy/css/site.css"

IMPORT = re.compile(r'^@import "(?P<part>[^"]+)"(?: layer\((?P<layer>[a-z]+)\))?;$', re.M)
COMMENT = re.compile(r"/\*.*?\*/", re.S)
SPACE = re.compile(r"\s*\n\s*")
TOKEN = re.compile(r"--[\w-]+:[^;]*light-dark\([^;]*;")
VALUE = r"((?:[^(),]|\([^()]*\))+)"
LIGHT_DARK = re.compile(rf"light-dark\({VALUE}, {VALUE}\)")


def light_half(text: str) -> str:
    """Return the tokens of this part with their light colours, for browsers that do not know `light-dark()`.

    Chrome before 123 is one of them, which is the last there is for Android 7. A custom property cannot carry
    its own fallback: the browser keeps what it does not understand, and drops the declaration that uses it.
    """
    tokens = [LIGHT_DARK.sub(r"\1", token) for token in TOKEN.findall(text)]
    return (
        "@supports not (color: light-dark(#000, #fff)) {\n:root {\n" + "\n".join(tokens) + "\n}\n}\n"
        if tokens
        else ""
    )


def joined(folder: Path = FOLDER) -> str:
    """Return the style sheet with every part in its place, without comments and indents."""

    def part(found: re.Match) -> str:
        text = COMMENT.sub("", (folder / found["part"]).read_text(encoding="utf-8"))
        text += light_half(text)
        return f"@layer {found['layer']} {{\n{text}\n}}" if found["layer"] else text

    text = IMPORT.sub(part, COMMENT.sub("", (folder / "site.css").read_text(encoding="utf-8")))
    return SPACE.sub("\n", text).strip() + "\n"


class Finder(AppDirectoriesFinder):
    """Finds the static files of apps, with one joined style sheet in place of its parts."""

    @property
    def built(self) -> FileSystemStorage:
        """The folder of the joined file. Not in the source tree, which may be read-only."""
        return FileSystemStorage(settings.DATA_DIR / "joined")

    def build(self) -> str:
        """Write the joined file if the one on disk differs, and return its path.

        Several processes may do this at the same moment: a reader sees the old file or the new one, never
        half of one.
        """
        path, text = Path(self.built.path(SHEET)), joined()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as new:
                new.write(text)
            Path(new.name).chmod(0o644)
            Path(new.name).replace(path)
        return str(path)

    def list(self, ignore_patterns):
        """Every static file of every app; the parts are left out, the joined style sheet comes last."""
        hidden = f"{Path(SHEET).parent}/"
        yield from (found for found in super().list(ignore_patterns) if not found[0].startswith(hidden))
        self.build()
        yield SHEET, self.built

    def find(self, path, find_all=False, **kwargs):
        """The file at this address; the joined style sheet is built again when a part has changed."""
        if path != SHEET:
            return super().find(path, find_all=find_all, **kwargs)
        return [self.build()] if find_all else self.build()
