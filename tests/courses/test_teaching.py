"""One instructor in two places: said wherever somebody is named or a class gets its day, and classes without
anybody.
"""

from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import Meeting, Session
from courses.timetable import publishing, scheduling, teaching
from courses.timetable.clashes import ClashKind
from courses.timetable.teaching import Assignment
from tests.courses.test_session_screen import edit_data, session_data
from tests.factories import (
    ClosureFactory,
    CourseFactory,
    RoomFactory,
    SessionFactory,
    StaffFactory,
    TermFactory,
    VenueFactory,
    saturday_in,
)

LONG_AGO = timezone.make_aware(datetime(2026, 1, 1))
DAY = date(2027, 3, 6)


@pytest.fixture
def nadia(db):
    return StaffFactory(role="Instructors", name="Nadia Exemple")


def elsewhere(code="casa", city="Casablanca"):
    """Return a room of another venue."""
    return RoomFactory(
        venue=VenueFactory(code=code, name_fr=f"Lieu {code}", city_fr=city, city_ar=city, city_en=city)
    )


def taught(people, room=None, **facts):
    facts = {"room": room or RoomFactory(), "first_on": DAY, "laid_out_at": LONG_AGO, "count": 1} | facts
    return SessionFactory(instructors=people, **facts)


def kinds(nadia, room, starts, ends, on=DAY) -> list[ClashKind]:
    asked = [
        Assignment(meeting, [nadia])
        for meeting in teaching.classes_at(room, [scheduling.Slot(on, starts, ends)])
    ]
    return [clash.kind for clash in teaching.clashes_of(asked, at=LONG_AGO)]


@pytest.mark.parametrize(
    ("where", "starts", "ends", "found"),
    [
        ("same venue", time(12, 30), time(14), []),  # until the minute the other begins
        ("same venue", time(12, 30), time(14, 1), [ClashKind.ROOMS]),
        ("same venue", time(15, 30), time(17), []),
        ("same city", time(15), time(17), [ClashKind.ELSEWHERE]),
        ("same city", time(16, 29), time(17), [ClashKind.TRAVEL]),
        ("same city", time(16, 30), time(17), []),  # 60 minutes on the way
        ("same city", time(12), time(13), []),
        ("same city", time(12), time(13, 1), [ClashKind.TRAVEL]),
        ("other city", time(8), time(9), [ClashKind.CITY]),
        ("other city", time(14), time(15), [ClashKind.ELSEWHERE]),
    ],
)
def test_how_two_classes_of_one_instructor_clash(nadia, where, starts, ends, found):
    taught([nadia])  # 14:00–15:30
    room = {
        "same venue": RoomFactory,
        "same city": lambda: elsewhere("medina", "Tanger"),
        "other city": elsewhere,
    }[where]()
    assert kinds(nadia, room, starts, ends) == found
    assert kinds(nadia, room, starts, ends, on=DAY + timedelta(days=1)) == []


def test_who_is_named_for_the_class_counts_and_not_who_has_the_session(nadia):
    session, other = taught([nadia]), StaffFactory(role="Instructors")
    room = elsewhere()
    scheduling.assign(session.meetings.get(), [other], at=LONG_AGO)
    assert kinds(nadia, room, time(14), time(15)) == []
    assert kinds(other, room, time(14), time(15)) == [ClashKind.ELSEWHERE]
    scheduling.cancel(session.meetings.get(), at=LONG_AGO, reason="x")
    assert kinds(other, room, time(14), time(15)) == []


def test_it_cannot_be_only_if_every_class_is_at_the_hour_of_another_venue(nadia):
    taught([nadia], count=2)
    room = elsewhere()

    def asked(weeks):
        slots = [scheduling.Slot(DAY + timedelta(weeks=week), time(14), time(15)) for week in weeks]
        return [Assignment(meeting, [nadia]) for meeting in teaching.classes_at(room, slots)]

    all_of_them = teaching.judge(asked([0, 1]), at=LONG_AGO)
    assert all_of_them.errors and not all_of_them.cautions and all_of_them.cannot == {nadia.pk}
    assert "samedi 6 mars 2027" in all_of_them.errors[0] and "Nadia" in all_of_them.errors[0]
    some = teaching.judge(asked([1, 2]), at=LONG_AGO)
    assert some.cautions and not some.errors


def test_the_question_costs_the_same_for_one_class_and_for_twelve(nadia, queries):
    taught([nadia], count=12)
    counts = []
    for many in (1, 12):
        slots = [scheduling.Slot(DAY + timedelta(weeks=week), time(14), time(15)) for week in range(many)]
        asked = [Assignment(meeting, [nadia]) for meeting in teaching.classes_at(elsewhere(), slots)]
        with queries() as seen:
            assert len(teaching.clashes_of(asked, at=LONG_AGO)) == many
        counts.append(len(seen))
    assert counts[0] == counts[1] == 3


# ---- the screens of the timetable


def test_a_new_session_says_where_its_instructor_is_already(logged_in, manager, nadia):
    client, url = logged_in(manager), reverse("sessions:add")
    SessionFactory(instructors=[nadia], first_on=saturday_in(5), count=3)
    data = session_data(CourseFactory(), RoomFactory(), instructors=[nadia.pk])
    form = client.post(url, data).context["form"]
    assert "Nadia" in " ".join(form.cautions) and Session.objects.count() == 1
    assert client.post(url, data | {"seen": form.cautions_mark}).status_code == 302
    impossible = session_data(CourseFactory(), elsewhere(), instructors=[nadia.pk])
    form = client.post(url, impossible).context["form"]
    assert form.errors["instructors"] and not form.cautions and Session.objects.count() == 2


def test_a_session_that_gets_another_instructor_says_it_too(logged_in, manager, nadia):
    SessionFactory(instructors=[nadia], first_on=saturday_in(5), count=3)
    session = SessionFactory(first_on=saturday_in(5), count=3)
    client, url = logged_in(manager), reverse("sessions:edit", args=[session.pk])
    data = edit_data(session, instructors=[nadia.pk])
    form = client.post(url, data).context["form"]
    assert form.cautions and not session.instructors.exists()
    assert client.post(url, data | {"seen": form.cautions_mark}).status_code == 302
    assert list(session.instructors.all()) == [nadia]
    assert "Nadia" in " ".join(
        client.get(reverse("sessions:meetings", args=[session.pk])).context["cautions"]
    )
    assert client.post(url, edit_data(session, instructors=[nadia.pk], minimum=1)).status_code == 302, (
        "what was seen is not asked again"
    )


def test_new_dates_and_a_moved_class_and_a_substitute_are_asked_about(logged_in, manager, nadia):
    client = logged_in(manager)
    SessionFactory(instructors=[nadia], first_on=saturday_in(5), count=1)
    session = SessionFactory(instructors=[nadia], first_on=saturday_in(2), count=2)
    url = reverse("sessions:meetings", args=[session.pk])
    dates = {
        "verb": "lay_out", "room": session.room_id, "begins_on": f"{saturday_in(5):%d/%m/%Y}",
        "starts": "14:00", "ends": "15:30", "meetings_wanted": 2,
    }  # fmt: skip
    form = client.post(url, dates).context["form"]
    assert form.cautions and session.meetings.order_by("on").first().on == saturday_in(2)
    meeting = session.meetings.get(number=1)
    where = reverse("sessions:meeting", args=[session.pk, meeting.pk])
    move = {
        "verb": "move", "move-on": f"{saturday_in(5):%d/%m/%Y}", "move-starts": "14:30",
        "move-ends": "16:00", "move-room": session.room_id, "move-reason": "",
    }  # fmt: skip
    form = client.post(where, move).context["forms"]["move"]
    assert form.cautions and Meeting.objects.get(pk=meeting.pk).on == meeting.on
    assert client.post(where, move | {"move-room": elsewhere().pk}).context["forms"]["move"].errors
    assert client.post(where, move | {"seen": form.cautions_mark}).status_code == 302
    omar = StaffFactory(role="Instructors", name="Omar Exemple")
    SessionFactory(instructors=[omar], room=elsewhere(), first_on=saturday_in(3), count=1)
    last = session.meetings.get(number=2)
    where = reverse("sessions:meeting", args=[session.pk, last.pk])
    page = client.post(where, {"verb": "assign", "assign-instructors": [omar.pk]})
    assert "Casablanca" in str(page.context["forms"]["assign"].errors) and not last.instructors.exists()


# ---- copying a term


@pytest.fixture
def terms(db):
    autumn = TermFactory(name_fr="Automne", starts_on=date(2026, 9, 1), ends_on=date(2026, 12, 20))
    winter = TermFactory(name_fr="Hiver", starts_on=date(2027, 10, 4), ends_on=date(2028, 3, 28))
    return autumn, winter


def test_who_has_left_is_not_copied_and_the_page_says_so(terms, nadia):
    gone = StaffFactory(role="Instructors", name="Hind Partie")
    source = SessionFactory(
        term=terms[0], first_on=date(2026, 9, 5), laid_out_at=LONG_AGO, instructors=[nadia, gone]
    )
    gone.groups.clear()
    (proposal,) = publishing.propose_term(*terms)
    assert proposal.people == [nadia] and "Hind Partie" in proposal.left_out[0]
    (made,) = publishing.copy_term(*terms, chosen=[source.pk], at=LONG_AGO)
    assert list(made.instructors.all()) == [nadia]


def test_a_copy_says_where_its_instructors_would_be_twice_and_asks(logged_in, manager, terms, nadia):
    source = SessionFactory(
        term=terms[0], first_on=date(2026, 9, 5), laid_out_at=LONG_AGO, instructors=[nadia]
    )
    taught([nadia], first_on=date(2027, 10, 9), term=terms[1])
    client, url = logged_in(manager), reverse("timetable:copy")
    data = {"source": terms[0].pk, "target": terms[1].pk, "chosen": [source.pk]}
    page = client.post(url, data)
    assert page.context["asked_mark"] and Session.objects.filter(term=terms[1]).count() == 1
    assert client.post(url, data | {"seen": page.context["asked_mark"]}).status_code == 302
    assert Session.objects.filter(term=terms[1]).count() == 2


def test_an_instructor_who_cannot_be_there_is_left_out_of_the_copy(terms, nadia):
    source = SessionFactory(
        term=terms[0], first_on=date(2026, 9, 5), laid_out_at=LONG_AGO, instructors=[nadia]
    )
    taught([nadia], room=elsewhere(), first_on=date(2027, 10, 9), count=3, term=terms[1])
    (proposal,) = publishing.propose_term(*terms)
    assert proposal.people == [] and proposal.can_be_made and "Nadia" in proposal.left_out[0]
    (made,) = publishing.copy_term(*terms, chosen=[source.pk], at=LONG_AGO)
    assert not made.instructors.exists()


@pytest.mark.parametrize(("last", "is_beyond"), [(date(2027, 10, 22), True), (date(2027, 10, 23), False)])
def test_the_copy_says_where_the_calendar_of_closures_ends(logged_in, manager, terms, last, is_beyond):
    SessionFactory(term=terms[0], first_on=date(2026, 9, 5), laid_out_at=LONG_AGO, count=3)
    client, url = logged_in(manager), reverse("timetable:copy")
    wish = {"source": terms[0].pk, "target": terms[1].pk}
    assert "Aucune fermeture" in client.get(url, wish).content.decode()
    ClosureFactory(starts_on=last - timedelta(days=3), ends_on=last)  # the last class is on 23 October
    page = client.get(url, wish)
    (proposal,) = page.context["proposals"]
    assert proposal.last_on == (date(2027, 10, 23) if is_beyond else date(2027, 10, 30))
    assert page.context["is_beyond"] is True
    if is_beyond:
        assert "vendredi 22 octobre 2027" in page.content.decode()


def test_a_new_session_beyond_the_closures_is_asked_about(logged_in, manager):
    client, url = logged_in(manager), reverse("sessions:add")
    data = session_data(CourseFactory(), RoomFactory())  # three Saturdays from the sixth on
    ClosureFactory(starts_on=saturday_in(7), ends_on=saturday_in(7), venue=elsewhere().venue)
    assert client.post(url, data).status_code == 302, "a closure of another venue tells nothing"
    ClosureFactory(starts_on=saturday_in(4), ends_on=saturday_in(7) - timedelta(days=1), venue=None)
    form = client.post(url, data | {"begins_on": f"{saturday_in(7):%d/%m/%Y}", "starts": "09:00"}).context[
        "form"
    ]
    assert len(form.cautions) == 1 and "fermetures" in form.cautions[0]


# ---- nobody


def test_classes_without_anybody_who_teaches_are_found(nadia):
    fine, alone, gone = (taught([nadia], count=2), taught([], count=2), taught([nadia], count=1))
    left = StaffFactory(role="Instructors")
    gone.instructors.set([left])
    left.groups.clear()
    scheduling.assign(alone.meetings.get(number=2), [nadia], at=LONG_AGO)
    taught([], published_at=None)
    found = teaching.without_instructor(LONG_AGO)
    assert {meeting.session for meeting in found} == {alone, gone}
    assert {meeting.number for meeting in found} == {1} and fine not in {row.session for row in found}
    scheduling.assign(fine.meetings.get(number=1), [left], at=LONG_AGO)
    assert fine in {row.session for row in teaching.without_instructor(LONG_AGO)}, "named, but no longer here"
