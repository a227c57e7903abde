"""LEGO SPIKE and EV3 Classroom: a ZIP with a manifest, and in it a ZIP as Scratch writes it, or Python.

The manifest names the hub that was connected last: its serial number, its Bluetooth address, the name that
somebody gave it. What is kept holds none of it.
"""

import json
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any

from enrollments.portfolio.readers import python_source
from enrollments.portfolio.readers.archives import Archive
from enrollments.portfolio.readers.blocks import scratch3
from enrollments.portfolio.readers.faults import CannotRead, FileFault
from enrollments.portfolio.readers.finding import Finding, table, words

MOST_INSIDE = 25 * 1024 * 1024  # bytes of the ZIP inside, and of any entry that is copied
MOST_TOGETHER = 60 * 1024 * 1024
PROGRAM, BODY = "scratch.sb3", "projectbody.json"
# Only these keys of the manifest are kept, and of `state` only switches and numbers.
KEPT = (
    "type appType autoDelete created id lastsaved size name slotIndex workspaceX workspaceY zoomLevel "
    "showAllBlocks version extensions extraFiles lastConnectedHubType"
).split()
KIND_OF_HUB = re.compile(r"[A-Za-z][A-Za-z0-9_-]{1,19}")
NAMES_A_HUB = re.compile(r"serial|address|hubid|uuid|deviceid|^name$|^id$|^mac$", re.IGNORECASE)
# Values shorter than this are found anywhere by chance.
TELLING = 6


def read(file: IO[bytes]) -> Finding:
    archive = Archive(file)
    path = archive.find("manifest.json")
    manifest = table(archive.json(path)) if path else {}
    if "type" not in manifest or not (archive.find(PROGRAM) or archive.find(BODY)):
        raise CannotRead(FileFault.UNKNOWN_KIND)
    inside = archive.find(PROGRAM)
    facts, is_ev3 = _blocks(archive, inside) if inside else (_python(archive), False)
    facts |= {
        "program": "EV3 Classroom" if is_ev3 else "LEGO SPIKE",
        "program_version": words(str(manifest.get("appVersion") or manifest.get("version") or "")),
        "title": words(manifest.get("name")),
    }
    extension = words(manifest.get("appType")) or ("lmsp" if is_ev3 else "llsp3")
    if not re.fullmatch(r"ll?m?sp?3?", extension):
        extension = "llsp3"
    return Finding("lego", extension, facts, _without_hub(archive, str(path), manifest))


def _blocks(archive: Archive, inside: str) -> tuple[dict[str, Any], bool]:
    """Return the facts of the blocks, and whether they are for an EV3: its opcodes say so."""
    program = Archive(BytesIO(archive.read(inside, MOST_INSIDE)))
    project = program.find("project.json")
    contents = table(program.json(project)) if project else {}
    if not scratch3.is_project(contents):
        raise CannotRead(FileFault.DAMAGED)
    opcodes = [
        words(table(block).get("opcode"))
        for target in contents["targets"]
        for block in table(table(target).get("blocks")).values()
    ]
    return scratch3.count(contents["targets"]).facts(), any(code.startswith("ev3") for code in opcodes)


def _python(archive: Archive) -> dict[str, Any]:
    source = table(archive.json(archive.find(BODY) or BODY)).get("main")
    if not isinstance(source, str):
        raise CannotRead(FileFault.DAMAGED)
    return python_source.outline(source)


def _without_hub(archive: Archive, path: str, manifest: dict[str, Any]) -> bytes:
    """Return the file written again without what names the hub. Raises CannotRead if it is elsewhere."""
    kept: dict[str, Any] = {key: manifest[key] for key in KEPT if key in manifest}
    hubs = table(manifest.get("hardware"))
    kinds = {str(table(hub).get("type")) for hub in hubs.values()}
    kept["hardware"] = {kind: {"type": kind} for kind in sorted(kinds) if KIND_OF_HUB.fullmatch(kind)}
    kept["state"] = {
        key: value
        for key, value in table(manifest.get("state")).items()
        if isinstance(value, bool | int | float)
    }
    contents = json.dumps(kept).encode()
    secrets = {
        form
        for value in _secrets(manifest, hubs)
        for form in (value.encode(), json.dumps(value)[1:-1].encode())
    }
    out, together = BytesIO(), 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name in archive.entries:
            data = contents if name == path else archive.read(name, MOST_INSIDE)
            together += len(data)
            if together > MOST_TOGETHER:
                raise CannotRead(FileFault.TOO_COMPLEX)
            if _holds(data, secrets):
                raise CannotRead(FileFault.PERSONAL)
            written.writestr(zipfile.ZipInfo(name), data)  # the date of the ZIP's own beginning
    return out.getvalue()


def _secrets(manifest: dict[str, Any], hubs: dict[str, Any]) -> Iterator[str]:
    """Yield what names the hub: the keys of `hardware`, and every value called an address or the like."""
    known = {words(table(hub).get("type")).lower() for hub in hubs.values()} | {
        "python",
        "flipper",
        "lego hub",
    }
    for key in hubs:
        if len(key) >= TELLING and key.lower() not in known:
            yield key
    outside = {key: value for key, value in manifest.items() if key not in KEPT and key != "state"}
    waiting: list[Any] = [*hubs.values(), outside]
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            waiting += found
        elif isinstance(found, dict):
            for key, value in found.items():
                if isinstance(value, str) and NAMES_A_HUB.search(key):
                    if len(value) >= TELLING and value.lower() not in known:
                        yield value
                elif value is not manifest.get("hardware"):
                    waiting.append(value)


def _holds(data: bytes, secrets: set[bytes]) -> bool:
    """Return whether an entry holds one of these, or the project of a ZIP that is the entry does."""
    if any(secret in data for secret in secrets):
        return True
    if not secrets or not data.startswith(b"PK\x03\x04"):
        return False
    inside = Archive(BytesIO(data))
    return any(
        secret in inside.read(name, MOST_INSIDE)
        for name in inside.entries
        if name.endswith(".json")
        for secret in secrets
    )
