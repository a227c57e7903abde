"""The invented family and class of the samples, and what the template of each kind names of them."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from courses.models import Course, Lesson, Meeting, Room, Session, Venue
from courses.models.timetable import instant
from courses.timetable.bulk_changes import Change
from courses.timetable.scheduling import Slot
from enrollments.models import Certificate, Child, ClassNote, Enrollment, Incident, Presence
from enrollments.models.certificates import titles_of

FIRST = date(2027, 1, 9)
AT = instant(FIRST - timedelta(days=20), time(10))
State = Enrollment.State


# What the template of a kind names, from an invented scene.
Words = Callable[[SimpleNamespace], dict[str, Any]]


def named(**more: Any) -> Words:
    return lambda scene: {"name": "Karim", **more}


def row(**facts: Any) -> Words:
    def words(scene: SimpleNamespace) -> dict[str, Any]:
        for name, value in facts.items():
            setattr(scene.row, name, value)
        return {"enrollment": scene.row}

    return words


def title_of(scene: SimpleNamespace) -> Promise:
    """Return the title of a page, in the language that is active when it is read."""
    return cast(Promise, lazy(lambda: scene.session.course.title, str)())


class InventedBand(NamedTuple):
    """As a band of the refund policy: until when, how much (MAD)."""

    until: datetime | None
    amount: Decimal


def terms(scene: SimpleNamespace) -> SimpleNamespace:
    """Return when how much is refunded, and that nobody has said yet who collects."""
    first_at, price = scene.session.first_at, scene.row.price
    steps = ((first_at - timedelta(days=7), price), (first_at, price / 2), (None, Decimal(0)))
    bands = tuple(InventedBand(until, amount) for until, amount in steps)
    return SimpleNamespace(bands=bands, asks_collection=[scene.child])


def settled(scene: SimpleNamespace) -> SimpleNamespace:
    """Return that the whole price was paid and is refunded."""
    return SimpleNamespace(code="refund", refund=scene.row.price)


def accepted(scene: SimpleNamespace) -> dict[str, Any]:
    words = {"reference": scene.row.reference, "due": scene.row.price, "terms": terms(scene)}
    return row(state=State.SEATED)(scene) | words


def enrolled(state: str) -> Words:
    def words(scene: SimpleNamespace) -> dict[str, Any]:
        scene.row.state = state
        waits = state == State.WAITING
        group = {"session": scene.session, "rows": [scene.row], "terms": terms(scene), "waits": waits}
        return {
            "groups": [group],
            "count": 1,
            "reference": scene.row.reference,
            "waiting": waits,
            "answer_hours": 48,
            "due": scene.row.price,
        }

    return words


def changed(scene: SimpleNamespace) -> dict[str, Any]:
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


def taught(scene: SimpleNamespace) -> dict[str, Any]:
    lines = [SimpleNamespace(change=line.change, children=9) for line in changed(scene)["lines"]]
    return {"lines": lines, "reason": "1er mai"}


def worked(scene: SimpleNamespace) -> dict[str, Any]:
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


def happened(scene: SimpleNamespace) -> dict[str, Any]:
    return {"incident": Incident(pk=1, child=scene.child, happened_at=AT, what="…", done="…", told="…")}


def classes(scene: SimpleNamespace) -> dict[str, Any]:
    slot = {"on": FIRST, "starts": time(14), "ends": time(15, 30)}
    return {
        "classes": [
            SimpleNamespace(
                child=scene.child, meeting=Meeting(session=scene.session, room=scene.session.room, **slot)
            )
        ],
        "token": "…",
    }


def met(scene: SimpleNamespace) -> dict[str, Any]:
    return {
        "meeting": Meeting(
            session=scene.session, room=scene.session.room, on=FIRST, starts=time(14), ends=time(15, 30)
        )
    }


def week(scene: SimpleNamespace) -> dict[str, Any]:
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
    return classes(scene) | {"done": [done]}


UNTIL = AT + timedelta(days=2)


def invented() -> SimpleNamespace:
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
    certificate = Certificate(pk=1, child=child, **titles_of(course))
    return SimpleNamespace(session=session, child=child, row=row, certificate=certificate)
