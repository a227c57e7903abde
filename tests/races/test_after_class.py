"""After a class and after a course: the questions to families, the word for the next level, and the lessons
of a session that a manager brings up to date.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from courses.models import Lesson, Session
from courses.timetable import lesson_plan, scheduling
from enrollments.classes import next_level, surveys
from enrollments.models import Enrollment, Letter, Recommendation, SurveyAnswer, SurveyLink
from enrollments.places import admission, withdrawal
from enrollments.privacy import child_merge, erasure
from tests.classes import begin, class_now, kids, put
from tests.factories import (
    ChildFactory,
    CourseFactory,
    LessonFactory,
    SessionFactory,
    UserFactory,
    ask_for,
)
from tests.races.crowd import at_once, behind
from tests.races.makers import DAY, MINUTE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
HOUR = timedelta(hours=1)


# ---- three questions


def asked_about_a_course(children, at) -> list[SurveyLink]:
    """Return the links of a session that has just ended, one for each child's guardian."""
    meeting, by = class_now(children, at=at, began=3 * HOUR), UserFactory()
    for child in kids(meeting):
        put(meeting, child, "present", by=by, at=at - 3 * HOUR)
    today = timezone.localdate(at)
    Session.objects.filter(pk=meeting.session_id).update(over_at=at - HOUR, first_on=today, last_on=today)
    surveys.ask_due(at)
    return list(SurveyLink.objects.filter(session=meeting.session_id).order_by("pk"))


def say(link, at, words=""):
    return lambda: surveys.answer(link, liked=1, again=1, words=words, at=at)


def shown() -> int:
    return SurveyAnswer.objects.filter(is_shown=True).count()


def test_one_link_answered_by_three_presses_is_one_answer_and_five_answers_are_shown_together():
    at = timezone.now()
    links = asked_about_a_course(6, at)
    press = say(links[0], at)
    assert behind(press, press, press) == [("done", True), ("done", False), ("done", False)]
    for link in links[1:4]:
        say(link, at)()
    assert SurveyAnswer.objects.count() == 4 and shown() == 0
    assert behind(say(links[4], at), say(links[5], at)) == [("done", True)] * 2
    assert (SurveyAnswer.objects.count(), shown()) == (6, 5), "the sixth waits for four others"


def test_an_answer_that_comes_while_the_links_end_is_never_shown_alone():
    at = timezone.now()
    end, course = at + surveys.OPEN_FOR, CourseFactory()
    for first_to_come in (True, False):
        SurveyLink.objects.all().delete(), SurveyAnswer.objects.all().delete()
        *links, last = asked_about_a_course(5, at)
        Session.objects.filter(pk=last.session_id).update(course=course)
        for link in links:
            say(link, at)()
        acts = [say(last, end - MINUTE), lambda: surveys.pass_on(end)]
        outcomes = behind(*acts) if first_to_come else behind(*acts[::-1])
        assert sorted(outcomes, key=str) == [("done", 0), ("done", True)]
        assert shown() == (5 if first_to_come else 0)
        assert surveys.pass_on(end + DAY) == (0 if first_to_come else 5) and shown() == 5
        assert say(last, end - MINUTE)() is False


# ---- the next level


@pytest.fixture
def class_on():
    """Return a class of two children, present, whose course leads to one that asks for a first step; and a
    session of that course.
    """
    at = timezone.now()
    meeting, by = class_now(2, at=at), UserFactory()
    for child in kids(meeting):
        put(meeting, child, "present", by=by, at=at)
    course = CourseFactory()
    ask_for(course, CourseFactory())
    meeting.session.course.leads_to.add(course)
    return meeting, SessionFactory(course=course), at


def ready(child, session, meeting, at):
    by = UserFactory()
    return lambda: next_level.recommend(child, session.course, meeting, by=by, at=at).given_by_ref == by.pk


def test_two_instructors_who_recommend_a_child_at_once_are_one_word_and_one_letter(class_on):
    meeting, session, at = class_on
    child = kids(meeting)[0]
    outcomes = behind(*(ready(child, session, meeting, at) for _instructor in range(3)))
    assert outcomes == [("done", True), ("done", False), ("done", False)], "the first word is kept"
    assert Recommendation.objects.count() == Letter.objects.filter(kind="next_level").count() == 1
    row = Recommendation.objects.get()
    outcomes = behind(
        *[lambda: next_level.undo(row, at=at + MINUTE)] * 2, ready(child, session, meeting, at + MINUTE)
    )
    assert [kind for kind, _said in outcomes] == ["done"] * 3
    states = Letter.objects.filter(kind="next_level").order_by("pk").values_list("state", flat=True)
    assert list(states) == ["withheld", "queued"][: len(states)]
    assert Recommendation.objects.count() == sum(state == "queued" for state in states)


def test_a_word_undone_while_the_family_takes_the_place_is_one_or_the_other(class_on):
    meeting, session, at = class_on

    def take(child):
        guardian = child.guardians.get()
        return lambda: bool(admission.enroll(child=child, session=session, by=guardian, at=at + MINUTE))

    def undo(child):
        row = Recommendation.objects.get(child=child)
        return lambda: next_level.undo(row, at=at + MINUTE)

    one, other = kids(meeting)
    for child in (one, other):
        ready(child, session, meeting, at)()
    outcomes = behind(take(one), undo(one))
    assert outcomes[0] == ("done", True) and "too_late" in outcomes[1][1]
    assert Enrollment.objects.get(child=one, session=session).state == "seated"
    outcomes = behind(undo(other), take(other))
    assert outcomes[0] == ("done", None) and "NotAdmissible" in outcomes[1][1]
    assert Recommendation.objects.get().child == one
    assert not Enrollment.objects.filter(child=other, session=session).exists()


def test_a_word_for_a_child_erased_or_merged_meanwhile_leaves_nothing(class_on):
    meeting, session, at = class_on
    one, other = kids(meeting)
    for child in (one, other):
        withdrawal.withdraw(child.enrollments.get(), by=child.guardians.get(), at=at)
    twin = ChildFactory(guardian=other.guardians.get())
    for child, gone in (
        (one, lambda: erasure.erase_child(one, by=None, at=at)),
        (other, lambda: child_merge.propose(twin, other, by=UserFactory(), at=at)),
    ):
        outcomes = behind(gone, ready(child, session, meeting, at))
        assert outcomes[0][0] == "done" and "gone" in outcomes[1][1], outcomes
    assert not Recommendation.objects.exists()


# ---- the lessons of a session


@pytest.fixture
def session():
    """Return a session of four lessons, A to D, a week into it, and the moment; the course has X since."""
    at, course = timezone.now(), CourseFactory(meetings_count=4)
    for number, title in enumerate("ABCD", 1):
        LessonFactory(course=course, number=number, title_fr=title)
    session = SessionFactory(course=course, first_on=timezone.localdate(at) + timedelta(days=7))
    begin(session.meetings.order_by("number").first(), at - DAY)
    put_at(course, "X", 3)
    return session, at


def put_at(course, title, number) -> None:
    """Put a lesson at that number, as an editor does: the later ones move on by one, from the last."""
    for other in course.lessons.filter(number__gte=number).order_by("-number"):
        Lesson.objects.filter(pk=other.pk).update(number=other.number + 1)
    LessonFactory(course=course, number=number, title_fr=title)


def plan(session) -> str:
    rows = session.meetings.filter(cancelled_at=None).select_related("lesson").order_by("starts_at")
    return "".join(row.lesson.title_fr if row.lesson else "-" for row in rows)


def update(session, at):
    """Return an act: a manager applies the differences as they are shown now."""
    seen = lesson_plan.mark(lesson_plan.differences(session, at))
    return lambda: len(lesson_plan.update_lessons(session, seen=seen, at=at))


def test_a_session_updated_twice_at_once_is_updated_once(session):
    session, at = session
    before = dict(session.meetings.values_list("pk", "revision"))
    press = update(session, at)
    outcomes = behind(press, press, press)
    assert outcomes[0] == ("done", 2) and all(said.endswith("changed") for _kind, said in outcomes[1:])
    assert plan(session) == "ABXC"
    after = dict(session.meetings.values_list("pk", "revision"))
    assert sum(after.values()) == sum(before.values()) + 2, "each calendar file follows once"


def test_a_session_updated_while_a_class_is_cancelled_keeps_both_changes(session):
    session, at = session
    third = session.meetings.order_by("number")[2]
    cancel = lambda: scheduling.cancel(third, at=at, reason="closed").revision  # noqa: E731
    outcomes = behind(update(session, at), cancel)
    assert outcomes == [("done", 2), ("done", third.revision + 2)]
    assert plan(session) == "ABC"
    put_at(session.course, "Y", 3)
    fourth = session.meetings.order_by("number")[3]
    outcomes = behind(lambda: scheduling.cancel(fourth, at=at, reason="closed").revision, update(session, at))
    assert outcomes[0] == ("done", fourth.revision + 1) and outcomes[1][1].endswith("changed")
    assert plan(session) == "AB"


def test_a_session_updated_while_its_course_is_reordered_has_the_lessons_that_were_shown(session):
    session, at = session
    press = update(session, at)

    def reorder():
        """As somebody who holds the session meanwhile, so that the press waits and finds another course."""
        Session.objects.select_for_update().get(pk=session.pk)
        put_at(session.course, "Z", 3)

    assert behind(lambda: put_at(session.course, "Y", 3), press) == [("done", None), ("done", 2)]
    assert plan(session) == "ABXC", "what was shown"
    outcomes = behind(reorder, update(session, at))
    assert outcomes[0] == ("done", None) and outcomes[1][1].endswith("changed")
    assert plan(session) == "ABXC"
    press = update(session, at)
    outcomes = at_once(press, lambda: put_at(session.course, "W", 3))
    assert outcomes[1] == ("done", None)
    assert plan(session) == ("ABZY" if outcomes[0] == ("done", 2) else "ABXC"), outcomes
