"""A term's timetable: copied by weekday, refused if a room is taken, idempotent, published together."""

from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import Session
from courses.models.timetable import instant
from courses.timetable import publishing, scheduling
from home.language.typed_dates import moment_words
from tests.factories import ClosureFactory, CourseFactory, RoomFactory, SessionFactory, TermFactory

LONG_AGO = timezone.make_aware(datetime(2026, 1, 1))
WEDNESDAY, SATURDAY = 2, 5


@pytest.fixture
def terms(db):
    """Return autumn (from Tuesday 1 September 2026) and winter (from Monday 4 January 2027)."""
    autumn = TermFactory(name_fr="Automne", starts_on=date(2026, 9, 1), ends_on=date(2026, 12, 20))
    winter = TermFactory(name_fr="Hiver", starts_on=date(2027, 1, 4), ends_on=date(2027, 3, 28))
    return autumn, winter


def in_autumn(terms, first_on=date(2026, 9, 5), **facts):
    return SessionFactory(term=terms[0], first_on=first_on, laid_out_at=LONG_AGO, **facts)


def test_a_session_keeps_its_weekday_and_its_place_in_the_term(terms):
    first, fourth = in_autumn(terms), in_autumn(terms, first_on=date(2026, 9, 23))
    days = {proposal.source: proposal.first_on for proposal in publishing.propose_term(*terms)}
    assert days == {first: date(2027, 1, 9), fourth: date(2027, 1, 27)}
    assert days[first].weekday() == SATURDAY and days[fourth].weekday() == WEDNESDAY


def test_a_week_closed_in_the_old_term_is_not_a_week_later_in_the_new_one(terms):
    ClosureFactory(starts_on=date(2026, 9, 5))
    late = in_autumn(terms, first_on=date(2026, 9, 12))
    assert [proposal.first_on for proposal in publishing.propose_term(*terms) if proposal.source == late] == [
        date(2027, 1, 9)
    ]


def test_closures_of_the_new_term_are_passed_over_and_told(terms):
    in_autumn(terms, count=3)
    closure = ClosureFactory(starts_on=date(2027, 1, 16))
    (proposal,) = publishing.propose_term(*terms)
    assert [slot.on for slot in proposal.plan.slots] == [
        date(2027, 1, 9),
        date(2027, 1, 23),
        date(2027, 1, 30),
    ]
    assert proposal.plan.skipped == [(date(2027, 1, 16), closure)]


def test_a_room_that_is_taken_is_a_problem_said_in_words(terms):
    source = in_autumn(terms)
    there = SessionFactory(
        term=terms[1],
        room=source.room,
        first_on=date(2027, 1, 16),
        starts=time(15),
        ends=time(16),
        laid_out_at=LONG_AGO,
    )
    (proposal,) = publishing.propose_term(*terms)
    assert there.course.code in proposal.problem and not proposal.can_be_made
    with pytest.raises(scheduling.Refused):
        publishing.copy_term(*terms, chosen=[source.pk], at=LONG_AGO)
    assert list(Session.objects.filter(term=terms[1])) == [there]


def test_two_copies_that_meet_in_one_room_are_seen_before_anything_is_written(terms):
    first = in_autumn(terms, count=2)
    later = in_autumn(terms, first_on=date(2026, 9, 19), room=first.room, count=2)
    assert all(proposal.can_be_made for proposal in publishing.propose_term(*terms))
    ClosureFactory(
        starts_on=date(2027, 1, 16)
    )  # the first is pushed a week on, the later one as well: still apart
    assert all(proposal.can_be_made for proposal in publishing.propose_term(*terms))
    ClosureFactory(starts_on=date(2026, 9, 12))  # one open week fewer before the later one
    problems = {proposal.source: bool(proposal.problem) for proposal in publishing.propose_term(*terms)}
    assert problems == {first: False, later: True}


def test_a_copy_is_a_draft_with_the_facts_and_none_of_the_people(terms, instructor):
    source = in_autumn(
        terms,
        capacity=10,
        minimum=4,
        instructors=[instructor],
        decision_at=instant(date(2026, 9, 3), time(18)),
    )
    Session.objects.filter(pk=source.pk).update(seats_taken=10, waiting_count=2, next_ticket=13, held_back=0)
    (made,) = publishing.copy_term(*terms, chosen=[source.pk], at=LONG_AGO)
    made = Session.objects.get(pk=made.pk)
    assert (made.course, made.room, made.price, made.capacity, made.minimum) == (
        source.course,
        source.room,
        source.price,
        10,
        4,
    )
    assert (made.seats_taken, made.waiting_count, made.next_ticket, made.published_at) == (0, 0, 1, None)
    assert (made.first_on, made.meetings_count, made.starts) == (date(2027, 1, 9), 3, source.starts)
    assert made.decision_at == instant(date(2027, 1, 7), time(18))
    assert list(made.instructors.all()) == [instructor]


def test_asked_twice_it_is_made_once(terms):
    sources = [in_autumn(terms), in_autumn(terms)]
    chosen = [session.pk for session in sources]
    assert len(publishing.copy_term(*terms, chosen=chosen, at=LONG_AGO)) == 2
    assert publishing.copy_term(*terms, chosen=chosen, at=LONG_AGO) == []
    assert Session.objects.filter(term=terms[1]).count() == 2


def test_cancelled_sessions_stay_behind_and_undated_ones_say_why(terms):
    in_autumn(terms, cancelled_at=timezone.now())
    SessionFactory(term=terms[0], laid_out=False)
    (proposal,) = publishing.propose_term(*terms)
    assert proposal.problem and not proposal.can_be_made


def test_all_or_nothing(terms):
    good, bad = in_autumn(terms), in_autumn(terms)
    SessionFactory(term=terms[1], room=bad.room, first_on=date(2027, 1, 9), laid_out_at=LONG_AGO)
    with pytest.raises(scheduling.Refused):
        publishing.copy_term(*terms, chosen=[good.pk, bad.pk], at=LONG_AGO)
    assert Session.objects.filter(term=terms[1]).count() == 1


def test_drafts_are_published_together_and_may_open_later(terms):
    drafts = [in_autumn(terms, published_at=None) for _number in range(2)]
    already = in_autumn(terms, published_at=LONG_AGO)
    at, opens_at = instant(date(2026, 8, 1), time(9)), instant(date(2026, 8, 15), time(10))
    assert publishing.publish([*drafts, already], at=at, opens_at=opens_at) == drafts
    for draft in drafts:
        draft.refresh_from_db()
        assert (draft.published_at, draft.opens_at) == (at, opens_at)
    already.refresh_from_db()
    assert (already.published_at, already.opens_at) == (LONG_AGO, None)


def test_a_session_that_would_open_after_its_last_day_to_join_is_refused_with_all_others(terms):
    drafts = [
        in_autumn(terms, published_at=None),
        in_autumn(terms, published_at=None, first_on=date(2026, 11, 7)),
    ]
    with pytest.raises(scheduling.Refused):
        publishing.publish(drafts, at=LONG_AGO, opens_at=instant(date(2026, 10, 1), time(9)))
    assert not Session.objects.filter(published_at__isnull=False).exists()


# ---- the screens


@pytest.fixture
def coming(db):
    """Return the current term and the next one, relative to today."""
    today = timezone.localdate()
    return (
        TermFactory(
            name_fr="Cette saison", starts_on=today - timedelta(days=70), ends_on=today + timedelta(days=20)
        ),
        TermFactory(
            name_fr="La prochaine", starts_on=today + timedelta(days=21), ends_on=today + timedelta(days=120)
        ),
    )


def test_the_timetable_shows_rooms_hours_and_counts(logged_in, manager, coming):
    session = SessionFactory(term=coming[0], capacity=12)
    Session.objects.filter(pk=session.pk).update(seats_taken=12, waiting_count=2)
    page = logged_in(manager).get(reverse("timetable:index"), {"term": coming[0].pk}).content.decode()
    page = page.replace("\u2060", "")
    assert (
        session.course.code in page and "14:00–15:30" in page and "12\xa0/\xa012" in page and "Samedi" in page
    )


def test_a_term_without_sessions_and_a_house_without_terms_say_what_to_do(logged_in, manager, db):
    client = logged_in(manager)
    assert reverse("terms:add") in client.get(reverse("timetable:index")).content.decode()
    TermFactory()
    assert client.get(reverse("timetable:index"), {"term": "9" * 30}).status_code == 200
    assert client.get(reverse("timetable:index"), {"term": "\x00"}).status_code == 200


def test_preview_then_copy_then_publish(logged_in, manager, coming):
    kept, left = (
        SessionFactory(term=coming[0], course=CourseFactory(code="KEPT")),
        SessionFactory(term=coming[0], course=CourseFactory(code="LEFT")),
    )
    client, url = logged_in(manager), reverse("timetable:copy")
    terms = {"source": coming[0].pk, "target": coming[1].pk}
    page = client.get(url, terms)
    assert {proposal.source for proposal in page.context["proposals"]} == {kept, left}
    assert not Session.objects.filter(term=coming[1]).exists()
    for _double_click in range(2):
        response = client.post(url, terms | {"chosen": [kept.pk]})
        assert response.url == f"{reverse('timetable:index')}?term={coming[1].pk}"
    draft = Session.objects.get(term=coming[1])
    assert (draft.course, draft.published_at) == (kept.course, None)
    assert {proposal.made for proposal in client.get(url, terms).context["proposals"]} == {draft, None}
    assert client.post(response.url, {"term": coming[1].pk}).status_code == 200  # nothing ticked
    opens = timezone.localtime() + timedelta(days=2)
    data = {"term": coming[1].pk, "sessions": [draft.pk], "opens_at": f"{opens:%Y-%m-%d} 10:00"}
    said = client.post(reverse("timetable:index"), data, follow=True).content.decode()
    draft.refresh_from_db()
    assert moment_words(draft.opens_at) in said
    assert draft.published_at and draft.opens_at == instant(opens.date(), time(10))


def test_a_refusal_on_the_copy_screen_keeps_the_choice(logged_in, manager, coming):
    session = SessionFactory(term=coming[0])
    terms = {"source": coming[0].pk, "target": coming[1].pk}
    (proposal,) = publishing.propose_term(*coming)
    SessionFactory(term=coming[1], room=session.room, first_on=proposal.first_on)
    response = logged_in(manager).post(reverse("timetable:copy"), terms | {"chosen": [session.pk]})
    assert response.status_code == 200 and response.context["proposals"][0].problem
    assert Session.objects.filter(term=coming[1]).count() == 1
    assert (
        logged_in(manager)
        .post(reverse("timetable:copy"), {"source": coming[0].pk, "target": coming[0].pk, "chosen": ["x"]})
        .status_code
        == 200
    )


def test_only_those_who_write_the_timetable_see_it(logged_in, editor, instructor, front_desk, parent, coming):
    for name in ("timetable:index", "timetable:copy"):
        assert logged_in(editor).get(reverse(name)).status_code == 302
        for person in (instructor, front_desk, parent):
            assert logged_in(person).get(reverse(name), follow=True).status_code == 404


def test_the_timetable_asks_as_many_queries_for_one_session_as_for_four(logged_in, manager, coming, queries):
    client, room, counts = logged_in(manager), RoomFactory(), []
    SessionFactory(term=coming[0], room=room)
    client.get(reverse("timetable:index"))
    for hours in ((8, 10, 16), ()):
        with queries() as seen:
            client.get(reverse("timetable:index"), {"term": coming[0].pk})
        counts.append(len(seen))
        for hour in hours:
            SessionFactory(term=coming[0], room=room, starts=time(hour), ends=time(hour + 1))
    assert counts[0] == counts[1]
