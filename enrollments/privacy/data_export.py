"""Personal data export for a guardian: a ZIP with JSON, a readable HTML page and the children's work.

Sole writer of DataCopy.

It contains the requester's and the children's data, nothing about the other guardian and no staff name
(domain §7).
"""

import json
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum, auto
from functools import partial
from typing import IO, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q, Sum
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from enrollments.families import account_events, safety_notes
from enrollments.letters import outbox
from enrollments.models import (
    AccountEvent,
    Certificate,
    Child,
    ClassNote,
    Consent,
    DataCopy,
    Enrollment,
    Equivalence,
    GuardianEvent,
    GuardianInvitation,
    Guardianship,
    Incident,
    Letter,
    PickupPerson,
    Presence,
    Project,
    ProjectFile,
    ReadRecord,
    Receipt,
    Recommendation,
    SafetyNote,
    ShowcaseStory,
    SkillObservation,
)
from enrollments.portfolio import archive, class_photos
from enrollments.portfolio.pieces import plain
from enrollments.privacy import build_turn, copy_files, inventory
from home.account import User
from home.refusals import CodedRefusal

LASTS = inventory.COPY.delta
MOST_A_DAY = 5


class Reason(StrEnum):
    """Why no copy was made."""

    RUNNING = auto()  # another tab's is being written
    TOO_MANY = auto()  # MOST_A_DAY within a day
    CHANGED = auto()  # a right of theirs ended, or their account, while it was being written


class Refused(CodedRefusal[Reason]):
    """Nothing was kept, and an older copy is still there."""


def make(user: User, *, at: datetime, done: Callable[[], bool] = lambda: True) -> DataCopy:
    """Write the export and let it take the place of an older one. The message is written last, when the file
    exists; `done` is called in the same transaction, and its False keeps the older copy (CHANGED).

    One build per account at a time, and MOST_A_DAY of them a day: each reads every file of the children's
    work. The account's row is locked only when the file is whole. Raises Refused.
    """
    try:
        with build_turn.turn_of(user) as turn:
            return _made(DataCopy(user=user, made_at=at, expires_at=at + LASTS), turn.renew, done)
    except build_turn.Taken:
        raise Refused(Reason.RUNNING) from None


def _made(copy: DataCopy, renew: Callable[[], None], done: Callable[[], bool]) -> DataCopy:
    try:
        check_turns(copy.user, copy.made_at)
        with copy_files.written(copy, _size_of(copy.user, copy.made_at)) as file:
            _write_zip(file, copy.user, copy.made_at, renew)
        _put_in_place(copy, done)  # last: a row never names a file that was not written to the end
    except Guardianship.DoesNotExist:  # it ended between two queries
        raise Refused(Reason.CHANGED) from None
    except BaseException:
        with suppress(OSError):  # or else `sweep` does
            copy_files.delete(copy)
        raise
    return copy


def check_turns(user: User, at: datetime) -> None:
    """Raise Refused when this account has had its copies of the day."""
    made = AccountEvent.objects.filter(what="copy", user_ref=user.pk, at__gt=at - timedelta(days=1))
    if made.count() >= MOST_A_DAY:
        raise Refused(Reason.TOO_MANY)


@transaction.atomic
def _put_in_place(copy: DataCopy, done: Callable[[], bool]) -> None:
    """Let this copy take the older one's place, whose file is deleted once that is certain."""
    user = get_user_model().objects.select_for_update().filter(pk=copy.user_id).first()
    if user is None or not user.is_active or is_outdated(copy) or not done():
        raise Refused(Reason.CHANGED)
    for older in DataCopy.objects.filter(user=user):
        transaction.on_commit(partial(copy_files.delete, older), robust=True)
        older.delete()
    copy.save(force_insert=True)
    account_events.note("copy", user=user, by=user, at=copy.made_at)
    outbox.write("export_ready", to=user, at=copy.made_at, until=copy.expires_at)


def _size_of(user: User, at: datetime) -> int:
    """Return about how many bytes a copy takes: the children's files, which are not packed smaller."""
    children = Child.objects.of(user)
    files = ProjectFile.objects.filter(project__child__in=children).aggregate(bytes=Sum("size"))["bytes"]
    photos = (photo for child in children for photo in class_photos.of_child(child, at))
    return (files or 0) + sum(photo.size for photo in photos)


def is_outdated(copy: DataCopy) -> bool:
    """Return whether a guardianship of its owner has ended since: it holds what they may read no more."""
    ended = GuardianEvent.objects.filter(guardian_ref=copy.user_id, what__in=("removed", "left"))
    return ended.filter(at__gte=copy.made_at).exists()


def sweep(at: datetime) -> int:
    """Delete a crash's files, which no row names, once older than a copy is kept; return how many."""
    return copy_files.sweep(set(map(copy_files.name_of, DataCopy.objects.all())), at - LASTS)


def put_away(copy: DataCopy) -> None:
    """Delete the file, then the row: after a crash in between, the row is deleted on the next run."""
    copy_files.delete(copy)
    copy.delete()


def put_away_all(users: Iterable[User]) -> None:
    """Delete all exports of these users, because they are out of date or somebody is erased."""
    for copy in DataCopy.objects.filter(user__in=list(users)):
        put_away(copy)


def _write_zip(file: IO[bytes], user: User, at: datetime, renew: Callable[[], None]) -> None:
    """Write the archive; the children's work goes through memory in chunks, and `renew` is called after
    each.
    """
    told = told_of(user, at)
    with translation.override(user.language), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        page = render_to_string("enrollments/copy.html", {"told": told, "reader": user, "at": at})
        data = json.dumps(told, ensure_ascii=False, indent=2, default=str)
        for name, content in (("active-labs.json", data), ("active-labs.html", page)):
            packed.writestr(zipfile.ZipInfo(name, archive.clock(at)), content, zipfile.ZIP_DEFLATED)
        work, pictures = _("Projects"), _("Pictures of classes")
        for child in Child.objects.of(user).order_by("birth_date", "pk"):
            owner = f"{child} {plain(child.first_name)}"
            for _written in archive.pack(packed, child.projects.with_files(), f"{work}/{owner}/"):
                renew()
            photos = class_photos.of_child(child, at)
            for _written in archive.pack_photos(packed, photos, f"{pictures}/{owner}/"):
                renew()


def told_of(user: User, at: datetime) -> dict[str, Any]:
    """Return the export's content as plain values, times in UTC; keys are the names used in the code."""
    children = Child.objects.of(user).order_by("birth_date", "pk")
    return {
        "made_at": at,
        "account": {
            "name": user.name,
            "email": user.email,
            "phone": str(user.phone),
            "language": user.language,
            "since": user.date_joined,
            "last_login": user.last_login,
            "addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary")),
        },
        "logins": list(UserSession.objects.filter(user=user).values("created_at", "ip", "user_agent")),
        "second_factors": list(
            Authenticator.objects.filter(user=user).values("type", "created_at", "last_used_at")
        ),
        "invitations_made": list(
            GuardianInvitation.objects.filter(invited_by=user).values(
                "relation", "rights", "email", "created_at", "used_at"
            )
        ),
        "consents": [
            _consent(one) for one in Consent.objects.filter(guardian=user).select_related("version__policy")
        ],
        "letters": list(
            Letter.objects.filter(recipient=user)
            .exclude(kind=Letter.ACCOUNT)
            .exclude(state=Letter.State.WITHHELD)
            .values("written_at", "sent_at", "subject", "body")
        ),
        "receipts": [
            {
                "number": one.code,
                "reference": one.reference,
                "amount": one.amount,
                "method": one.method,
                "at": one.at,
            }
            for one in Receipt.objects.filter(payer=user)
        ],
        "children": [_child(child, user, at) for child in children],
    }


def _consent(consent: Consent) -> dict[str, Any]:
    return {
        "policy": consent.version.policy.code,
        "version": consent.version.number,
        "answer": consent.answer,
        "child": consent.child.first_name if consent.child else None,
        "by_child": consent.by_child,
        "channel": consent.channel,
        "given_at": consent.given_at,
    }


def _child(child: Child, user: User, at: datetime) -> dict[str, Any]:
    tie = Guardianship.objects.get(child=child, guardian=user)
    own = Q(child=child) & (Q(by_child=True) | Q(guardian=user))
    return {
        "first_name": child.first_name,
        "last_name": child.last_name,
        "first_name_ar": child.first_name_ar,
        "last_name_ar": child.last_name_ar,
        "birth_date": child.birth_date,
        "languages": child.languages,
        "has_laptop": child.has_laptop,
        "may_go_alone": child.may_go_alone,
        "emergency": {
            "name": child.emergency_name,
            "relation": child.emergency_relation,
            "phone": str(child.emergency_phone),
        },
        "speak_first": child.speak_first,
        "i_am": tie.relation,
        "my_rights": tie.rights,
        "since": tie.since,
        "may_collect": [
            {"name": person.name, "relation": person.relation, "phone": str(person.phone)}
            for person in PickupPerson.objects.filter(child=child)
        ],
        "safety_note": _note(child),
        "places": list(
            Enrollment.objects.filter(child=child).values(
                "reference", "state", "price", "first_meeting_on", "created_at", "session__course__code"
            )
        ),
        "classes": list(
            Presence.objects.filter(child=child).values(
                "meeting__on",
                "meeting__session__course__code",
                "mark",
                "minutes",
                "remark",
                "announced",
                "went_home",
                "went_with",
                "went_at",
            )
        ),
        "skills": list(
            SkillObservation.objects.filter(child=child).values(
                "skill__code", "level", "seen_at", "meeting__on"
            )
        ),
        "class_notes": list(ClassNote.objects.filter(child=child).values("meeting__on", "chips", "text")),
        "projects": [_project(one) for one in child.projects.with_prints()],
        "certificates": list(
            Certificate.objects.filter(child=child).values(
                "pk",
                "code",
                "first_name",
                "last_name",
                "first_name_ar",
                "last_name_ar",
                "title_fr",
                "title_ar",
                "title_en",
                "completed_on",
                "issued_at",
                "revoked_at",
            )
        ),
        "photos": [
            {"name": one.name, "class_on": one.meeting.on, "added_at": one.added_at, "bytes": one.size}
            for one in class_photos.of_child(child, at)
        ],
        "incidents": list(
            Incident.objects.filter(child=child).values(
                "happened_at", "what", "done", "told", "countersigned_at"
            )
        ),
        "levels_declared": list(
            Equivalence.objects.filter(child=child).values("course__code", "declared_at", "confirmed_at")
        ),
        "ready_for": list(Recommendation.objects.filter(child=child).values("course__code", "given_at")),
        "consents": [
            _consent(one) for one in Consent.objects.filter(own).select_related("version__policy", "child")
        ],
        "looked_at": list(
            ReadRecord.objects.filter(child_ref=child.pk).values("what", "role", "reason", "at")
        )
        if tie.rights == Guardianship.Rights.FULL
        else [],
    }


def _project(project: Project) -> dict[str, Any]:
    return {
        "title": project.title,
        "story": project.story,
        "link": project.link,
        "made_on": project.made_on,
        "added_at": project.added_at,
        "course": project.course.code if project.course else None,
        "showcase": _story(project),
        "not_for_showcase_since": project.set_aside_at,
        "files": [
            {
                "name": file.name,
                "kind": file.kind,
                "facts": file.facts,
                "bytes": file.size,
                "prints": [
                    {"state": one.state, "asked_at": one.asked_at, "reason": one.reason, "grams": one.grams}
                    for one in file.prints.all()
                ],
            }
            for file in project.files.all()
        ],
    }


def _story(project: Project) -> dict[str, Any] | None:
    story: ShowcaseStory | None = getattr(project, "showcase", None)
    if story is None:
        return None
    return {
        "title": story.title,
        "story": story.story,
        "approved_at": story.approved_at,
        "hidden_at": story.hidden_at,
    }


def _note(child: Child) -> dict[str, str] | str | None:
    note = SafetyNote.objects.filter(child=child).first()
    if note is None:
        return None
    try:
        return safety_notes.open_note(note)
    except safety_notes.Unreadable:
        return "There is a note, but it cannot be read at the moment. Contact us."
