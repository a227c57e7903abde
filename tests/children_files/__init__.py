"""Files as children's programs write them: by the tools' own libraries where these are light, else by writers
that imitate what real files do. `academy/docs/formats.md` says where each habit was seen.
"""

import json
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from enrollments.portfolio.readers.__main__ import answer


def zipped(entries: dict[str, bytes | str | dict | list]) -> bytes:
    """A ZIP of these entries; what is no text or bytes is written as JSON."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, contents in entries.items():
            plain = contents if isinstance(contents, bytes | str) else json.dumps(contents)
            archive.writestr(name, plain)
    return out.getvalue()


def understood(folder: Path, data: bytes, name: str = "file") -> dict[str, Any]:
    """What the readers say of these bytes, without a process of their own; `clean` is what is to be kept."""
    path = folder / "upload"
    path.write_bytes(data)
    line, clean = answer(path, name, lambda _most: None)
    return json.loads(line) | {"clean": clean or None}


def told(found: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """The facts that a test expects something of; a fault as `fault`."""
    facts = {"fault": found["fault"], **found} if "fault" in found else found["facts"]
    return {key: facts.get(key) for key in expected}
