"""Session status: every code at its boundaries."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils import translation

from courses.models import Session
from courses.models.timetable import instant
from courses.standing import standing
from tests.factories import SessionFactory

FIRST = date(2026, 12, 5)  # meetings on 5, 12 and 19 December, 14:00–15:30; one may join until the 19th
BEFORE = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def make(db):
    def session(**facts):
        return SessionFactory(**({"first_on": FIRST, "published_at": BEFORE - timedelta(days=30)} | facts))

    return session


def codes(session, *instants):
    return [standing(session, at).code for at in instants]


def test_a_session_is_a_draft_until_the_instant_it_is_published(make):
    session = make(published_at=BEFORE)
    assert codes(session, BEFORE - SECOND, BEFORE) == ["draft", "places"]
    assert codes(make(published_at=None), BEFORE) == ["draft"]


def test_a_session_without_dates_is_to_be_scheduled(make):
    assert codes(make(laid_out=False), BEFORE) == ["to_be_scheduled"]


def test_a_cancelled_session_says_so_whatever_else_is_true(make):
    session = make(cancelled_at=BEFORE)
    after = instant(date(2027, 2, 1), time(12))
    assert codes(session, BEFORE, after) == ["cancelled", "cancelled"]
    assert codes(make(cancelled_at=BEFORE, laid_out=False), BEFORE) == ["cancelled"]


def test_enrollment_opens_at_its_instant(make):
    opens = instant(date(2026, 11, 28), time(18))
    session = make(opens_at=opens)
    assert codes(session, opens - SECOND, opens) == ["opens_later", "places"]
    assert standing(session, BEFORE).at == opens


def test_enrollment_closes_at_its_instant(make):
    closes = instant(date(2026, 12, 3), time(18))
    assert codes(make(closes_at=closes), closes - SECOND, closes) == ["places", "closed"]


def test_one_may_join_until_the_end_of_the_last_day_to_join(make):
    session = make(join_until=date(2026, 12, 12))
    midnight = instant(date(2026, 12, 13), time(0))
    assert codes(session, midnight - SECOND, midnight) == ["places", "running"]


def test_a_last_day_before_the_first_meeting_closes_before_it_starts(make):
    session = make(join_until=date(2026, 12, 1))
    start = instant(FIRST, time(14))
    assert codes(session, instant(date(2026, 12, 2), time(0)), start - SECOND, start) == [
        "closed",
        "closed",
        "running",
    ]


def test_a_session_is_finished_at_the_end_of_its_last_meeting(make):
    end = instant(date(2026, 12, 19), time(15, 30))
    assert codes(make(), end - SECOND, end) == ["places", "finished"]


def test_the_last_meeting_counts_even_when_nobody_joins_any_more(make):
    session = make(join_until=date(2026, 12, 12))
    end = instant(date(2026, 12, 19), time(15, 30))
    assert codes(session, end - SECOND, end) == ["running", "finished"]


@pytest.mark.parametrize(
    ("capacity", "held_back", "taken", "waiting", "code"),
    [
        (12, 0, 0, 0, "places"),
        (12, 0, 8, 0, "places"),  # four left
        (12, 0, 9, 0, "last_places"),  # three left
        (12, 0, 11, 0, "last_places"),
        (12, 0, 12, 0, "waiting_list"),
        (12, 2, 7, 0, "last_places"),
        (12, 2, 10, 0, "waiting_list"),  # what is free is held back
        (12, 0, 11, 1, "waiting_list"),  # a newcomer never passes the queue
    ],
)
def test_places_are_what_is_free_for_a_newcomer(make, capacity, held_back, taken, waiting, code):
    session = make(capacity=capacity, held_back=held_back, seats_taken=taken, waiting_count=waiting)
    assert codes(session, BEFORE) == [code]


ACTIONS = {
    "places": ("enroll", "InStock"),
    "last_places": ("enroll", "LimitedAvailability"),
    "waiting_list": ("wait", "BackOrder"),
    "opens_later": ("", "PreSale"),
    "to_be_scheduled": ("", "PreSale"),
    "cancelled": ("", "Discontinued"),
    "closed": ("", "SoldOut"),
    "running": ("", "SoldOut"),
    "finished": ("", "SoldOut"),
}


def in_state(make, code) -> tuple[Session, datetime]:
    """Return a session and a time at which it has that status."""
    facts = {
        "last_places": {"seats_taken": 10},
        "waiting_list": {"seats_taken": 12, "waiting_count": 2},
        "opens_later": {"opens_at": BEFORE + timedelta(days=1)},
        "to_be_scheduled": {"laid_out": False},
        "cancelled": {"cancelled_at": BEFORE},
        "closed": {"closes_at": BEFORE},
        "running": {"join_until": FIRST},
    }.get(code, {})
    at = {
        "running": instant(date(2026, 12, 10), time(12)),
        "finished": instant(date(2027, 1, 1), time(0)),
    }.get(code, BEFORE)
    return make(**facts), at


@pytest.mark.parametrize("code", ACTIONS)
def test_every_state_has_words_an_action_and_the_availability_search_engines_know(make, code):
    session, at = in_state(make, code)
    action, availability = ACTIONS[code]
    for language in ("fr", "ar", "en"):
        with translation.override(language):
            now = standing(session, at)
            assert (now.code, now.action, now.availability) == (code, action, availability)
            assert 1 <= len(now.words.split()) <= 12
            assert bool(now.action_words) == bool(action)


@pytest.mark.parametrize("code", ["places", "last_places", "waiting_list"])
def test_the_words_of_a_state_exist_in_three_languages(make, code):
    session, at = in_state(make, code)
    said = set()
    for language in ("fr", "ar", "en"):
        with translation.override(language):
            said.add(standing(session, at).words)
    assert len(said) == 3


def detail(session, at=BEFORE):
    with translation.override("en"):
        return standing(session, at).detail


def test_whether_it_will_run_is_said_before_it_starts(make):
    decided = instant(date(2026, 12, 3), time(18))
    open_question = make(minimum=6, decision_at=decided, seats_taken=5)
    assert detail(open_question) == "Needs 6 children. We decide on Thursday 3 December 2026 at 18:00"
    assert detail(make(minimum=6, seats_taken=5)) == "Needs 6 children"
    assert detail(make(minimum=1)) == "Needs 1 child"
    assert detail(make(minimum=6, seats_taken=6)) == "Confirmed"
    assert detail(make(minimum=6, confirmed_at=BEFORE)) == "Confirmed"
    assert detail(make(minimum=0)) == "Confirmed"


def test_a_decision_that_is_past_is_no_longer_announced(make):
    decided = instant(date(2026, 12, 3), time(18))
    session = make(minimum=6, decision_at=decided, seats_taken=5)
    assert detail(session, decided - SECOND).endswith("We decide on Thursday 3 December 2026 at 18:00")
    assert detail(session, decided) == detail(session, decided + SECOND) == "Needs 6 children"


def test_a_session_under_way_says_until_when_one_may_join(make):
    session, started = make(), instant(FIRST, time(14))
    assert detail(session, started - SECOND) == "Confirmed"
    assert detail(session, started) == "Started. You can join until Sat 19 Dec"


def test_the_day_told_is_the_closing_when_it_comes_before_the_last_day(make):
    started, last = instant(FIRST, time(14)), date(2026, 12, 19)
    session = make(closes_at=instant(date(2026, 12, 10), time(18)))
    assert session.last_day_to_join == last
    assert detail(session, started) == "Started. You can join until Thu 10 Dec"
    assert (
        detail(make(closes_at=instant(date(2026, 12, 11), time(0))), started)
        == "Started. You can join until Thu 10 Dec"
    )
    assert (
        detail(make(closes_at=instant(date(2026, 12, 30), time(18))), started)
        == "Started. You can join until Sat 19 Dec"
    )


def test_hours_are_told_on_the_academys_clock(make):
    opens = datetime(2026, 11, 28, 18, 0, tzinfo=UTC)  # UTC+0 since 20 September 2026
    with translation.override("en"):
        assert standing(make(opens_at=opens), BEFORE).words == "Opens Sat 28 Nov at 18:00"


def test_standing_asks_the_database_nothing(make, queries):
    session = make()
    with queries() as asked:
        standing(session, BEFORE)
    assert asked == []
