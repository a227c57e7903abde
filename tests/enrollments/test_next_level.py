"""“Ready for the next level”: an instructor's word opens a course, its family hears of it once."""

import json
import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone, translation

from courses.models import Prerequisite, Session
from enrollments.classes import next_level
from enrollments.letters import delivery
from enrollments.models import ClassDiary, ClassNote, Enrollment, Letter, Recommendation
from enrollments.places import admission, offers, withdrawal
from enrollments.places.eligibility import obstacles
from enrollments.privacy import data_export, erasure
from tests.classes import class_now, kids, put
from tests.factories import CourseFactory, SessionFactory, StaffFactory, ask_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
HOUR = timedelta(hours=1)


@pytest.fixture
def meeting(instructor, now):
    """Return a class of two children, present; its course leads to one that asks for it."""
    meeting = class_now(2, at=now, instructors=[instructor])
    for child in kids(meeting):
        put(meeting, child, "present", by=instructor, at=now)
    course = CourseFactory(title_fr="Robots qui pensent")
    ask_for(course, CourseFactory())
    meeting.session.course.leads_to.add(course)
    return meeting


@pytest.fixture
def course(meeting):
    return meeting.session.course.leads_to.get()


def codes(child, session, at):
    return [one.code for one in obstacles(child=child, session=session, at=at)]


def test_the_word_of_an_instructor_opens_the_course_and_no_other(meeting, course, instructor, now):
    child, other = kids(meeting)
    session, elsewhere = SessionFactory(course=course), SessionFactory(course=CourseFactory())
    ask_for(elsewhere.course)
    assert codes(child, session, now) == ["prerequisite"]
    row = next_level.recommend(child, course, meeting, by=instructor, at=now)
    assert codes(child, session, now) == []
    assert codes(other, session, now) == codes(child, elsewhere, now) == ["prerequisite"]
    next_level.undo(row, at=now)
    assert codes(child, session, now) == ["prerequisite"], "taken back"


def test_a_refusal_names_this_way_in_where_the_course_lists_it(meeting, course, now):
    session = SessionFactory(course=course)
    course.prerequisites.all().delete()
    Prerequisite.objects.create(course=course, kind=Prerequisite.Kind.READY)
    (found,) = obstacles(child=kids(meeting)[0], session=session, at=now)
    assert "ready for the next level" in found.detail or "niveau suivant" in found.detail


def waits_for(course, child, now):
    """Return a place on a waiting list, as it was before the course asked for anything."""
    session = SessionFactory(course=course, capacity=1)
    row = Enrollment.objects.create(
        child=child, session=session, state="waiting", ticket=1, price=1,
        first_meeting_on=session.first_on, created_at=now, changed_at=now,
    )  # fmt: skip
    Session.objects.filter(pk=session.pk).update(waiting_count=1, next_ticket=2)
    return row


@pytest.mark.parametrize("answer", ["none yet", "accepted", "declined"])
def test_who_waits_is_offered_the_seat_and_then_it_is_too_late_to_undo(
    meeting, course, instructor, now, answer
):
    child, _other = kids(meeting)
    row, guardian = waits_for(course, child, now), child.guardians.get()
    Letter.objects.all().delete()
    said = next_level.recommend(child, course, meeting, by=instructor, at=now)
    row.refresh_from_db()
    assert row.state == "offered"
    mail.outbox.clear()
    delivery.send_due(now)
    assert [letter.to for letter in mail.outbox] == [[guardian.email]], "the offer has left"
    if answer == "accepted":
        offers.accept(row, by=guardian, at=now)
    elif answer == "declined":
        offers.decline(row, by=guardian, at=now)
    row.refresh_from_db()
    stood = row.state
    with pytest.raises(next_level.Refused) as refused:
        next_level.undo(said, at=now + timedelta(minutes=5))
    row.refresh_from_db()
    assert refused.value.code is next_level.Reason.TOO_LATE and Recommendation.objects.exists()
    assert row.state == stood != "waiting", "nothing is taken back in silence"
    assert Letter.objects.filter(kind="next_level", recipient=guardian).exists(), (
        "and that message leaves too"
    )


def test_a_place_taken_at_once_is_too_late_to_undo_and_one_elsewhere_is_not(meeting, course, instructor, now):
    child, other = kids(meeting)
    rows = [next_level.recommend(one, course, meeting, by=instructor, at=now) for one in (child, other)]
    for one, session in ((child, SessionFactory(course=course)), (other, SessionFactory())):
        admission.enroll(child=one, session=session, by=one.guardians.get(), at=now + timedelta(minutes=1))
    assert next_level.undoable(rows, now + timedelta(minutes=2)) == {rows[1].pk}


def test_the_page_says_that_the_family_was_told_by_an_offer(logged_in, meeting, course, instructor, now):
    child, _other = kids(meeting)
    waits_for(course, child, now)
    client = logged_in(instructor)
    with translation.override("en"):
        url = reverse("desk_next_level", args=[meeting.pk, child.pk])
        said = client.post(url, {"course": course.pk}, follow=True).content.decode()
        assert "The family has been told." in said and "in an hour" not in said
        assert 'name="undo"' not in said
        refused = client.post(url, {"undo": course.pk}, follow=True).content.decode()
    assert "It can no longer be undone." in refused and "was not told" not in refused


def test_the_family_hears_once_an_hour_later_with_the_sessions_that_fit(meeting, course, instructor, now):
    child, _other = kids(meeting)
    fits = SessionFactory(course=course)
    too_old = SessionFactory(course=course, first_on=timezone.localdate(now) + timedelta(days=3 * 366))
    draft = SessionFactory(course=course, published_at=None)
    private = SessionFactory(course=course, access_code="AAAABBBB")
    for _twice in range(2):
        next_level.recommend(child, course, meeting, by=instructor, at=now)
    assert Recommendation.objects.count() == 1
    letter = Letter.objects.get(kind="next_level")
    assert letter.recipient == child.guardians.get() and letter.next_try_at == now + HOUR
    assert f"/family/enroll/{fits.pk}/" in letter.body and instructor.get_short_name() in letter.body
    for other in (too_old, draft, private):
        assert f"/enroll/{other.pk}/" not in letter.body


def test_no_session_is_said_plainly(meeting, course, instructor, now):
    next_level.recommend(kids(meeting)[0], course, meeting, by=instructor, at=now)
    body = Letter.objects.get(kind="next_level").body
    assert "/enroll/" not in body and "Aucune session" in body


@pytest.mark.parametrize(("later", "told"), [(HOUR - timedelta(seconds=1), False), (HOUR, True)])
def test_it_can_be_taken_back_until_the_family_is_told(meeting, course, instructor, now, later, told):
    row = next_level.recommend(kids(meeting)[0], course, meeting, by=instructor, at=now)
    if told:
        with pytest.raises(next_level.Refused) as refused:
            next_level.undo(row, at=now + later)
        assert refused.value.code is next_level.Reason.TOO_LATE and Recommendation.objects.exists()
    else:
        next_level.undo(row, at=now + later)
        assert not Recommendation.objects.exists()
    mail.outbox.clear()
    delivery.send_due(now + HOUR)
    assert any("Robots qui pensent" in letter.subject for letter in mail.outbox) is told


def test_the_page_of_the_child_says_it_once_the_family_was_told(logged_in, meeting, course, instructor, now):
    child, _other = kids(meeting)
    row = next_level.recommend(child, course, meeting, by=instructor, at=now)
    client, url = logged_in(child.guardians.get()), reverse("child_progress", args=[child.pk])
    assert course.title not in client.get(url).content.decode()
    Recommendation.objects.filter(pk=row.pk).update(given_at=now - HOUR)
    assert course.title in client.get(url).content.decode()


def test_only_where_the_course_leads(meeting, instructor, now):
    with pytest.raises(next_level.Refused):
        next_level.recommend(kids(meeting)[0], CourseFactory(), meeting, by=instructor, at=now)
    assert not Recommendation.objects.exists() and not Letter.objects.filter(kind="next_level").exists()


def test_the_page_after_the_class_says_it_and_takes_it_back(
    logged_in, meeting, course, instructor, front_desk
):
    child, other = kids(meeting)
    client = logged_in(instructor)
    page, url = (
        reverse("desk_after", args=[meeting.pk]),
        reverse("desk_next_level", args=[meeting.pk, child.pk]),
    )
    assert url in client.get(page).content.decode()
    shown = logged_in(front_desk).get(page).content.decode()
    assert url not in shown, "the front desk has not seen the child"
    client = logged_in(instructor)
    for _twice in range(2):
        assert client.post(url, {"course": course.pk}).status_code == 302
    assert Recommendation.objects.get().given_by_ref == instructor.pk
    assert 'name="undo"' in client.get(page).content.decode()
    assert client.get(url).status_code == 302 and Recommendation.objects.exists(), "a look changes nothing"
    for _twice in range(2):
        client.post(url, {"undo": course.pk})
    assert not Recommendation.objects.exists()
    assert client.post(url, {"course": "x"}).status_code == 404
    assert client.post(url, {"course": meeting.session.course_id}).status_code == 404
    stranger = logged_in(StaffFactory(role="Instructors"))
    assert stranger.post(url, {"course": course.pk}).status_code == 404
    assert other and not Recommendation.objects.exists()


def test_a_course_is_named_once_and_each_child_is_one_tap(logged_in, meeting, course, instructor, now):
    child, other = kids(meeting)
    second = CourseFactory(title_fr="Robots qui volent")
    meeting.session.course.leads_to.add(second)
    next_level.recommend(child, course, meeting, by=instructor, at=now - HOUR)
    next_level.recommend(other, course, meeting, by=instructor, at=timezone.now())
    page = logged_in(instructor).get(reverse("desk_after", args=[meeting.pk])).content.decode()
    card = page[page.index('id="next"') : page.index('id="tell"')]
    groups = re.split('role="group"', card)[1:]
    assert [card.count(title) for title in (course.title_fr, "Robots qui volent")] == [1, 1]
    taps = [(group.count('name="course"'), group.count('name="undo"')) for group in groups]
    assert taps == [(0, 1), (2, 0)] and groups[0].count("chip--good") == 1
    assert all(f"<bdi>{one.first_name}" in group for one in (child, other) for group in groups)


class Forms(HTMLParser):
    """The forms of a page as a browser sends them: each field by its form, each button with its address."""

    def __init__(self, page: str, at: str) -> None:
        super().__init__()
        self.at, self.open, self.fields, self.buttons = at, "", {}, []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        has = dict(attrs)
        if tag == "form":
            self.open = has.get("id", f"form {len(self.fields)}")
            self.fields[self.open] = set()
            self.at = has.get("action", self.at)
        owner = has.get("form", self.open)
        if tag in {"input", "textarea"} and owner in self.fields:
            self.fields[owner].add(has.get("name"))
        if tag == "button" and owner in self.fields:
            self.buttons.append((owner, has.get("formaction"), has.get("name"), has.get("value")))

    def handle_endtag(self, tag):
        if tag == "form":
            self.open = ""


@pytest.mark.parametrize("act", ["course", "undo", "send", "back"])
def test_every_button_of_the_page_saves_what_is_typed_without_javascript(
    logged_in, meeting, course, instructor, now, act
):
    child, other = kids(meeting)
    page = reverse("desk_after", args=[meeting.pk])
    client = logged_in(instructor)
    if act == "undo":
        next_level.recommend(child, course, meeting, by=instructor, at=timezone.now())
    elif act == "back":
        client.post(reverse("desk_tell", args=[meeting.pk]), {"act": "send"})
    found = Forms(client.get(page).content.decode(), page)
    [(owner, address, name, value)] = [
        button
        for button in found.buttons
        if button[3] == act
        or (button[2] == act and button[1] == reverse("desk_next_level", args=[meeting.pk, child.pk]))
    ]
    typed = {f"note-{other.pk}": "A montré son robot", "handover": "Étape 4"}
    assert typed.keys() <= found.fields[owner], "the button sends these fields"
    part = f"ready-{child.pk}-{course.pk}" if act in ("course", "undo") else "tell"
    assert client.post(address, typed | {name: value}).url == f"{page}#{part}"
    assert f'id="{part}"' in client.get(page).content.decode(), "what was pressed stays in sight"
    assert ClassNote.objects.get(child=other).text == "A montré son robot"
    assert ClassDiary.objects.get(meeting=meeting).handover == "Étape 4"
    assert Recommendation.objects.exists() is (act == "course")
    client.post(address, {name: value}, headers={"X-Touch": "1"})
    assert ClassNote.objects.get(child=other).text == "A montré son robot", (
        "the script sends the button alone"
    )


def test_the_script_of_the_page_is_answered_without_a_page(logged_in, meeting, course, instructor):
    child, _other = kids(meeting)
    client, touch = logged_in(instructor), {"X-Touch": "1"}
    url = reverse("desk_next_level", args=[meeting.pk, child.pk])
    assert client.post(url, {"course": course.pk}, headers=touch).status_code == 204
    url = reverse("desk_tell", args=[meeting.pk])
    assert client.post(url, {"act": "send"}, headers=touch).status_code == 204
    said = client.get(reverse("desk_after", args=[meeting.pk])).content.decode()
    assert course.title in said and "30" in said, "what was done is said on the page that follows"


def test_a_course_that_leads_nowhere_shows_nothing(logged_in, meeting, instructor):
    meeting.session.course.leads_to.clear()
    page = logged_in(instructor).get(reverse("desk_after", args=[meeting.pk])).content.decode()
    assert "/next/" not in page


def test_it_goes_with_the_file_of_the_child(meeting, course, instructor, manager, now):
    child, other = kids(meeting)
    guardian = child.guardians.get()
    for one in (child, other):
        next_level.recommend(one, course, meeting, by=instructor, at=now)
    next_level.hand_over(from_child=other, to_child=child)
    assert Recommendation.objects.get().child == child, "merged: one a course"
    told = json.dumps(data_export.told_of(guardian, now), default=str)
    assert '"ready_for": [{' in told and course.code in told
    for row in child.enrollments.live():
        withdrawal.remove(row, by=manager, at=now, reason="conduct")
    erasure.erase_child(child, by=manager, at=now)
    assert not Recommendation.objects.exists()
