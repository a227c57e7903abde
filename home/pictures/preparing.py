"""Make the renditions of pictures, outside the requests of visitors.

Called by the job `pictures`. Each rendition is kept as soon as it is made, so a run that stops half-way goes
on where it stopped. A picture that fails delays no other, is tried again later and later, and is shown to the
team.
"""

import logging
from datetime import datetime, timedelta
from time import monotonic

from django.db.models import Q, QuerySet
from django.utils import timezone
from django_tasks import task

from home import one_shot
from home.models import Picture
from home.pictures.recipes import RECIPE, SPECS

log = logging.getLogger("home.pictures")
PATIENCE = 20  # seconds of one run: emails and offers wait for it
HANDED_OUT_FOR = timedelta(minutes=10)  # then a picture that waits in a queue is handed out again
PAUSES = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=2), timedelta(days=1))


def due(at: datetime) -> QuerySet[Picture]:
    """Return the pictures whose renditions are to be made now, those that never failed first."""
    is_time = Q(retry_at=None) | Q(retry_at__lte=at)
    found: QuerySet[Picture] = Picture.objects.exclude(recipe=RECIPE).filter(is_time)
    return found.order_by("tries", "pk")


def failed() -> QuerySet[Picture]:
    """Return the pictures whose renditions could not be made, the latest first."""
    found: QuerySet[Picture] = Picture.objects.filter(tries__gt=0)
    return found.order_by("-pk")


def prepare_due(at: datetime) -> int:
    """Make missing renditions for about 20 seconds, or hand the pictures to the queue; return for how many
    all are made. Raises one_shot.NotHandedOut.
    """
    began, made = monotonic(), 0
    for key in list(due(at).values_list("pk", flat=True)):
        if monotonic() - began > PATIENCE:
            break
        made += _begun(key, at)
    return made


def _begun(key: int, at: datetime) -> bool:
    if not one_shot.is_queued():  # a run is claimed as a whole
        return bool(one_shot.hand_out(prepare_one, key, at.isoformat()))
    if not one_shot.claim(due(at).filter(pk=key), retry_at=at + HANDED_OUT_FOR):
        return False
    try:
        return bool(one_shot.hand_out(prepare_one, key, at.isoformat()))
    except one_shot.NotHandedOut:
        Picture.objects.filter(pk=key, retry_at=at + HANDED_OUT_FOR).update(retry_at=at)
        raise


@task(backend=one_shot.LONG, queue_name="pictures")
def prepare_one(key: int, handed_out_at: str) -> bool:
    """Make this picture's missing renditions, unless that was done since; return whether all are made now."""
    if not Picture.objects.filter(pk=key).exclude(recipe=RECIPE).exists():
        return False
    at = datetime.fromisoformat(handed_out_at)
    return prepare(key, max(at, timezone.now()) if one_shot.is_queued() else at)


def prepare(key: int, at: datetime) -> bool:
    """Make this picture's missing renditions; return whether all are made now."""
    picture = Picture.objects.filter(pk=key).first()
    if picture is None:
        return False
    try:
        for spec in SPECS:
            picture.get_rendition(spec)
    except Exception:
        log.exception("picture %s", key)
        pause = PAUSES[min(picture.tries, len(PAUSES) - 1)]
        _unchanged(picture).update(tries=picture.tries + 1, retry_at=at + pause)
        return False
    return bool(_unchanged(picture).update(recipe=RECIPE, tries=0, retry_at=None))


def _unchanged(picture: Picture) -> QuerySet[Picture]:
    """Return the row, unless another file or focus was given to it in the meantime."""
    focus = {
        f"focal_point_{part}": getattr(picture, f"focal_point_{part}")
        for part in ("x", "y", "width", "height")
    }
    row: QuerySet[Picture] = Picture.objects.filter(pk=picture.pk, file=picture.file.name, **focus)
    return row
