"""Rows that a database constraint refuses, each made in one call (tests/courses/test_constraints.py)."""

from datetime import date, time
from uuid import uuid4

from django.utils import timezone

from courses.models import (
    LessonBlock,
    OpeningHours,
    Prerequisite,
)
from enrollments.models import (
    CalendarFeed,
    Certificate,
    ClassNote,
    Enrollment,
    Equivalence,
    ErasureAgreement,
    MakeUp,
    MergeAgreement,
    MergeProposal,
    Message,
    Policy,
    PolicyText,
    PolicyVersion,
    Presence,
    Project,
    ProjectFile,
    Receipt,
    Recommendation,
    SessionGuest,
    SkillObservation,
    SurveyLink,
    Waiver,
)
from tests.factories import (
    ChildFactory,
    CourseFactory,
    GuardianshipFactory,
    LessonFactory,
    SessionFactory,
    SkillFactory,
    UserFactory,
    VenueFactory,
)

NOW = timezone.now()


def enrollment(**facts) -> Enrollment:
    ready = {
        "state": "seated",
        "ticket": 1,
        "price": 100,
        "first_meeting_on": date(2026, 12, 5),
        "created_at": NOW,
        "changed_at": NOW,
        "seated_at": NOW if facts.get("state", "seated") == "seated" else None,
    }
    session = facts.pop("session", None) or SessionFactory()
    return Enrollment.objects.create(
        child=facts.pop("child", None) or ChildFactory(), session=session, **(ready | facts)
    )


def twin(row, **facts):
    """Return a copy of the row with these changes."""
    row.pk = None
    row._state.adding = True
    for name, value in facts.items():
        setattr(row, name, value)
    row.save(force_insert=True)


def a_prerequisite(**facts):
    course = CourseFactory()
    return Prerequisite.objects.create(
        course=course, **{name: course if value == "itself" else value for name, value in facts.items()}
    )


def hours(**facts):
    ready = {"venue": VenueFactory(), "weekday": 2, "opens": time(9), "closes": time(18)}
    return OpeningHours.objects.create(**(ready | facts))


def a_block(**facts):
    return LessonBlock.objects.create(lesson=LessonFactory(), text="x", **facts)


def a_project(**facts):
    ready = {"title": "x", "made_on": NOW.date(), "added_at": NOW, "added_by_ref": 1, "fingerprint": "x"}
    return Project.objects.create(child=ChildFactory(), **(ready | facts))


def a_work(**facts):
    ready = {"kind": "python", "name": "x.py", "size": 1, "digest": "x", "stored_as": "x"}
    return ProjectFile.objects.create(project=a_project(), **(ready | facts))


def change(model, row, **facts):
    model.objects.filter(pk=row.pk).update(**facts)


def two_live_enrollments():
    row = enrollment()
    twin(row, ticket=2, state="waiting", seated_at=None)


def two_on_one_ticket():
    row = enrollment()
    twin(row, child=ChildFactory())


def two_ties():
    GuardianshipFactory(child=(tie := GuardianshipFactory()).child, guardian=tie.guardian)


def two_words_on_one_level():
    child, course = ChildFactory(), CourseFactory()
    for _again in range(2):
        Equivalence.objects.create(child=child, course=course, declared_at=NOW)


def two_recommendations():
    child, course = ChildFactory(), CourseFactory()
    for _again in range(2):
        Recommendation.objects.create(child=child, course=course, given_by_ref=1, given_at=NOW)


def two_surveys():
    session = SessionFactory()
    for _again in range(2):
        SurveyLink.objects.create(session=session, asked_hash="a" * 64, expires_at=NOW)


def a_used_survey_with_its_guardian():
    SurveyLink.objects.create(
        session=SessionFactory(), guardian=UserFactory(), asked_hash="a" * 64, expires_at=NOW, is_used=True
    )


def a_policy_version(**facts):
    policy = Policy.objects.get_or_create(code="terms")[0]
    return PolicyVersion.objects.create(policy=policy, **({"number": 1} | facts))


def two_texts_in_one_language():
    version = a_policy_version()
    for _again in range(2):
        PolicyText.objects.create(version=version, language="fr", title="Termes", body="…", sha256="0" * 64)


def two_agreements():
    tie = GuardianshipFactory()
    for _again in range(2):
        ErasureAgreement.objects.create(child=tie.child, guardian=tie.guardian, agreed_at=NOW)


def a_merge(kept, gone):
    return MergeProposal.objects.create(kept=kept, gone=gone, proposed_by_ref=1, proposed_at=NOW)


def two_merge_proposals():
    kept, gone = ChildFactory(), ChildFactory()
    return [a_merge(kept, gone) for _again in range(2)]


def two_merge_agreements():
    proposal, guardian = a_merge(ChildFactory(), ChildFactory()), UserFactory()
    for _again in range(2):
        MergeAgreement.objects.create(proposal=proposal, guardian=guardian, agreed_at=NOW)


def two_waivers():
    child, session = ChildFactory(), SessionFactory()
    for _again in range(2):
        Waiver.objects.create(child=child, session=session, code="clash", by_ref=1, at=NOW)


def a_receipt(**facts):
    ready = {
        "year": 2026,
        "number": 1,
        "reference": "AL-1",
        "amount": 5,
        "method": "cash",
        "recorded_by_ref": 1,
        "at": NOW,
        "form_key": uuid4(),
    }
    return Receipt.objects.create(**(ready | facts))


def a_guest_twice():
    guardian, session = UserFactory(), SessionFactory()
    for _again in range(2):
        SessionGuest.objects.create(guardian=guardian, session=session, at=NOW)


def two_open_feeds(child):
    owner = UserFactory()
    for number in range(2):
        CalendarFeed.objects.create(
            owner=owner, child=child, token_hash=str(number), created_at=NOW, expires_at=NOW
        )


def an_empty_message():
    Message.objects.create(session=SessionFactory(), by_ref=1, by_name="x", written_at=NOW)


def a_presence(**facts):
    meeting = SessionFactory().meetings.first()
    return Presence.objects.create(**({"meeting": meeting, "child": ChildFactory()} | facts))


def seen(level=2, **facts):
    meeting = SessionFactory().meetings.first()
    ready = {
        "child": ChildFactory(),
        "skill": SkillFactory(),
        "meeting": meeting,
        "level": level,
        "seen_at": NOW,
        "seen_by_ref": 1,
    }
    return SkillObservation.objects.create(**(ready | facts))


def certificate(**facts):
    facts = {"session": SessionFactory(), "child": ChildFactory(), "code": uuid4().hex[:28]} | facts
    return Certificate.objects.create(
        first_name="x", title_fr="x", completed_on=NOW.date(), issued_at=NOW, issued_by_ref=1, **facts
    )


def two_certificates():
    session, child = SessionFactory(), ChildFactory()
    for _time in range(2):
        certificate(session=session, child=child)


def two_notes():
    child, meeting = ChildFactory(), SessionFactory().meetings.first()
    for _again in range(2):
        ClassNote.objects.create(child=child, meeting=meeting, written_at=NOW, written_by_ref=1)


def two_make_ups(field):
    child, (one, two, three, *_more) = ChildFactory(), SessionFactory().meetings.all()
    for other in (two, three):
        places = {"missed": one, "host": other} if field == "missed" else {"missed": other, "host": one}
        MakeUp.objects.create(child=child, booked_at=NOW, booked_by_ref=1, **places)
