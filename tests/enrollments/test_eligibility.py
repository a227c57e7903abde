"""Enrollment rules: each obstacle at its boundaries (domain §3 and §4)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils import timezone, translation

from courses.models import Prerequisite
from courses.models.timetable import instant
from enrollments.classes import progress
from enrollments.models import Child
from enrollments.places import admission
from enrollments.places.eligibility import know, obstacles
from enrollments.places.suggestions import next_that_fits
from tests.factories import (
    ChildFactory,
    CourseFactory,
    RoomFactory,
    SessionFactory,
    SkillFactory,
    VenueFactory,
    ask_for,
)

pytestmark = pytest.mark.django_db

FIRST = date(2026, 12, 5)
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def session_of(**facts):
    return SessionFactory(**({"first_on": FIRST} | facts))


def born(year, month, day, **facts) -> Child:
    return ChildFactory(birth_date=date(year, month, day), **facts)


def ten() -> Child:
    return born(2016, 6, 1)


def codes(child, session, at=AT):
    return [obstacle.code for obstacle in obstacles(child=child, session=session, at=at)]


def busy(child, *, venue=None, starts=time(14), ends=time(15, 30), first_on=FIRST):
    seat(
        child,
        session_of(
            room=RoomFactory(venue=venue or VenueFactory()), starts=starts, ends=ends, first_on=first_on
        ),
    )


def seat(child, session, at=AT):
    return admission.enroll(child=child, session=session, by=None, at=at)


# ---- age: decided on the day of the first meeting, both ends of the band included


@pytest.mark.parametrize(
    ("band", "birth_date", "code"),
    [
        ("A", date(2019, 12, 6), "too_young"),  # seven on the morrow of the first meeting
        ("A", date(2019, 12, 5), None),  # seven that day
        ("A", date(2017, 12, 6), None),  # the eve of nine
        ("A", date(2017, 12, 5), "too_old"),  # nine that day
        ("B", date(2017, 12, 6), "too_young"),
        ("B", date(2017, 12, 5), None),
        ("B", date(2014, 12, 6), None),
        ("B", date(2014, 12, 5), "too_old"),
        ("C", date(2014, 12, 5), None),
        ("C", date(2011, 12, 6), None),
        ("C", date(2011, 12, 5), "too_old"),
    ],
)
def test_a_band_admits_from_the_birthday_to_the_eve(band, birth_date, code):
    session = session_of(course=CourseFactory(band=band))
    assert codes(ChildFactory(birth_date=birth_date), session) == ([code] if code else [])


@pytest.mark.parametrize(("first_on", "code"), [(date(2027, 2, 28), "too_young"), (date(2027, 3, 1), None)])
def test_a_child_of_29_february_is_seven_on_1_march(first_on, code):
    session = session_of(course=CourseFactory(band="A"), first_on=first_on)
    assert codes(born(2020, 2, 29), session) == ([code] if code else [])


def test_the_age_counts_on_the_first_meeting_not_today():
    child = born(2019, 12, 1)  # six today, seven at the first meeting
    assert child.age_on(AT.date()) == 6
    assert codes(child, session_of(course=CourseFactory(band="A"))) == []


def test_the_age_counts_on_the_first_meeting_that_is_held():
    from courses.timetable import scheduling

    session = session_of(course=CourseFactory(band="A"))
    child = born(2019, 12, 8)
    assert codes(child, session) == ["too_young"]
    scheduling.cancel(session.meetings.get(number=1), at=AT, reason="fermé")
    session.refresh_from_db()
    assert codes(child, session) == []


def test_a_refusal_says_the_age_the_day_and_from_when():
    with translation.override("en"):
        [refusal] = obstacles(
            child=born(2019, 12, 6, first_name="Adam"),
            session=session_of(course=CourseFactory(band="A")),
            at=AT,
        )
    assert refusal.words == "Adam: aged 6 on 5 December 2026."
    assert refusal.detail == (
        "This session is for children aged 7 and over. Adam can join sessions starting on or after 6 "
        "December 2026."
    )
    assert refusal.until == date(2026, 12, 6)


def test_a_refusal_says_until_when():
    with translation.override("en"):
        [refusal] = obstacles(
            child=born(2017, 12, 5, first_name="Adam"),
            session=session_of(course=CourseFactory(band="A")),
            at=AT,
        )
    assert refusal.words == "Adam: aged 9 on 5 December 2026."
    assert refusal.detail == (
        "This session is for children aged 8 and under. Adam could join sessions that started by 4 "
        "December 2026."
    )


# ---- the session's own state


def test_an_unpublished_session_is_not_open_to_anyone():
    session = session_of(published_at=AT)
    assert codes(ten(), session, AT - SECOND) == ["not_published"]
    assert codes(ten(), session, AT) == []


def test_enrollment_opens_at_its_instant():
    opens = instant(date(2026, 11, 28), time(18))
    session = session_of(opens_at=opens)
    assert (codes(ten(), session, opens - SECOND), codes(ten(), session, opens)) == (["not_open_yet"], [])
    assert obstacles(child=ten(), session=session, at=AT)[0].until == date(2026, 11, 28)


def test_a_session_without_dates_is_not_open_yet():
    assert codes(ten(), session_of(laid_out=False)) == ["not_open_yet"]


def test_enrollment_closes_at_its_instant():
    closes = instant(date(2026, 12, 3), time(18))
    session = session_of(closes_at=closes)
    assert (codes(ten(), session, closes - SECOND), codes(ten(), session, closes)) == ([], ["closed"])


def test_one_may_join_until_the_end_of_the_last_day_to_join():
    session = session_of(join_until=date(2026, 12, 12))
    midnight = instant(date(2026, 12, 13), time(0))
    assert (codes(ten(), session, midnight - SECOND), codes(ten(), session, midnight)) == ([], ["closed"])
    with translation.override("en"):
        assert (
            obstacles(child=ten(), session=session, at=midnight)[0].detail
            == "The last day to join was 12 December 2026."
        )


def test_a_finished_session_is_closed():
    assert codes(ten(), session_of(), instant(date(2026, 12, 19), time(15, 30))) == ["closed"]


def test_a_cancelled_session_says_so():
    assert codes(ten(), session_of(cancelled_at=AT)) == ["cancelled"]


def test_a_full_session_is_no_obstacle():
    assert codes(ten(), session_of(capacity=1, seats_taken=1)) == []
    assert codes(ten(), session_of(waiting_count=3)) == []


# ---- already in


def test_a_child_with_a_place_or_a_ticket_is_already_in():
    session = session_of(capacity=1)
    one, two = ten(), ten()
    seated, waiting = seat(one, session), seat(two, session)
    session.refresh_from_db()
    assert (seated.state, waiting.state) == ("seated", "waiting")
    assert (codes(one, session), codes(two, session)) == (["already_in"], ["already_in"])
    assert seated.reference in obstacles(child=one, session=session, at=AT)[0].detail


def test_an_ended_enrollment_is_no_obstacle():
    session = session_of()
    child = ten()
    row = seat(child, session)
    type(row).objects.filter(pk=row.pk).update(state="withdrawn", seat_ended_at=AT)
    assert codes(child, session) == []


# ---- prerequisite: a course with doors is entered through any one of them


@pytest.fixture
def after_another():
    """Return a session of a follow-up course, and its prerequisite course."""
    before = CourseFactory()
    course = CourseFactory()
    ask_for(course, before, CourseFactory())
    return session_of(course=course), before


def test_a_course_that_follows_another_asks_for_it(after_another):
    session, _before = after_another
    [refusal] = obstacles(child=ten(), session=session, at=AT)
    assert (refusal.code, refusal.door) == ("prerequisite", "declare")


def test_a_completed_course_opens_the_door_when_its_last_meeting_ends(after_another):
    session, before = after_another
    child = ten()
    earlier = SessionFactory(course=before, first_on=date(2026, 11, 1), count=2)
    seat(child, earlier, at=datetime(2026, 10, 20, tzinfo=UTC))
    end = instant(date(2026, 11, 8), time(15, 30))
    assert codes(child, session, end - SECOND) == ["prerequisite"]
    assert codes(child, session, end) == []


def test_waiting_for_the_first_course_completes_nothing(after_another):
    session, before = after_another
    child = ten()
    earlier = SessionFactory(course=before, first_on=date(2026, 11, 1), count=2, capacity=1)
    seat(ten(), earlier, at=datetime(2026, 10, 20, tzinfo=UTC))
    seat(child, earlier, at=datetime(2026, 10, 20, tzinfo=UTC))
    assert codes(child, session) == ["prerequisite"]


def test_a_declared_level_opens_the_door_once_the_team_confirms_it(after_another, parent, instructor):
    session, _before = after_another
    child = ChildFactory(guardian=parent, birth_date=date(2016, 6, 1))
    said = progress.declare_equivalent(child=child, course=session.course, by=parent, at=AT)
    [refusal] = obstacles(child=child, session=session, at=AT)
    assert (refusal.code, refusal.door) == ("prerequisite", "wait_for_team")
    progress.confirm_equivalent(said, by=instructor, at=AT)
    assert codes(child, session) == []


def test_a_session_for_beginners_asks_for_nothing(after_another):
    session, _before = after_another
    session.beginners_welcome = True
    assert codes(ten(), session) == []


def test_without_a_door_for_a_word_nothing_is_offered():
    course = CourseFactory()
    ask_for(course, CourseFactory(), equivalent=False)
    assert obstacles(child=ten(), session=session_of(course=course), at=AT)[0].door == ""


def ask_for_skills(course, *names):
    door = Prerequisite.objects.create(course=course, kind=Prerequisite.Kind.SKILLS)
    door.skills.set([SkillFactory(name_en=name) for name in names])
    door.save()


def prerequisite_words(course) -> str:
    with translation.override("en"):
        [refusal] = obstacles(
            child=born(2016, 6, 1, first_name="Salma"), session=session_of(course=course), at=AT
        )
    assert refusal.code == "prerequisite"
    return refusal.detail


def test_a_course_that_asks_for_skills_only_names_them_and_no_empty_list():
    course = CourseFactory()
    ask_for_skills(course, "read a diagram", "loop")
    assert prerequisite_words(course) == "Salma needs: to know how to: read a diagram, loop."


def test_every_door_of_a_course_is_in_the_sentence():
    course, before = CourseFactory(), CourseFactory(title_en="The Game Factory")
    ask_for(course, before)
    ask_for_skills(course, "loop")
    words = prerequisite_words(course)
    assert words.startswith("Salma needs: ") and words.count(", or ") == 2
    for door in (
        "the course “The Game Factory”",
        "to know how to: loop",
        "an equivalent level confirmed by the team",
    ):
        assert door in words


# ---- all of them, for everybody


def test_every_obstacle_is_told_not_only_the_first(after_another):
    session, _before = after_another
    session.closes_at = AT
    assert set(codes(born(2019, 1, 1), session)) == {"closed", "too_young", "prerequisite"}


def test_every_age_of_the_programme_has_a_band_that_admits_it():
    """For a child without history; tests/academy/test_furnish.py checks that the demo has sessions for each
    age.
    """
    sessions = [session_of(course=CourseFactory(band=band)) for band in "ABC"]
    for age in range(7, 15):
        child = born(2026 - age, 6, 1)
        assert [session for session in sessions if not obstacles(child=child, session=session, at=AT)], age


# ---- many at once


def test_knowing_asks_the_same_number_of_questions_for_one_and_for_many(queries):
    course = CourseFactory()
    ask_for(course, CourseFactory())
    children, sessions = [ten() for _child in range(4)], [session_of(course=course) for _session in range(5)]
    busy(children[0], starts=time(9), ends=time(10))
    counts = []
    for some, few in ((children[:1], sessions[:1]), (children, sessions)):
        with queries() as asked:
            known = know(some, few, AT)
            for child in some:
                for session in few:
                    obstacles(child=child, session=session, at=AT, known=known)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 6


def test_who_sits_nowhere_is_not_asked_for_meetings(queries):
    child, session = ten(), session_of()
    with queries() as asked:
        known = know([child], [session], AT)
    assert known.meetings == {} and not [words for words in asked if "courses_meeting" in words]


def test_the_next_that_fits_is_of_the_same_course_then_of_the_same_track():
    course, same_track, other_track = CourseFactory(), CourseFactory(), CourseFactory(track="ROBOT")
    near = session_of(course=course, closes_at=AT)
    later, sooner, elsewhere = (
        session_of(course=course, first_on=date(2027, 1, 9)),
        session_of(course=same_track, first_on=date(2026, 12, 6)),
        session_of(course=other_track, first_on=date(2026, 12, 1)),
    )
    child, offered = ten(), [near, elsewhere, sooner, later]
    known = know([child], offered, AT)
    found = []
    for gone in (None, later, sooner, elsewhere):
        offered = [session for session in offered if session != gone]
        found.append(next_that_fits(child, near, AT, offered, known))
    assert found == [later, sooner, elsewhere, None]


def test_the_day_of_the_academy_counts_not_the_day_of_utc():
    """Born on the 7th, first class on the 7th in Tangier: seven on that day, whatever UTC says."""
    session = session_of(
        course=CourseFactory(band="A"), first_on=date(2026, 8, 8), starts=time(0, 15), ends=time(1)
    )
    assert (
        timezone.localtime(session.first_at).date()
        == date(2026, 8, 8)
        != session.first_at.astimezone(UTC).date()
    )
    assert codes(born(2019, 8, 8), session, datetime(2026, 7, 1, tzinfo=UTC)) == []
