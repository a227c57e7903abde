"""Projects and their files as families and instructors send them."""

import json
import zipfile
from copy import deepcopy
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from enrollments.models import ClassPhoto, Project, ProjectFile, ShowcaseStory
from enrollments.portfolio import class_photos, contents, pieces, projects
from enrollments.privacy import copy_files
from tests.factories import AgeBandFactory, ChildFactory, SessionFactory
from tests.photos import taken

PROGRAM = b"from microbit import display\ndisplay.scroll('Bonjour')\n"


STAGE = {"isStage": True, "name": "Stage", "variables": {}, "blocks": {}, "costumes": [], "sounds": []}
PROJECT = json.dumps({"targets": [STAGE], "meta": {"semver": "3.0.0"}})


def scratch(text: str = PROJECT, sound: bytes = b"") -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("project.json"), text)  # the same bytes at any time
        if sound:
            archive.writestr(zipfile.ZipInfo("83c36d806dc92327b9e7049a565c6bff.wav"), sound)
    return out.getvalue()


def sent(name: str = "robot.py", data: bytes = PROGRAM) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "text/html")  # what a browser says of it counts for nothing


@cache
def _photo(size: tuple[int, int]) -> bytes:
    return taken("JPEG", size)  # its profile holds the moment it was made


def photographed(name: str = "IMG_2041.jpg", size: tuple[int, int] = (900, 600)) -> SimpleUploadedFile:
    return sent(name, _photo(size))


def made_by(child, by, *uploads, title="Robot suiveur", at=None, **words):
    """Add a project with these files."""
    at = at or timezone.now()
    words = {"made_on": timezone.localdate(at)} | words
    taken_in = [piece_of(upload.name, upload.read()) for upload in uploads]
    return projects.add(child, title=title, pieces=taken_in, by=by, at=at, **words)


def piece_of(name: str, data: bytes) -> pieces.ProjectPiece:
    """Return a file as it was read once: reading one starts a process."""
    kept, content, small = _read_once(name, data)
    return replace(
        kept,
        facts=deepcopy(kept.facts),
        content=ContentFile(content),
        small=None if small is None else ContentFile(small),
    )


@cache
def _read_once(name: str, data: bytes) -> tuple[pieces.ProjectPiece, bytes, bytes | None]:
    piece = pieces.taken_in(sent(name, data))
    bodies = [None if each is None else b"".join(each.chunks()) for each in (piece.content, piece.small)]
    return piece, *bodies


def stored() -> list[str]:
    """Return the names of the stored files."""
    place = contents.storage()
    try:
        return sorted(f"{projects.FOLDER}/{name}" for name in place.listdir(projects.FOLDER)[1])
    except FileNotFoundError:
        return []


def status(answer) -> int:
    """Return the status of an answer, read to its end: a file is closed then."""
    answer.getvalue()
    return answer.status_code


def photo_of(meeting, children, by, *, size=(900, 600), at=None):
    """Add a picture of a class; each child in it must have a yes."""
    piece = pieces.taken_in(photographed(size=size), only_picture=True)
    return class_photos.add(meeting, piece=piece, children=children, by=by, at=at or timezone.now())


def stored_photos() -> list[str]:
    """Return the names of the stored files of pictures of classes."""
    try:
        return sorted(contents.storage().listdir(class_photos.FOLDER)[1])
    except FileNotFoundError:
        return []


def a_project(**facts):
    ready = {"title": "x", "made_on": timezone.localdate(), "added_at": timezone.now(), "added_by_ref": 1}
    return Project.objects.create(child=ChildFactory(), **(ready | {"fingerprint": "x"} | facts))


def a_work(**facts):
    ready = {"kind": "python", "name": "x.py", "size": 1, "digest": "x", "stored_as": "x"}
    return ProjectFile.objects.create(project=a_project(), **(ready | facts))


def a_story(**facts):
    ready = {"band": AgeBandFactory(), "title": "x", "approved_at": timezone.now(), "approved_by_ref": 1}
    picture = a_work(kind="picture", name="x.jpg")
    return ShowcaseStory.objects.create(project=picture.project, picture=picture, **(ready | facts))


def a_photo(**facts):
    ready = {"meeting": SessionFactory().meetings.first(), "added_at": timezone.now(), "added_by_ref": 1}
    ready |= {"extension": ".jpg", "size": 1, "digest": "x", "stored_as": "x", "small_as": "x"}
    return ClassPhoto.objects.create(**(ready | facts))


def copy_path(copy) -> Path:
    """The file of a family's copy of its data, in the test's folder."""
    return Path(copy_files.storage().path(copy_files.name_of(copy)))
