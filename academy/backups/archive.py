"""The file of a backup: a tar archive, encrypted with age while it is written.

`age --decrypt --identity KEY FILE | tar --extract` opens it without this software: `about.json`, the database
in pieces under `database/`, files under `media/` and `private/`, and at the end `manifest.json` with the
sums. An archive without its manifest is not whole. Memory holds one piece at a time, and no byte is written
in clear.
"""

import hashlib
import io
import json
import os
import tarfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from pyrage import DecryptError, decrypt_io, encrypt_io

from academy.backups.keys import BackupFailed

FORMAT = 1
ABOUT, MANIFEST = "about.json", "manifest.json"
DATABASE = "database"
PIECE = 4 * 1024 * 1024  # bytes
PIPED = 64 * 1024
NOT_WHOLE = "is damaged, cut off, or was altered. Nothing of it was used. Take another backup."


@dataclass
class PartSum:
    """What a part holds: how many members and bytes, and one sum over names, sizes and contents in order."""

    members: int = 0
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, name: str, size: int, digest: str) -> None:
        self.members += 1
        self.size += size
        self.digest.update(f"{name}\0{size}\0{digest}\n".encode())

    @property
    def told(self) -> dict[str, Any]:
        return {"members": self.members, "bytes": self.size, "sha256": self.digest.hexdigest()}


class _SummedReader:
    """A file that is read up to a size; its sum grows with it."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self.file, self.left, self.digest = file, size, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(self.left if size < 0 else min(size, self.left))
        self.left -= len(data)
        self.digest.update(data)
        return data


class ArchiveWriter:
    """Adds members to an archive that is being encrypted into a file."""

    def __init__(self, tar: tarfile.TarFile, at: float) -> None:
        self.tar, self.at = tar, at
        self.parts: dict[str, PartSum] = {}

    def add(self, part: str, name: str, file: IO[bytes], size: int) -> None:
        """Add a member of so many bytes to a part. Raises OSError if the file ends before."""
        reader = _SummedReader(file, size)
        self._write(f"{part}/{name}", reader, size)
        self.parts.setdefault(part, PartSum()).add(name, size, reader.digest.hexdigest())

    def add_stream(self, part: str, chunks: Iterable[bytes]) -> None:
        """Add what may have any length, in pieces that are joined in the order of their names."""
        for number, piece in enumerate(_pieces(chunks), start=1):
            self.add(part, f"{number:08}", io.BytesIO(piece), len(piece))

    def add_facts(self, name: str, facts: dict[str, Any]) -> None:
        words = json.dumps(facts, indent=1).encode()
        self._write(name, io.BytesIO(words), len(words))

    def _write(self, name: str, file: Any, size: int) -> None:
        found = tarfile.TarInfo(name)
        found.size, found.mtime, found.mode = size, int(self.at), 0o600
        self.tar.addfile(found, file)
        self.tar.members.clear()  # type: ignore[attr-defined]  # tarfile remembers each, and a bucket has many


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    kept = bytearray()
    for chunk in chunks:
        kept += chunk
        while len(kept) >= PIECE:
            yield bytes(kept[:PIECE])
            del kept[:PIECE]
    if kept:
        yield bytes(kept)


class _PipeEnd(threading.Thread):
    """The other end of a pipe, in a thread of its own; `fault` is what stopped it."""

    def __init__(self, act: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self.act, self.fault = act, None

    fault: BaseException | None

    def run(self) -> None:
        try:
            self.act()
        except BaseException as fault:  # noqa: BLE001 — the thread that waits tells it
            self.fault = fault


class _Sink:
    """What age writes to. pyrage keeps the words of a fault only, so the fault itself is kept here."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.fault: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self.file.write(data)
        except OSError as fault:
            self.fault = fault
            raise

    def flush(self) -> None:
        self.file.flush()


@contextmanager
def writing(file: IO[bytes], recipients: list[Any], at: float) -> Iterator[ArchiveWriter]:
    """Write an archive into `file`, encrypted to these public keys; `at`: its moment, in seconds.

    Raises OSError as the file does. What was written after any fault is no archive.
    """
    inner, outer = os.pipe()
    sink = _Sink(file)

    def encrypt() -> None:
        with os.fdopen(inner, "rb", buffering=PIPED) as clear:
            encrypt_io(clear, sink, recipients)

    thread = _PipeEnd(encrypt)
    thread.start()
    try:
        with (
            os.fdopen(outer, "wb", buffering=PIPED) as clear,
            tarfile.open(fileobj=clear, mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            yield ArchiveWriter(tar, at)
    except BrokenPipeError:
        thread.join()
        raise sink.fault or thread.fault or OSError("The encryption stopped.") from None
    finally:
        thread.join()
    if fault := sink.fault or thread.fault:
        raise fault


@dataclass(frozen=True)
class ArchiveMember:
    """One member, to be read before the next is asked for. `part` is "" for the facts at both ends."""

    part: str
    name: str
    size: int
    file: IO[bytes]

    @property
    def facts(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.file.read())
        return found


@contextmanager
def reading(path: Path, identities: list[Any]) -> Iterator[Iterator[ArchiveMember]]:
    """Open an archive and give its members in order. Raises BackupFailed, also at the very end when it
    is not whole: only a reading to the end is one of what was written.
    """
    inner, outer = os.pipe()

    def decrypt() -> None:
        with os.fdopen(outer, "wb", buffering=PIPED) as clear, path.open("rb") as sealed:
            decrypt_io(sealed, clear, identities)

    thread = _PipeEnd(decrypt)
    thread.start()
    clear = os.fdopen(inner, "rb", buffering=PIPED)
    try:
        yield _members(clear, path, thread)
    except (tarfile.TarError, EOFError, json.JSONDecodeError):
        clear.close()
        thread.join()
        raise _said(path, thread.fault) from thread.fault
    finally:
        clear.close()
        thread.join()


def _said(path: Path, fault: BaseException | None) -> BackupFailed:
    if isinstance(fault, FileNotFoundError | PermissionError | IsADirectoryError):
        return BackupFailed(f"{path} cannot be read: {fault.strerror}.")
    if isinstance(fault, DecryptError) and "No matching keys" in str(fault):
        return BackupFailed(f"This identity does not open {path.name}: it was encrypted to another key.")
    return BackupFailed(f"{path.name} {NOT_WHOLE}")


def _members(clear: IO[bytes], path: Path, thread: _PipeEnd) -> Iterator[ArchiveMember]:
    with tarfile.open(fileobj=clear, mode="r|") as tar:
        for found in tar:
            part, _slash, name = found.name.partition("/")
            part, name = (part, name) if name else ("", part)
            if file := tar.extractfile(found):
                yield ArchiveMember(part, name, found.size, file)
            tar.members.clear()  # type: ignore[attr-defined]
    while clear.read(PIECE):  # to the last byte: age says at the end whether it is whole
        pass
    thread.join()
    if thread.fault:
        raise tarfile.ReadError(str(thread.fault))


def about(path: Path, identities: list[Any]) -> dict[str, Any]:
    """Return what a backup says about itself, without reading further. Raises BackupFailed."""
    with reading(path, identities) as members:
        first = next(members, None)
        if first is None or (first.part, first.name) != ("", ABOUT):
            raise BackupFailed(f"{path.name} is no backup of this platform.")
        facts = first.facts
    if facts.get("format") != FORMAT:
        raise BackupFailed(f"{path.name} was written by newer software: its format is not known here.")
    return facts


def checked(
    path: Path, identities: list[Any], each: Callable[[ArchiveMember], None] | None = None
) -> dict[str, Any]:
    """Read a backup to its end and compare all sums; return its manifest. `each` is given every member of a
    part, with a file to read. Raises BackupFailed.
    """
    parts: dict[str, PartSum] = {}
    manifest: dict[str, Any] | None = None
    with reading(path, identities) as members:
        for member in members:
            if not member.part:
                manifest = member.facts if member.name == MANIFEST else None
                continue
            reader = _SummedReader(member.file, member.size)
            if each:
                each(ArchiveMember(member.part, member.name, member.size, reader))  # type: ignore[arg-type]
            while reader.read(PIECE):
                pass
            parts.setdefault(member.part, PartSum()).add(member.name, member.size, reader.digest.hexdigest())
    if manifest is None or manifest["parts"] != {name: part.told for name, part in parts.items()}:
        raise BackupFailed(f"{path.name} {NOT_WHOLE}")
    return manifest


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file under a temporary name; it gets its own name once it is whole and on the disk. After a
    fault it is deleted.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("xb") as file:
            part.chmod(0o600)
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Write to the disk which files a folder has."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
