"""Projects and pictures as a ZIP that is never whole in memory. A project is a folder of words and files."""

import logging
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import RawIOBase

from django.utils import timezone
from django.utils.translation import gettext as _

from enrollments.models import ClassPhoto, Project, ProjectFile
from enrollments.portfolio.contents import storage
from enrollments.portfolio.pieces import plain

log = logging.getLogger(__name__)
CHUNK = 64 * 1024


class ChunkSink(RawIOBase):
    """What zipfile writes to: it keeps the bytes until they are taken. It cannot seek, so nothing is changed
    afterwards.
    """

    def __init__(self) -> None:
        self.kept: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:  # type: ignore[no-untyped-def]  # any buffer
        self.kept.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        data, self.kept = b"".join(self.kept), []
        return data


def streamed(projects: Iterable[Project]) -> Iterator[bytes]:
    """Return the ZIP of these projects, loaded with their files, piece by piece. Names are in the language of
    this call: the pieces are read after it.
    """
    return _streamed(projects, words=_("text"))


def _streamed(projects: Iterable[Project], *, words: str) -> Iterator[bytes]:
    sink = ChunkSink()
    with zipfile.ZipFile(sink, "w") as archive:
        for _written in pack(archive, projects, words=words):
            if data := sink.taken():
                yield data
    yield sink.taken()


def pack(
    archive: zipfile.ZipFile, projects: Iterable[Project], folder: str = "", *, words: str = ""
) -> Iterator[None]:
    """Write the projects into an archive, below `folder`; yield after each chunk. `words` names the file with
    what a project says, without extension; by default in the active language. A content that is missing is
    left out and logged.
    """
    taken: set[str] = set()
    words = words or _("text")
    for project in projects:
        place = _unused(f"{folder}{project.made_on} {plain(project.title)}".strip(), taken)
        told = zipfile.ZipInfo(f"{place}/{words}.txt", clock(project.added_at))
        archive.writestr(told, _words(project))
        yield
        for file in project.files.all():
            name = _unused(f"{place}/{file.name}", taken)
            yield from _put(archive, file, zipfile.ZipInfo(name, clock(project.added_at)))


def pack_photos(archive: zipfile.ZipFile, photos: Iterable[ClassPhoto], folder: str) -> Iterator[None]:
    """Write pictures of classes into an archive, below `folder`; yield after each chunk."""
    for photo in photos:
        yield from _put(archive, photo, zipfile.ZipInfo(f"{folder}{photo.name}", clock(photo.added_at)))


def clock(at: datetime) -> tuple[int, int, int, int, int, int]:
    """Return the wall time that a ZIP writes beside a file: it knows no time zone."""
    return timezone.localtime(at).timetuple()[:6]


def _put(archive: zipfile.ZipFile, row: ProjectFile | ClassPhoto, made: zipfile.ZipInfo) -> Iterator[None]:
    try:
        source = storage().open(row.stored_as)
    except FileNotFoundError:
        log.error("the content of %s is missing", row)
        return
    with source, archive.open(made, "w") as target:
        for chunk in source.chunks(CHUNK):
            target.write(chunk)
            yield


def _unused(name: str, taken: set[str]) -> str:
    """Return the name, with a number if it is taken."""
    stem, dot, extension = name.rpartition(".") if "." in name.rpartition("/")[2] else (name, "", "")
    found, number = name, 1
    while found.casefold() in taken:
        number += 1
        found = f"{stem} ({number}){dot}{extension}"
    taken.add(found.casefold())
    return found


def _words(project: Project) -> str:
    parts = (project.title, str(project.made_on), project.story, project.link)
    return "\n\n".join(filter(None, parts)) + "\n"
