"""Three questions when a course ends: asked once, answered once, shown five at a time, by nobody's name."""

import re
from datetime import date, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core import signing
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from courses.models import Session
from enrollments.classes import surveys
from enrollments.families import guardians
from enrollments.letters import delivery
from enrollments.models import Guardianship, Letter, Presence, SurveyAnswer, SurveyLink
from enrollments.privacy import retention
from tests.classes import class_now, kids, put
from tests.factories import ChildFactory, GuardianshipFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
DAY = timedelta(days=1)


def ended_session(instructor, now, children=1, course=None) -> Session:
    """Return a session whose last class ended an hour ago, with children who came to it."""
    facts = {"course": course} if course else {}
    meeting = class_now(children, at=now, began=timedelta(hours=3), instructors=[instructor], **facts)
    for child in kids(meeting):
        put(meeting, child, "present", by=instructor, at=now - timedelta(hours=3))
    today = timezone.localdate(now)
    Session.objects.filter(pk=meeting.session_id).update(
        over_at=now - timedelta(hours=1), first_on=today, last_on=today
    )
    return Session.objects.get(pk=meeting.session_id)


def links(session):
    return list(SurveyLink.objects.filter(session=session).order_by("pk"))


def say(link, now, words="", liked=1):
    return surveys.answer(link, liked=liked, again=1, words=words, at=now)


def test_each_guardian_is_asked_once(instructor, now):
    session = ended_session(instructor, now, children=2)
    one, two = (row.child for row in session.enrollments.order_by("pk"))
    informed = UserFactory()
    GuardianshipFactory(child=one, guardian=informed, rights="informed", relation="other")
    GuardianshipFactory(
        child=two, guardian=one.guardians.order_by("pk").first(), rights="full", relation="mother"
    )
    Letter.objects.all().delete()
    assert surveys.run(now) == 2 and surveys.run(now + DAY) == 0
    letters = Letter.objects.filter(kind="survey")
    assert letters.count() == 2 and informed not in {letter.recipient for letter in letters}
    assert all("/survey/" in letter.body for letter in letters)


@pytest.mark.parametrize(
    ("facts", "asked"),
    [
        ({}, 1),
        ({"over_at": timedelta(hours=1)}, 0),
        ({"over_at": -8 * DAY}, 0),
        ({"cancelled_at": -DAY}, 0),
        ({"published_at": None}, 0),
    ],
    ids=["just over", "still running", "long over", "cancelled", "draft"],
)
def test_only_a_session_that_has_just_ended_asks(instructor, now, facts, asked):
    session = ended_session(instructor, now)
    moments = {name: value if value is None else now + value for name, value in facts.items()}
    Session.objects.filter(pk=session.pk).update(**moments) if moments else None
    assert surveys.run(now) == asked


def test_a_family_whose_child_never_came_is_not_asked(instructor, now):
    ended_session(instructor, now)
    Presence.objects.update(mark="absent")
    assert surveys.run(now) == 0


def test_the_page_takes_one_answer_without_signing_in(client, instructor, now):
    session = ended_session(instructor, now)
    surveys.run(now)
    (link,) = links(session)
    letter = Letter.objects.get(kind="survey")
    token = re.search(r"/survey/([^/]+)/", letter.body)[1]
    assert token not in delivery.masked_body(letter), "the team does not answer for a family"
    url = reverse("survey", args=[token])
    page = client.get(url)
    assert page.status_code == 200 and "no-store" in page["Cache-Control"]
    link.refresh_from_db()
    assert not link.is_used and not SurveyAnswer.objects.exists(), "a look changes nothing"
    page = client.post(url, {"liked": "2", "words": "Plus de robots"})
    assert page.status_code == 422 and "Plus de robots" in page.content.decode(), "nothing typed is lost"
    for wrong in ({"liked": "5", "again": "1"}, {"liked": "x", "again": "1"}):
        assert client.post(url, wrong).status_code == 422
    assert client.post(url, {"liked": "2", "again": "1", "words": "Plus de robots"}).status_code == 200
    assert client.post(url, {"liked": "4", "again": "3", "words": "Encore"}).status_code == 410
    assert client.get(url).status_code == 410
    kept = SurveyAnswer.objects.get()
    assert (kept.liked, kept.again, kept.words, kept.session) == (2, 1, "Plus de robots", session)


def test_a_forged_foreign_or_expired_link_opens_nothing(client, instructor, now):
    session = ended_session(instructor, now)
    surveys.run(now)
    (link,) = links(session)
    token = surveys.token_for(link)
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), signing.dumps(link.pk, salt="other"), "x"):
        assert client.get(reverse("survey", args=[wrong])).status_code == 404
    SurveyLink.objects.update(expires_at=now - DAY)
    page = client.post(reverse("survey", args=[token]), {"liked": "1", "again": "1"})
    assert page.status_code == 410 and not SurveyAnswer.objects.exists()
    type(link.guardian).objects.filter(pk=link.guardian_id).update(is_active=False)
    inactive = client.get(reverse("survey", args=[token]))
    assert inactive.status_code == 410 and inactive.content == page.content


@pytest.mark.parametrize("end", ["used", "expired", "tidied away", "account erased"])
def test_whatever_ended_a_link_its_page_is_the_same(client, instructor, now, end):
    session = ended_session(instructor, now)
    surveys.run(now)
    (link,) = links(session)
    tokens = surveys.token_for(link), signing.dumps(10**30, salt=surveys.SALT)  # the second never was a link
    url, never = (reverse("survey", args=[token]) for token in tokens)

    def without_address(answer) -> str:  # the links to the other languages carry the token
        return re.sub(r"survey/[^/\"]+/", "", answer.content.decode())

    closed = without_address(client.get(never))
    if end == "used":
        assert say(link, now)
    elif end == "expired":
        SurveyLink.objects.update(expires_at=now - DAY)
    elif end == "tidied away":
        link.delete()
    else:
        link.guardian.guardianships.all().delete()
        link.guardian.delete()
    for answer in (client.get(url), client.post(url, {"liked": "1", "again": "1"})):
        assert answer.status_code == 410 and without_address(answer) == closed
    assert session.course.title not in closed
    assert SurveyAnswer.objects.count() == (end == "used")


def test_an_answer_leads_to_nobody():
    """No path to a person, no moment, no order of arrival; the link knows that it was used, no more."""
    fields = {field.name: field.get_internal_type() for field in SurveyAnswer._meta.get_fields()}
    people = {
        field.name for field in SurveyAnswer._meta.get_fields()
        if field.is_relation and field.related_model._meta.label not in {"courses.Course", "courses.Session"}
    }  # fmt: skip
    assert people == set() and "DateTimeField" not in fields.values() and fields["id"] == "UUIDField"
    assert {field.name for field in SurveyLink._meta.get_fields()} == {
        "id", "guardian", "session", "expires_at", "is_used", "asked_hash",
    }  # fmt: skip


def shown(client) -> str:
    return client.get(reverse("office_surveys")).content.decode()


def test_managers_see_five_at_a_time(logged_in, manager, instructor, now):
    session = ended_session(instructor, now, children=11)
    surveys.run(now)
    client = logged_in(manager)
    for number, link in enumerate(links(session), 1):
        say(link, now, words=f"phrase{number:02}")
        seen = sum(f"phrase{one:02}" in shown(client) for one in range(1, 12))
        assert seen == number - number % 5, number
    assert session.enrollments.first().child.first_name not in shown(client)


def test_a_small_session_waits_for_its_course_without_its_name(logged_in, manager, instructor, now):
    first = ended_session(instructor, now, children=3)
    second = ended_session(instructor, now, children=3, course=first.course)
    surveys.run(now)
    for session, name in ((first, "alpha"), (second, "beta")):
        for link in links(session):
            say(link, now, words=name)
    surveys.pass_on(now + 29 * DAY)
    assert not SurveyAnswer.objects.filter(session=None).exists(), "the links still take answers"
    assert surveys.pass_on(now + 30 * DAY) == 5
    page = shown(logged_in(manager))
    assert page.count("alpha") + page.count("beta") == 5
    assert SurveyAnswer.objects.filter(is_shown=True, session__isnull=False).count() == 0
    assert surveys.pass_on(now + 31 * DAY) == 0 and SurveyAnswer.objects.filter(is_shown=False).count() == 1


def test_other_courses_do_not_fill_a_batch(instructor, now):
    for _course in range(2):
        session = ended_session(instructor, now, children=3)
        surveys.run(now)
        for link in links(session):
            say(link, now)
    assert surveys.pass_on(now + 31 * DAY) == 0


def test_answers_are_kept_three_years_and_links_a_month_longer_than_they_work(instructor, now):
    session = ended_session(instructor, now)
    surveys.run(now)
    (link,) = links(session)
    say(link, now)
    retention.retain(now + 59 * DAY, apply=True)
    assert SurveyLink.objects.exists()
    retention.retain(now + 61 * DAY, apply=True)
    assert not SurveyLink.objects.exists() and SurveyAnswer.objects.exists()
    retention.retain(now + (3 * 365 - 32) * DAY, apply=True)
    assert SurveyAnswer.objects.exists(), "three years from the first of its month"
    retention.retain(now + (3 * 365 + 3) * DAY, apply=True)
    assert not SurveyAnswer.objects.exists()


def test_an_erased_account_leaves_its_answer_and_no_link_that_names_it(instructor, now):
    session = ended_session(instructor, now, children=2)
    surveys.run(now)
    used, unused = links(session)
    people = used.guardian, unused.guardian
    say(used, now)
    for person in people:
        person.guardianships.all().delete()
        person.delete()
    assert not SurveyLink.objects.filter(is_used=False).exists() and SurveyAnswer.objects.count() == 1
    assert list(SurveyLink.objects.values_list("guardian", flat=True)) == [None]


def test_a_used_link_forgets_its_guardian_who_is_still_not_asked_twice(client, instructor, now):
    session = ended_session(instructor, now)
    surveys.run(now)
    (link,) = links(session)
    token = surveys.token_for(link)
    assert say(link, now)
    link.refresh_from_db()
    assert (link.guardian_id, link.is_used) == (None, True)
    assert not SurveyLink.objects.filter(guardian__isnull=False).exists()
    assert surveys.run(now + DAY) == 0 and Letter.objects.filter(kind="survey").count() == 1
    assert client.get(reverse("survey", args=[token])).status_code == 410


def test_an_answer_keeps_the_month_and_no_day(instructor, now):
    session = ended_session(instructor, now)
    surveys.run(now)
    Session.objects.filter(pk=session.pk).update(first_on=date(2026, 10, 14), last_on=date(2026, 10, 14))
    (link,) = links(session)
    say(link, now)
    surveys.pass_on(now + 31 * DAY)
    kept = SurveyAnswer.objects.get()
    assert (kept.session, kept.ended_on) == (None, date(2026, 10, 1))


@pytest.mark.parametrize("end", ["removed", "informed only", "of another child"])
def test_somebody_without_full_rights_for_a_child_of_the_session_answers_no_more(
    client, manager, instructor, now, end
):
    session = ended_session(instructor, now)
    surveys.run(now)
    (link,) = links(session)
    child = session.enrollments.get().child
    GuardianshipFactory(child=child, guardian=UserFactory(), rights="full", relation="mother")
    tie = Guardianship.objects.get(child=child, guardian=link.guardian)
    if end == "informed only":
        Guardianship.objects.filter(pk=tie.pk).update(rights="informed")
    else:
        guardians.remove(tie, by=manager, at=now, paper="judgment")
    if end == "of another child":
        ChildFactory(guardian=link.guardian)
    url, said = reverse("survey", args=[surveys.token_for(link)]), {"liked": "4", "again": "3"}
    page, answer = client.get(url), client.post(url, said)
    assert page.status_code == answer.status_code == 410
    assert not say(link, now), "whose page was open before"
    SurveyLink.objects.update(expires_at=now - DAY)
    assert "csrf" not in page.content.decode() and client.get(url).content == page.content, (
        "as one that ended"
    )
    assert not SurveyAnswer.objects.exists()


def test_the_migration_takes_guardians_and_days_from_what_is_kept(instructor, now):
    session = ended_session(instructor, now, children=2)
    surveys.run(now)
    one, two = links(session)
    migration = import_module("enrollments.migrations.0043_used_surveys_name_nobody")
    SurveyLink.objects.update(asked_hash=F("pk"))
    SurveyAnswer.objects.create(course_id=session.course_id, liked=1, again=1, ended_on=date(2026, 10, 14))
    migration.forget_whom(apps, None), migration.forget_the_day(apps, None)
    hashes = {surveys.asked_hash(link.guardian, session) for link in (one, two)}
    assert set(SurveyLink.objects.values_list("asked_hash", flat=True)) == hashes
    assert SurveyAnswer.objects.get().ended_on == date(2026, 10, 1)


# ---- the link in our copy of the message


def asked(instructor, now):
    """Return the message that asks one family, sent."""
    ended_session(instructor, now)
    Letter.objects.all().delete()
    surveys.run(now)
    delivery.send_due(now)
    return Letter.objects.get(kind="survey", state="sent")


def token_of(letter) -> str:
    letter.refresh_from_db()
    return re.search(r"/survey/(\S+)/", letter.body).group(1)


def test_our_copy_loses_its_link_with_the_answer(client, instructor, now):
    ended_session(instructor, now, children=2)
    surveys.run(now)
    letter, other = Letter.objects.filter(kind="survey").order_by("pk")
    token = token_of(letter)
    page = reverse("survey", args=[token])
    assert client.post(page, {"liked": "1", "again": "1", "words": ""}).status_code == 200
    assert token_of(letter) == "…"
    assert surveys.find(token_of(other)), "another family's stays"


@pytest.mark.parametrize(
    ("state", "days", "has_link"),
    [
        ("sent", 4, True),
        ("sent", 5, False),
        ("failed", 29, True),
        ("failed", 30, False),
        ("queued", 30, False),
    ],
)
def test_our_copy_loses_its_link_when_the_message_has_arrived_or_the_questions_close(
    instructor, now, state, days, has_link
):
    letter = asked(instructor, now)
    Letter.objects.filter(pk=letter.pk).update(state=state)
    surveys.run(now + timedelta(days=days))
    token = token_of(letter)
    assert (surveys.find(token) is not None) is has_link and (token == "…") is not has_link
    assert (letter.state == "withheld") is (state == "queued"), "closed questions are not sent any more"


def test_a_message_that_comes_back_is_sent_again_with_its_link(instructor, now):
    letter = asked(instructor, now)
    surveys.run(now + 2 * DAY)
    assert delivery.note_bounce(str(letter.message_id), at=now + 2 * DAY)
    letter.refresh_from_db()
    assert delivery.send_again(letter, at=now + 2 * DAY) and surveys.find(token_of(letter))
