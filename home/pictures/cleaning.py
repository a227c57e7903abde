"""Clean what was stored before uploads were cleaned: pictures of the CMS and portraits of the team.

Called by `manage.py clean_uploads`, and every night for uploads that were never finished.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import PurePath

from django.core.files.base import File
from django.db import transaction
from wagtail.documents import get_document_model
from wagtail.models import UploadedFile
from wagtail.users.models import UserProfile

from home.cms.account import LONGEST
from home.files import documents, photos
from home.models import Picture

UNFINISHED = timedelta(days=1)


def unclean_pictures() -> list[int]:
    return list(Picture.objects.filter(is_clean=False).order_by("pk").values_list("pk", flat=True))


def look_at(picture: Picture) -> str:
    """Return what the picture's file carries besides pixels, in words. Raises photos.Refused, OSError."""
    with picture.open_file() as file:
        return ", ".join(photos.luggage(file)) or "nothing but pixels"


def clean_picture(key: int) -> bool:
    """Write the picture's file again and delete its renditions; return whether it was to be done.

    The old file is deleted once the row says where the new one is. Raises photos.Refused, OSError.
    """
    picture = Picture.objects.filter(pk=key, is_clean=False).first()
    if picture is None:
        return False
    with picture.open_file() as file:
        photo = photos.clean(file, most_bytes=None)
    return _give(key, picture.file.name, photo)


@transaction.atomic
def _give(key: int, old: str, photo: photos.Photo) -> bool:
    """Give the picture this file, unless an editor gave it another one in the meantime."""
    picture = Picture.objects.select_for_update().filter(pk=key, file=old).first()
    if picture is None:
        return False
    before, storage = (picture.width, picture.height), picture.file.storage
    picture.file.save(PurePath(old).name, photo, save=False)
    picture._set_image_file_metadata()
    _move_focus(picture, before)
    picture.to_be_prepared()
    picture.save()
    picture.renditions.all().delete()
    transaction.on_commit(partial(storage.delete, old))
    return True


def _move_focus(picture: Picture, before: tuple[int, int]) -> None:
    """Keep the focus at the same place of the picture. One that was turned loses it."""
    focus = picture.get_focal_point()
    if focus is None or before == (picture.width, picture.height):
        return
    across, down = picture.width / before[0], picture.height / before[1]
    turned = abs(across / down - 1) > 0.05
    picture.set_focal_point(None)
    if not turned:
        picture.focal_point_x, picture.focal_point_width = (
            round(focus.centroid_x * across),
            round(focus.width * across),
        )
        picture.focal_point_y, picture.focal_point_height = (
            round(focus.centroid_y * down),
            round(focus.height * down),
        )


def unclean_portraits() -> Iterator[tuple[int, str]]:
    """Yield the keys of profiles whose portrait is to be written again, and what it carries."""
    for profile in UserProfile.objects.exclude(avatar="").exclude(avatar=None).order_by("pk"):
        try:
            with profile.avatar.open("rb") as file:
                found = photos.luggage(file)
        except (OSError, photos.Refused):
            yield profile.pk, "cannot be read"
            continue
        if found:
            yield profile.pk, ", ".join(found)


@transaction.atomic
def clean_portrait(key: int) -> None:
    """Write the portrait again. Raises photos.Refused, OSError."""
    profile = UserProfile.objects.select_for_update().get(pk=key)
    old, storage = profile.avatar.name, profile.avatar.storage
    with profile.avatar.open("rb") as file:
        photo = photos.clean(file, longest=LONGEST, most_bytes=None)
    profile.avatar.save(f"portrait{photo.suffix}", photo, save=False)
    profile.save(update_fields=["avatar"])
    transaction.on_commit(partial(storage.delete, old))


def doubtful_documents() -> Iterator[tuple[int, str]]:
    """Yield the keys of documents that would be refused today, and why."""
    for document in get_document_model().objects.order_by("pk"):
        try:
            with document.open_file() as file:
                documents.judge(File(file, name=document.filename))
        except documents.Refused as refusal:
            yield document.pk, str(refusal)
        except OSError:
            yield document.pk, "missing"


def drop_unfinished(at: datetime) -> int:
    """Delete files of the upload of many that waited a day for the rest of their form; return how many.

    They are stored as they came: with all that photos carry.
    """
    dropped = 0
    for upload in UploadedFile.objects.order_by("pk"):
        storage, name = upload.file.storage, upload.file.name
        if name and storage.exists(name):
            if storage.get_modified_time(name) > at - UNFINISHED:
                continue
            storage.delete(name)
        upload.delete()
        dropped += 1
    return dropped
