"""Certificates: issue, issue again under a corrected name, revoke. Sole writer of Certificate and its events.

A certificate keeps what was printed. A corrected name makes a new one with a new code; the old code then says
that it was replaced. The code is random: 28 signs of 30, about 137 bits.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from courses.models import Session
from enrollments.learning.attended import ClassesAttended, attended
from enrollments.letters import outbox
from enrollments.models import Certificate, CertificateEvent, Child, Enrollment, Guardianship
from enrollments.models.attendance import by_name
from enrollments.models.certificates import GROUP, GROUPS, titles_of
from enrollments.models.places import ALPHABET
from enrollments.permissions import files_open_to
from enrollments.places import seat_log
from home.account import User
from home.refusals import CodedRefusal

LENGTH = GROUP * GROUPS
SEVERAL = 2  # classes without a mark: nobody is proposed by a register that was hardly kept
EXCEPTIONS = (Certificate.Ground.CAUGHT_UP, Certificate.Ground.AT_HOME, Certificate.Ground.SHOWN)
NAMES = ("first_name", "last_name", "first_name_ar", "last_name_ar")

PRINTED = ("title_fr", "title_ar", "title_en", "track_code", "completed_on")


class Reason(StrEnum):
    NOT_OVER = "not_over"  # the session has classes to come, or was cancelled
    NOT_THERE = "not_there"  # the child had no place in this session
    GROUND = "ground"  # the child did not complete the course, and no reason was chosen
    REVOKED = "revoked"
    SAME_NAME = "same_name"  # nothing to correct


class Refused(CodedRefusal[Reason]):
    """Nothing was written."""


@dataclass(frozen=True)
class CertificateCandidate:
    """One child of a session: its attendance, whether it completed the course, its valid certificate."""

    child: Child
    attended: ClassesAttended
    has_completed: bool
    certificate: Certificate | None

    @property
    def is_proposed(self) -> bool:
        """Return whether it is ticked beforehand: completed, and registers have seen the child. One without
        any mark, or without that of several classes, is ticked by somebody who knows.
        """
        return self.has_completed and self.attended.was_seen and self.attended.unmarked < SEVERAL

    @property
    def is_corrected(self) -> bool:
        """Return whether the certificate bears another name than the child's file."""
        return self.certificate is not None and _differ(self.certificate, self.child)


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _sign in range(LENGTH))


def read(text: str) -> str:
    """Return what somebody typed as a code: capitals, without spaces and hyphens."""
    return "".join(sign for sign in text[: 3 * LENGTH].upper() if sign not in " -")


def is_code(text: str) -> bool:
    """Return whether this could be the code of a certificate: its length and its letters."""
    code = read(text)
    return len(code) == LENGTH and set(code) <= set(ALPHABET)


def find(text: str) -> Certificate | None:
    """Return the certificate with this code, revoked ones too; None for any other code, for an erased child's
    and for a child whose file is protected, about whom nothing is confirmed (domain §7).
    """
    if not is_code(text):
        return None
    return Certificate.objects.filter(
        code=read(text), child__is_protected=False, child__erased_at=None
    ).first()


def open_to(user: User) -> QuerySet[Certificate]:
    """Return the certificates this team member may open: those of files they may open, not erased."""
    rows = Certificate.objects.filter(code__isnull=False, child__in=files_open_to(user))
    return rows.select_related("child", "session__course__track")


def candidates(session: Session, at: datetime) -> list[CertificateCandidate]:
    """Return everybody who had a place in the session, by first name. Five queries.

    Completed, as a prerequisite means it (enrollments.places.eligibility): has a place when the session ends;
    here, a child that the register never saw in class is left out.
    """
    rows = list(
        Enrollment.objects.filter(session=session, seated_at__isnull=False, child__erased_at=None)
        .select_related("child")
        .order_by("pk")
    )
    seats: dict[int, Enrollment] = {}
    for row in rows:
        if row.state == Enrollment.State.SEATED or row.child_id not in seats:
            seats[row.child_id] = row
    counts = attended(rows, at)
    valid = {row.child_id: row for row in Certificate.objects.valid().filter(session=session)}
    found = [
        CertificateCandidate(
            seat.child,
            counts[seat.child_id, session.pk],
            session.is_over(at)
            and seat.state == Enrollment.State.SEATED
            and not counts[seat.child_id, session.pk].was_never_there,
            valid.get(seat.child_id),
        )
        for seat in seats.values()
    ]
    return sorted(found, key=lambda candidate: by_name(candidate.child))


@transaction.atomic
def issue(session: Session, grounds: Mapping[int, str], *, by: User, at: datetime) -> list[Certificate]:
    """Issue a certificate to each of these children and write one letter to each guardian.

    `grounds`: primary key of the child → a code of Ground, empty for a completed course. A child with a valid
    certificate of this session is skipped, so that pressing twice makes one. Returns the new certificates;
    raises Refused.
    """
    if not session.is_over(at):
        raise Refused(Reason.NOT_OVER)
    seat_log.locked_children(grounds)  # the same press twice waits here, and then finds the first one's rows
    known = {one.child.pk: one for one in candidates(session, at)}
    if not grounds.keys() <= known.keys():
        raise Refused(Reason.NOT_THERE)
    chosen = {}
    for key, ground in grounds.items():
        one = known[key]
        if one.certificate is None:
            chosen[key] = Certificate.Ground.COMPLETED if one.has_completed else ground
    if any(ground not in (Certificate.Ground.COMPLETED, *EXCEPTIONS) for ground in chosen.values()) or any(
        ground == Certificate.Ground.COMPLETED and not known[key].has_completed
        for key, ground in chosen.items()
    ):
        raise Refused(Reason.GROUND)
    printed = _printed(session)
    made = [
        _make(known[key].child, session, printed, ground=ground, by=by, at=at)
        for key, ground in chosen.items()
    ]
    _tell("certificate", made, at=at)
    return made


def _printed(session: Session) -> dict[str, Any]:
    """Return what a certificate says of the course, besides the name."""
    facts = {"track_code": session.course.track.code, "completed_on": session.last_on}
    return titles_of(session.course) | facts


def _make(
    child: Child, session: Session, printed: Mapping[str, Any], *, ground: str, by: User, at: datetime
) -> Certificate:
    certificate = Certificate.objects.create(
        child=child,
        session=session,
        code=new_code(),
        ground=ground,
        issued_at=at,
        issued_by_ref=by.pk,
        **printed,
        **{name: getattr(child, name) for name in NAMES},
    )
    _note(certificate, CertificateEvent.What.ISSUED, reason=ground, by=by, at=at)
    return certificate


def _note(certificate: Certificate, what: str, *, reason: str, by: User, at: datetime) -> None:
    CertificateEvent.objects.create(
        certificate_ref=certificate.pk,
        child_ref=certificate.child_id,
        what=what,
        reason=reason,
        by_ref=by.pk,
        at=at,
    )


def _tell(kind: str, certificates: Iterable[Certificate], *, at: datetime, **words: Any) -> None:
    """Write one letter to each guardian about all of their children's certificates."""
    by_child = {one.child_id: one for one in certificates}
    theirs: dict[User, list[Certificate]] = {}
    for tie in Guardianship.objects.filter(child__in=by_child).select_related("guardian").order_by("pk"):
        theirs.setdefault(tie.guardian, []).append(by_child[tie.child_id])
    for guardian, rows in theirs.items():
        outbox.write(
            kind,
            to=guardian,
            at=at,
            child=rows[0].child if len(rows) == 1 else None,
            rows=rows,
            **words,
        )


def corrected_since(certificate: Certificate) -> bool:
    """Return whether the child's file now has another name than the certificate."""
    return _differ(certificate, certificate.child)


def _differ(certificate: Certificate, child: Child) -> bool:
    return any(getattr(certificate, name) != getattr(child, name) for name in NAMES)


@transaction.atomic
def reissue(certificate: Certificate, *, by: User, at: datetime) -> Certificate:
    """Issue the certificate again under the name that the child's file has now; its old code says that it is
    revoked. The title and the month stay those of the first one. Raises Refused.
    """
    old = _locked(certificate)
    if not corrected_since(old):
        raise Refused(Reason.SAME_NAME)
    _end(old, Certificate.Revoked.NAME, by=by, at=at)
    printed = {name: getattr(old, name) for name in PRINTED}
    new = _make(old.child, old.session, printed, ground=old.ground, by=by, at=at)
    _tell("certificate", [new], at=at, is_corrected=True)
    return new


@transaction.atomic
def revoke(certificate: Certificate, *, by: User, at: datetime) -> None:
    """Revoke a certificate issued by mistake, and tell the guardians. Raises Refused."""
    old = _locked(certificate)
    _end(old, Certificate.Revoked.MISTAKE, by=by, at=at)
    _tell("certificate_revoked", [old], at=at)


def newest_of(certificate: Certificate) -> Certificate:
    """Return the valid certificate of the same child and session, or this revoked one if there is none."""
    valid = Certificate.objects.valid().filter(child=certificate.child_id, session=certificate.session_id)
    return valid.first() or certificate


def replacement_of(certificate: Certificate) -> Certificate | None:
    """Return the valid certificate that replaced a revoked one; None for a valid one."""
    newest = newest_of(certificate)
    return newest if newest.pk != certificate.pk else None


def replaced_by(certificate: Certificate) -> list[Certificate]:
    """Return the revoked certificates of the same child and session that were issued before this one."""
    rows = Certificate.objects.filter(child=certificate.child_id, session=certificate.session_id)
    return list(rows.exclude(revoked_at=None).filter(pk__lt=certificate.pk))


def told(children: Iterable[int]) -> int:
    """Return how many guardians one letter each would go to about certificates of these children."""
    return Guardianship.objects.filter(child__in=children).values("guardian").distinct().count()


def _locked(certificate: Certificate) -> Certificate:
    """Return the valid certificate under its child's lock and its own: a merge may have given it to another
    file since.
    """
    seat_log.locked_children([certificate.child_id])
    rows = Certificate.objects.select_for_update(of=("self",))
    rows = rows.select_related("child", "session__course__track")
    row = rows.filter(pk=certificate.pk, revoked_at=None, code__isnull=False).first()
    if row is None:
        raise Refused(Reason.REVOKED)
    return row


def _end(certificate: Certificate, reason: str, *, by: User, at: datetime) -> None:
    Certificate.objects.filter(pk=certificate.pk).update(
        revoked_at=at, revoked_by_ref=by.pk, revoked_for=reason
    )
    _note(certificate, CertificateEvent.What.REVOKED, reason=reason, by=by, at=at)


def forget(child: Child) -> None:
    """Take the name and the code off the certificates of a child that is being erased."""
    nothing = dict.fromkeys(NAMES, "")
    Certificate.objects.filter(child=child).update(code=None, **nothing)


def hand_over(*, from_child: Child, to_child: Child, by: User, at: datetime) -> list[Certificate]:
    """Move one file's certificates to the other when merging; of two valid ones for a session, the kept
    file's stays valid. Return those that stay because another one was revoked.
    """
    twice = []
    for row in Certificate.objects.valid().filter(child=to_child).order_by("pk"):
        for other in Certificate.objects.valid().filter(child=from_child, session=row.session_id):
            _end(other, Certificate.Revoked.MERGED, by=by, at=at)
            twice.append(row)
    Certificate.objects.filter(child=from_child).update(child=to_child)
    return twice


def tell_merged(child: Child, twice: list[Certificate], *, at: datetime) -> None:
    """Tell informed guardians which certificates stay of those that were issued twice; the others read it in
    the message about the merged files.
    """
    informed = Guardianship.objects.filter(child=child, rights=Guardianship.Rights.INFORMED)
    for tie in informed.select_related("guardian").order_by("pk") if twice else ():
        outbox.write("certificate_revoked", to=tie.guardian, at=at, child=child, rows=twice, is_merged=True)
