"""Samples of every kind of message with an invented family, for staff to read before anybody gets one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from courses.models import Course, Lesson, Meeting, Room, Session, Venue
from courses.models.timetable import instant
from courses.timetable.bulk_changes import Change
from courses.timetable.scheduling import Slot
from enrollments.letters import outbox
from enrollments.letters.login_samples import LOGIN, login_sample
from enrollments.models import Child, ClassNote, Enrollment, Incident, Letter, Presence, Receipt

FIRST = date(2027, 1, 9)
AT = instant(FIRST - timedelta(days=20), time(10))
State = Enrollment.State


# What the template of a kind names, from an invented scene.
Words = Callable[[SimpleNamespace], dict[str, Any]]


@dataclass(frozen=True)
class Kind:
    """A kind of message. `words` returns the template's context besides recipient, child and session."""

    code: str
    label: Promise
    words: Words = lambda scene: {}


def _named(**more: Any) -> Words:
    return lambda scene: {"name": "Karim", **more}


def _row(**facts: Any) -> Words:
    def words(scene: SimpleNamespace) -> dict[str, Any]:
        for name, value in facts.items():
            setattr(scene.row, name, value)
        return {"enrollment": scene.row}

    return words


def _title_of(scene: SimpleNamespace) -> Promise:
    """Return the title of a page, in the language that is active when it is read."""
    return cast(Promise, lazy(lambda: scene.session.course.title, str)())


def _terms(scene: SimpleNamespace) -> SimpleNamespace:
    """Return when how much is refunded, and that nobody has said yet who collects."""
    first_at, price = scene.session.first_at, scene.row.price
    steps = ((first_at - timedelta(days=7), price), (first_at, price / 2), (None, Decimal(0)))
    bands = [SimpleNamespace(until=until, amount=amount) for until, amount in steps]
    return SimpleNamespace(bands=bands, asks_collection=[scene.child])


def _settled(scene: SimpleNamespace) -> SimpleNamespace:
    """Return that the whole price was paid and is refunded."""
    return SimpleNamespace(code="refund", refund=scene.row.price)


def _accepted(scene: SimpleNamespace) -> dict[str, Any]:
    words = {"reference": scene.row.reference, "due": scene.row.price, "terms": _terms(scene)}
    return _row(state=State.SEATED)(scene) | words


def _enrolled(state: str) -> Words:
    def words(scene: SimpleNamespace) -> dict[str, Any]:
        scene.row.state = state
        waits = state == State.WAITING
        group = {"session": scene.session, "rows": [scene.row], "terms": _terms(scene), "waits": waits}
        return {
            "groups": [group],
            "count": 1,
            "reference": scene.row.reference,
            "waiting": waits,
            "answer_hours": 48,
            "due": scene.row.price,
        }

    return words


def _changed(scene: SimpleNamespace) -> dict[str, Any]:
    meeting = Meeting(session=scene.session, room=scene.session.room)
    before, after = (Slot(FIRST + timedelta(days=days), time(14), time(15, 30)) for days in (7, 84))
    changes = (
        Change(meeting, before, after),
        Change(meeting, Slot(FIRST + timedelta(days=14), time(14), time(15, 30)), None),
    )
    return {
        "lines": [SimpleNamespace(child=scene.child, change=change) for change in changes],
        "reason": _("the weather"),
    }


def _taught(scene: SimpleNamespace) -> dict[str, Any]:
    lines = [SimpleNamespace(change=line.change, children=9) for line in _changed(scene)["lines"]]
    return {"lines": lines, "reason": "1er mai"}


def _worked(scene: SimpleNamespace) -> dict[str, Any]:
    """Return a lesson as the family sees it, and an instructor's note."""
    lesson = Lesson(
        number=1,
        title_fr="Un chat qui bouge",
        title_ar="قط يتحرك",
        title_en="A cat that moves",
        family_words_fr="Demandez à votre enfant de vous montrer son chat.",
        family_words_ar="اطلبوا من طفلكم أن يريكم قطه.",
        family_words_en="Ask your child to show you the cat.",
    )
    meeting = Meeting(
        pk=1,
        session=scene.session,
        room=scene.session.room,
        on=FIRST,
        starts=time(14),
        ends=time(15, 30),
        lesson=lesson,
    )
    return {
        "meeting": meeting,
        "note": ClassNote(chips=["curious", "team"], text="…"),
        "name": "Hajar Exemple",
    }


def _happened(scene: SimpleNamespace) -> dict[str, Any]:
    return {"incident": Incident(pk=1, child=scene.child, happened_at=AT, what="…", done="…", told="…")}


def _classes(scene: SimpleNamespace) -> dict[str, Any]:
    slot = {"on": FIRST, "starts": time(14), "ends": time(15, 30)}
    return {
        "classes": [
            SimpleNamespace(
                child=scene.child, meeting=Meeting(session=scene.session, room=scene.session.room, **slot)
            )
        ],
        "token": "…",
    }


def _met(scene: SimpleNamespace) -> dict[str, Any]:
    return {
        "meeting": Meeting(
            session=scene.session, room=scene.session.room, on=FIRST, starts=time(14), ends=time(15, 30)
        )
    }


def _week(scene: SimpleNamespace) -> dict[str, Any]:
    lesson = Lesson(number=1, title_fr="Un chat qui bouge", title_ar="قط يتحرك", title_en="A cat that moves")
    before = Meeting(
        session=scene.session, on=FIRST - timedelta(days=7), starts=time(14), ends=time(15, 30), lesson=lesson
    )
    done = SimpleNamespace(
        child=scene.child,
        meeting=before,
        presence=Presence(mark="present"),
        note=ClassNote(chips=["team"], text="…"),
    )
    return _classes(scene) | {"done": [done]}


UNTIL = AT + timedelta(days=2)
KINDS: tuple[Kind, ...] = (
    Kind("enrolled", _("place given, or position on the waiting list"), _enrolled(State.SEATED)),
    Kind("offer", _("place offered"), _row(state=State.OFFERED, offer_until=UNTIL, offer_kind="letter")),
    Kind(
        "offer_reminder",
        _("reminder of an offer"),
        _row(state=State.OFFERED, offer_until=UNTIL, offer_kind="letter"),
    ),
    Kind("offer_lapsed", _("offer passed to the next child")),
    Kind("accepted", _("offer accepted"), _accepted),
    Kind("waiting_over", _("waiting list closed")),
    Kind(
        "leaving",
        _("place given up, can be kept for one day"),
        lambda scene: {**_row(leaves_at=UNTIL)(scene), "name": "Karim", "money": _settled(scene)},
    ),
    Kind("taken_back", _("withdrawal cancelled by the family"), _named()),
    Kind("withdrawn", _("place given up"), lambda one: {"name": "Karim", "money": _settled(one)}),
    Kind(
        "moved",
        _("child moved to another session"),
        lambda scene: {"enrollment": scene.row, "before": scene.session},
    ),
    Kind("removed", _("place ended by the team")),
    Kind("session_confirmed", _("session confirmed by the academy"), lambda one: {"children": [one.child]}),
    Kind("session_cancelled", _("session cancelled by the academy"), _row(state=State.CANCELLED)),
    Kind(
        "sessions_united",
        _("sessions merged"),
        lambda scene: {
            **_row(state=State.OFFERED, offer_until=UNTIL, offer_kind="merge")(scene),
            "before": scene.session,
        },
    ),
    Kind("classes_changed", _("classes moved or cancelled"), _changed),
    Kind("team_classes_changed", _("to instructors: classes moved or cancelled"), _taught),
    Kind("team_session_ended", _("to instructors: session cancelled")),
    Kind(
        "team_assigned",
        _("to instructors: class given to them or to somebody else"),
        lambda scene: {"meetings": [_met(scene)["meeting"]], "is_theirs": True},
    ),
    Kind("absent", _("child absent without notice"), _met),
    Kind("absent_mistaken", _("child was in class after all"), _met),
    Kind("made_up", _("make-up class booked"), _met),
    Kind("make_up_ended", _("make-up class cancelled"), lambda scene: {**_met(scene), "why": "cancelled"}),
    Kind("in_class", _("today in class"), _worked),
    Kind("catch_up", _("what a child missed"), _worked),
    Kind("incident", _("incident reported"), _happened),
    Kind(
        "pass_given",
        _("one-day pick-up pass created"),
        lambda scene: {"name": "Fatima", "on": FIRST, "by": "Salwa"},
    ),
    Kind(
        "pass_used",
        _("one-day pick-up pass used"),
        lambda scene: {"name": "Fatima", "on": FIRST, "used_at": AT},
    ),
    Kind("pickup_alert", _("the team goes to a room now"), _met),
    Kind("tomorrow", _("evening before a class (opt-in)"), _classes),
    Kind("weekly", _("weekly email (opt-in)"), _week),
    Kind(
        "team_morning",
        _("managers' morning report"),
        lambda scene: {
            "today": FIRST,
            "few": [scene.session],
            "full": [scene.session],
            "calls": 2,
            "failed": 1,
            "faults": 0,
            "pages": [_title_of(scene)],
        },
    ),
    Kind(
        "plan_failed",
        _("planned page that could not be published"),
        lambda scene: {
            "plan": SimpleNamespace(
                page=SimpleNamespace(title=_title_of(scene)),
                is_end=False,
                due_at=AT,
                edit_url="/cms/pages/1/edit/",
            ),
            "fault": "…",
        },
    ),
    Kind(
        "message",
        _("message from the team"),
        lambda scene: {
            "children": [scene.child],
            "text": "…",
            "name": "Hajar Exemple",
            "meeting": None,
            "is_other": False,
        },
    ),
    Kind(
        "payment_noted",
        _("payment received, or refunded"),
        lambda scene: {
            "receipt": Receipt(
                year=2026, number=41, reference=scene.row.reference, amount=scene.row.price, at=AT
            ),
        },
    ),
    Kind("consent_again", _("consent requested again"), lambda scene: {"title": "…"}),
    Kind(
        "export_ready",
        _("copy of the family's data is ready"),
        lambda scene: {"until": AT + timedelta(hours=24)},
    ),
    Kind(
        "collection_changed",
        _("pick-up list changed"),
        lambda scene: {"names": ["Fatima"], "alone": False, "by": "Salwa"},
    ),
    Kind("guardian_added", _("guardian added to follow a child"), _named()),
    Kind("guardian_added_at_desk", _("guardian added at the front desk"), _named()),
    Kind("guardian_raised", _("guardian given full rights"), _named()),
    Kind(
        "invitation_returned", _("invitation that came back"), lambda scene: {"address": "karim@example.org"}
    ),
    Kind("guardian_ended", _("guardian no longer follows a child"), _named(left=True)),
    Kind("merge_asked", _("possible duplicate files of a child: question")),
    Kind("merged", _("duplicate files merged")),
    Kind("erasure_asked", _("request to delete a child's file: question"), _named()),
    Kind("account_opened", _("account opened at the front desk")),
    Kind(
        "invitation",
        _("invitation to become a child's guardian"),
        lambda scene: {"token": "…", "by": "Salwa"},
    ),
    Kind(
        "team_invitation",
        _("invitation to join the team"),
        lambda scene: {"token": "…", "role": "Instructors", "by": "Salwa"},
    ),
)


def _scene() -> SimpleNamespace:
    """Return the invented objects; none is saved."""
    venue = Venue(name_fr="Technopark de Tanger", name_ar="تكنوبارك طنجة", name_en="Technopark of Tangier")
    course = Course(
        code="CODE-B", title_fr="La fabrique de jeux", title_ar="مصنع الألعاب", title_en="The game factory"
    )
    session = Session(
        pk=1,
        course=course,
        room=Room(venue=venue, name="A"),
        starts=time(14),
        ends=time(15, 30),
        weekday=FIRST.weekday(),
        first_on=FIRST,
        last_on=FIRST + timedelta(days=77),
        first_at=instant(FIRST, time(14)),
        meetings_count=12,
        minimum=6,
        decision_at=instant(FIRST - timedelta(days=2), time(18)),
        price=Decimal(1600),
    )
    child = Child(pk=1, first_name="Salma", last_name="Exemple", birth_date=date(2016, 5, 1))
    row = Enrollment(
        pk=1, child=child, session=session, reference="AL-7K3Q2P", price=session.price, state=State.SEATED
    )
    return SimpleNamespace(session=session, child=child, row=row)


KINDS += tuple(Kind(code, label) for code, (_template, label) in LOGIN.items())


def sample(code: str, language: str) -> Letter | None:
    """Return an unsaved sample of that kind in that language; None for an unknown kind or language."""
    kind = next((kind for kind in KINDS if kind.code == code), None)
    if kind is None or language not in dict(settings.LANGUAGES):
        return None
    scene = _scene()
    reader = get_user_model()(pk=1, name="Samira Exemple", email="samira@example.org", language=language)
    if code in LOGIN:
        subject, body = login_sample(code, language)
        return Letter(
            pk=12,
            kind=Letter.ACCOUNT,
            language=language,
            subject=subject,
            body=body,
            recipient=reader,
            written_at=AT,
        )
    subject, body = outbox.preview(
        code,
        language=language,
        at=AT,
        reader=reader,
        child=scene.child,
        session=scene.session,
        is_preview=True,
        **kind.words(scene),
    )
    return Letter(
        pk=12, kind=code, language=language, subject=subject, body=body, recipient=reader, written_at=AT
    )


def shown() -> list[tuple[Kind, list[tuple[str, str]]]]:
    """Return each kind with its subject in every language: (language, subject)."""
    return [
        (
            kind,
            [
                (code, letter.subject)
                for code, _name in settings.LANGUAGES
                if (letter := sample(kind.code, code))
            ],
        )
        for kind in KINDS
    ]
