"""Pictures of a class for the families of the children in it. Sole writer of ClassPhoto and ChildInPhoto.

A picture is stored only if every ticked child has a yes for that purpose. It is shown only while they all
have it: the answers are asked each time, so a withdrawal takes effect in the same request (domain §7).
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from courses.models import Meeting
from enrollments.families import account_events, consents, erased_numbers
from enrollments.letters import outbox
from enrollments.models import Child, ChildInPhoto, ClassPhoto, Consent, Guardianship, Letter
from enrollments.portfolio import contents
from enrollments.portfolio.pieces import ProjectPiece
from home.account import User
from home.refusals import CodedRefusal

PURPOSE = consents.CLASS_PICTURES
FOLDER = "photos"
MOST_OF_A_CLASS = 60
HOLD = timedelta(minutes=15)  # what is removed within it is one message; one's own mistake is none


class Reason(StrEnum):
    NOT_BEGUN = "not_begun"
    NOBODY = "nobody"  # no child is ticked
    NO_CONSENT = "no_consent"  # of the children in `Refused.children`
    REMOVED = "removed"  # a family asked to remove this very picture
    TOO_MANY = "too_many"
    STORAGE = "storage"


class Refused(CodedRefusal[Reason]):
    """The picture was not stored. `children`: primary keys of those without a yes."""

    def __init__(self, code: Reason, children: Iterable[int] = ()) -> None:
        super().__init__(code)
        self.children = frozenset(children)


SENTENCES = {
    Reason.NOT_BEGUN: _("Pictures can be added once the class has started."),
    Reason.NOBODY: _("Tick every child who is in the picture."),
    Reason.NO_CONSENT: _("Not stored. There is no consent to pictures for families: %(children)s"),
    Reason.REMOVED: _("Not stored: a family asked us to remove this picture."),
    Reason.TOO_MANY: _("This class has 60 pictures, the most we keep. Delete one first."),
    Reason.STORAGE: _("We cannot save files at the moment. Try again later."),
}


# ---- who may be in one, and who sees it


def permitting(keys: Iterable[int], at: datetime) -> set[int]:
    """Return which of these children, by primary key, may be in a picture for families now."""
    return consents.permitting(keys, PURPOSE, at)


def photo_of(meeting: Meeting, key: int) -> QuerySet[ClassPhoto]:
    """Return the picture of this class with that key, if there is one; not all may see it."""
    return ClassPhoto.objects.filter(meeting=meeting, pk=key)


def seen(photos: QuerySet[ClassPhoto], at: datetime) -> list[ClassPhoto]:
    """Return those of these pictures that may be seen now: nobody asked to remove them, and every child in
    them has a yes. Five queries for any number.
    """
    found = [photo for photo in photos.filter(hidden_at=None).prefetch_related("ticks") if photo.ticks.all()]
    may = permitting((tick.child_id for photo in found for tick in photo.ticks.all()), at)
    return [photo for photo in found if all(tick.child_id in may for tick in photo.ticks.all())]


def of_child(child: Child, at: datetime) -> list[ClassPhoto]:
    """Return the pictures this child is in that may be seen now, those of the latest class first, each with
    its class and course.
    """
    mine = ChildInPhoto.objects.filter(child=child).values("photo")
    photos = ClassPhoto.objects.filter(pk__in=mine).select_related("meeting__session__course")
    return seen(photos.order_by("-meeting__starts_at", "-added_at", "-pk"), at)


def has_any(child: str) -> Exists:
    """Return the condition that a child is in a picture; `child` names its key in the query."""
    return Exists(ChildInPhoto.objects.filter(child=OuterRef(child)))


def hidden() -> QuerySet[ClassPhoto]:
    """Return the pictures that families asked to remove, the oldest request first. A manager decides."""
    return ClassPhoto.objects.exclude(hidden_at=None).order_by("hidden_at", "pk")


def past(at: datetime, after: timedelta) -> QuerySet[ClassPhoto]:
    """Return the pictures nobody could see for that long: hidden, or with a child for whom a no stands."""
    answers = Consent.objects.filter(version__policy__code=PURPOSE)
    same = {"child": OuterRef("child"), "guardian": OuterRef("guardian"), "by_child": OuterRef("by_child")}
    noes = answers.filter(
        ~Exists(answers.filter(**same, answer=True, pk__gt=OuterRef("pk"))),
        child__photo_ticks__photo=OuterRef("pk"),
        answer=False,
        given_at__lt=at - after,
    )
    refused = ClassPhoto.objects.filter(Exists(noes))
    shown = [photo.pk for photo in seen(refused, at)]  # a former guardian’s no, answered since
    return refused.exclude(pk__in=shown) | ClassPhoto.objects.filter(hidden_at__lt=at - after)


# ---- verbs


def add(
    meeting: Meeting, *, piece: ProjectPiece, children: Collection[Child], by: User, at: datetime
) -> ClassPhoto:
    """Store a picture of a class. The same picture sent again is the one that is there; children ticked this
    time are added to it. Raises Refused.
    """
    _check(meeting, children, at)
    is_there = ClassPhoto.objects.filter(meeting=meeting, digest=piece.digest).exists()
    if not is_there:
        _check_count(meeting)
    names: list[str] = []
    try:
        if not is_there:  # outside the transaction: a slow bucket holds no lock
            for each in (piece.content, piece.small):
                names.append(_stored(each))
        with transaction.atomic():
            children = list(
                Child.objects.select_for_update()
                .filter(pk__in=[child.pk for child in children])
                .order_by("pk")
            )
            _check(meeting, children, at)  # a no may have come in between
            Meeting.objects.select_for_update(no_key=True).get(pk=meeting.pk)  # one picture at a time
            photo, is_new = _row(meeting, piece, names, by=by, at=at)
            if photo.hidden_at:
                raise Refused(Reason.REMOVED)
            ChildInPhoto.objects.bulk_create(
                (ChildInPhoto(photo=photo, child=child) for child in children), ignore_conflicts=True
            )
    except ClassPhoto.DoesNotExist:  # deleted since we looked
        return add(meeting, piece=piece, children=children, by=by, at=at)
    except BaseException:
        contents.delete(names)
        raise
    if not is_new:
        contents.delete(names)
    return photo


def _stored(content) -> str:  # type: ignore[no-untyped-def]  # as contents.store
    try:
        return contents.store(content, FOLDER)
    except OSError as fault:
        contents.log.exception("a picture could not be stored")
        raise Refused(Reason.STORAGE) from fault


def _check(meeting: Meeting, children: Collection[Child], at: datetime) -> None:
    if at < meeting.starts_at:
        raise Refused(Reason.NOT_BEGUN)
    if not children:
        raise Refused(Reason.NOBODY)
    keys = {child.pk for child in children}
    if without := keys - permitting(keys, at):
        raise Refused(Reason.NO_CONSENT, without)


def _row(
    meeting: Meeting, piece: ProjectPiece, names: list[str], *, by: User, at: datetime
) -> tuple[ClassPhoto, bool]:
    """Return the picture's row under its lock, and whether it is new and names the stored files.

    Raises DoesNotExist without stored files (it was there when we looked).
    """
    rows = ClassPhoto.objects.select_for_update().filter(meeting=meeting, digest=piece.digest)
    if not names or rows.exists():
        return rows.get(), False
    _check_count(meeting)
    stored_as, small_as = names
    photo = ClassPhoto.objects.create(
        meeting=meeting,
        digest=piece.digest,
        added_at=at,
        added_by_ref=by.pk,
        extension=f".{piece.name.rpartition('.')[2]}",
        size=piece.size,
        stored_as=stored_as,
        small_as=small_as,
    )
    return photo, True


def _check_count(meeting: Meeting) -> None:
    if ClassPhoto.objects.filter(meeting=meeting).count() >= MOST_OF_A_CLASS:
        raise Refused(Reason.TOO_MANY)


def _locked(*keys: int) -> list[ClassPhoto]:
    """Lock pictures before they are deleted: a child may just have been ticked."""
    return list(ClassPhoto.objects.select_for_update().filter(pk__in=keys).order_by("pk"))


@transaction.atomic
def hide(photo: ClassPhoto, *, child: Child | None, by: User | None, at: datetime) -> None:
    """Hide a picture from everybody because a guardian of this child asked; a manager decides later."""
    if ClassPhoto.objects.filter(pk=photo.pk, hidden_at=None).update(hidden_at=at):
        account_events.note("photo_hidden", child=child, by=by, at=at)
        erased_numbers.note(erased_numbers.What.HIDDEN_PHOTO, photo.pk, born=photo.stored_as, at=at)


@transaction.atomic
def show_again(photo: ClassPhoto, *, by: User, at: datetime) -> None:
    """Undo `hide` by a manager's decision. The consents still decide."""
    if ClassPhoto.objects.filter(pk=photo.pk).exclude(hidden_at=None).update(hidden_at=None):
        account_events.note("photo_shown", by=by, at=at)


@transaction.atomic
def erase(photo: ClassPhoto, *, by: User | None, at: datetime) -> None:
    """Delete a picture with its files; that it was deleted is noted, by None for the retention job.

    The families of the children in it are told when a person deleted it while it could be seen, unless it is
    one's own slip of the last minutes. What nobody sees any more, a family took away itself.
    """
    ticked = Child.objects.filter(photo_ticks__photo=photo)
    list(ticked.select_for_update(of=("self",)).order_by("pk"))  # before the picture, as `add` does
    if not _locked(photo.pk):
        return
    is_seen = bool(seen(ClassPhoto.objects.filter(pk=photo.pk), at))
    ticks = ChildInPhoto.objects.filter(photo=photo).select_related("child").order_by("child")
    children = [tick.child for tick in ticks]
    if ClassPhoto.objects.filter(pk=photo.pk).delete()[0]:
        account_events.note("photo_erased", by=by, at=at)
        erased_numbers.note(erased_numbers.What.PHOTO, photo.pk, born=photo.stored_as, at=at)
        contents.delete_when_committed([photo.stored_as, photo.small_as])
        is_slip = by is not None and by.pk == photo.added_by_ref and at < photo.added_at + HOLD
        if is_seen and by is not None and not is_slip:
            _tell_removed(photo.meeting, children, at)


def _tell_removed(meeting: Meeting, children: Iterable[Child], at: datetime) -> None:
    """Write one message to each guardian; several pictures removed one after the other are one message."""
    theirs: dict[User, list[Child]] = {}
    ties = Guardianship.objects.filter(child__in=children).select_related("guardian", "child")
    for tie in ties.order_by("pk"):
        theirs.setdefault(tie.guardian, []).append(tie.child)
    for guardian, mine in theirs.items():
        waiting = Letter.objects.filter(
            kind="photo_removed", recipient=guardian, meeting=meeting, about=Letter.about_words(mine)
        )
        if not waiting.filter(state=Letter.State.QUEUED).exists():
            outbox.write(
                "photo_removed",
                to=guardian,
                at=at,
                hold=HOLD,
                child=mine[0] if len(mine) == 1 else None,
                children=mine,
                meeting=meeting,
            )


@transaction.atomic
def forget(child: Child) -> None:
    """Delete every picture this child is in, for enrollments.privacy.erasure."""
    photos = _locked(*ChildInPhoto.objects.filter(child=child).values_list("photo", flat=True))
    ClassPhoto.objects.filter(pk__in=[photo.pk for photo in photos]).delete()
    contents.delete_when_committed([name for photo in photos for name in (photo.stored_as, photo.small_as)])


@transaction.atomic
def hand_over(*, from_child: Child, to_child: Child) -> None:
    """Move the ticks of one file to the other when merging; a child is in a picture once."""
    known = ChildInPhoto.objects.filter(child=to_child).values("photo")
    ChildInPhoto.objects.filter(child=from_child, photo__in=known).delete()
    ChildInPhoto.objects.filter(child=from_child).update(child=to_child)


def sweep(at: datetime) -> int:
    """Delete stored files that no row names, a day after they were written; return how many."""
    known = set(chain.from_iterable(ClassPhoto.objects.values_list("stored_as", "small_as")))
    return contents.sweep(FOLDER, known, at)
