"""Refusals are short and in the reader's language."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from enrollments.classes import progress
from enrollments.places import admission
from enrollments.places.eligibility import obstacles
from tests.factories import ChildFactory, CourseFactory, SessionFactory, ask_for

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def session_of(**facts):
    return SessionFactory(**({"first_on": date(2026, 12, 5)} | facts))


def born(year, month, day):
    return ChildFactory(birth_date=date(year, month, day))


def ten():
    return born(2016, 6, 1)


def seat(child, session):
    return admission.enroll(child=child, session=session, by=None, at=AT)


def every_refusal(parent):
    """Return one obstacle of each known kind, with its code."""
    child = ChildFactory(guardian=parent, birth_date=date(2016, 6, 1))
    course = CourseFactory()
    ask_for(course, CourseFactory())
    in_it, full = session_of(), session_of(capacity=1, first_on=date(2027, 1, 2))
    seat(child, in_it)
    seat(ten(), full)
    waiting = ten()
    seat(waiting, full)
    doubtful = ten()
    progress.declare_equivalent(child=doubtful, course=course, by=parent, at=AT)
    yield "not_published", child, session_of(published_at=None, first_on=date(2027, 3, 6))
    yield "not_open_yet", child, session_of(opens_at=AT + timedelta(days=1), first_on=date(2027, 3, 6))
    yield "not_open_yet", child, session_of(laid_out=False)
    yield "closed", child, session_of(closes_at=AT, first_on=date(2027, 3, 6))
    yield "closed", child, SessionFactory(first_on=date(2026, 1, 3))
    yield "cancelled", child, session_of(cancelled_at=AT, first_on=date(2027, 3, 6))
    yield "too_young", born(2019, 12, 6), session_of()
    yield "too_old", born(2010, 12, 6), session_of()
    yield "already_in", child, in_it
    yield "already_in", waiting, full
    yield "clash", child, session_of()
    yield "prerequisite", ten(), session_of(course=course)
    yield "prerequisite", doubtful, session_of(course=course)


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_first_line_of_a_refusal_has_at_most_twelve_words(parent, language):
    for code, child, session in every_refusal(parent):
        with translation.override(language):
            found = {obstacle.code: obstacle for obstacle in obstacles(child=child, session=session, at=AT)}
            assert 1 <= len(found[code].words.split()) <= 12, (code, found[code].words)


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_a_refusal_is_told_in_the_readers_language(parent, language):
    for code, child, session in every_refusal(parent):
        said = []
        for spoken in (language, "en"):
            with translation.override(spoken):
                said.append(
                    next(o.words for o in obstacles(child=child, session=session, at=AT) if o.code == code)
                )
        assert said[0] != said[1]
