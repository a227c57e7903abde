"""What the demo's children take home when a course ends: certificates, the families' answers to three
questions, and an instructor's “ready for the next level”.
"""

from datetime import datetime, time, timedelta
from typing import cast
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.utils import timezone

from academy.demo.classes import IN_FULL
from academy.demo.families import PARENT
from academy.demo.places import ADAMS_SESSIONS
from academy.demo.season import sessions_by_key
from academy.demo.words import read
from academy.models import User
from courses.models import Meeting, Session
from courses.models.timetable import instant
from enrollments.classes import next_level, progress, surveys
from enrollments.learning import certificates
from enrollments.models import Certificate, Child, Enrollment, Receipt, SurveyLink
from enrollments.money import receipts
from enrollments.permissions import FRONT_DESK

NOTE = "A recommencé son étoile trois fois, puis a montré à son voisin comment mesurer l’épaisseur."
NEXT = "ROBOT-B"  # the course Adam is ready for


@transaction.atomic
def write_learning(now: datetime, say) -> None:
    """Issue the certificates of an ended session, let its families answer, recommend a next course."""
    if Certificate.objects.exists():
        return
    say("Certificates, answers and next levels")
    session = sessions_by_key()[IN_FULL]
    at = instant(timezone.localdate(session.over_at) + timedelta(days=1), time(10))
    manager = User.objects.get(email="manager@example.org")
    proposed = [one.child.pk for one in certificates.candidates(session, at) if one.is_proposed]
    certificates.issue(session, dict.fromkeys(proposed, ""), by=manager, at=at)
    _pay(session)
    _answer(session, at)
    adam = Child.objects.get(guardians__email=PARENT, first_name="Adam")
    if last := session.meetings.filter(cancelled_at=None).order_by("starts_at").last():
        teacher = last.session.instructors.first() or manager
        progress.note(adam, last, chips=["patient", "team"], text=NOTE, by=teacher, at=last.ends_at)
    _recommend(adam, now)


def _pay(session: Session) -> None:
    """Take what was due for this session on its first day, at the front desk."""
    front_desk = User.objects.filter(groups__name=FRONT_DESK, is_active=True).order_by("pk")[0]
    places = session.enrollments.filter(state=Enrollment.State.SEATED).order_by("pk")
    for reference in dict.fromkeys(places.values_list("reference", flat=True)):
        if due := receipts.account_of(reference).due:
            payer = User.objects.filter(
                guardianships__child__enrollments__reference=reference, guardianships__rights="full"
            ).first()
            receipts.receive(
                reference, amount=due, method=Receipt.Method.CASH, payer=payer, by=front_desk,
                at=cast(datetime, session.first_at), form_key=uuid5(NAMESPACE_URL, reference),
            )  # fmt: skip


def _answer(session: Session, at: datetime) -> None:
    """Ask the families of what ended that week, and answer for some of this session."""
    surveys.ask_due(at)
    links = SurveyLink.objects.filter(session=session, is_used=False).order_by("pk")
    for link, said in zip(links, read("projects")["answers"], strict=False):
        surveys.answer(link, **said, at=at + timedelta(days=1))


def _recommend(adam: Child, now: datetime) -> None:
    held = Meeting.objects.filter(
        session=sessions_by_key()[ADAMS_SESSIONS[-1]], cancelled_at=None, ends_at__lt=now - timedelta(hours=2)
    )
    if (meeting := held.order_by("starts_at").last()) is None:
        return
    course = next(course for course in next_level.next_courses(meeting) if course.code == NEXT)
    teacher = meeting.session.instructors.first()
    next_level.recommend(adam, course, meeting, by=teacher, at=meeting.ends_at)
