"""An instructor leaves: somebody takes over each class to come, or it is red; nothing of hers stays."""

from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import Meeting
from courses.timetable import scheduling
from enrollments.families import directory
from enrollments.models import RoleEvent, StaffInvitation
from enrollments.permissions import INSTRUCTOR, roles_of
from enrollments.staff import handover, team
from tests.factories import (
    ChildFactory,
    RoomFactory,
    SessionFactory,
    StaffFactory,
    UserFactory,
    VenueFactory,
    grant_roles,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _site(academy_settings):
    grant_roles()


@pytest.fixture
def omar(db):
    return StaffFactory(role=INSTRUCTOR, name="Omar Exemple")


@pytest.fixture
def zineb(db):
    return StaffFactory(role=INSTRUCTOR, name="Zineb Exemple")


def running(people, now, **facts):
    """Return a session of four classes: two are over, two to come."""
    facts = {"first_on": timezone.localdate(now) - 10 * DAY, "count": 4} | facts
    return SessionFactory(instructors=people, **facts)


def door(instructor):
    return reverse("office_role_take", args=[instructor.pk, INSTRUCTOR])


def fresh(user):
    return type(user).objects.get(pk=user.pk)


def teachers(session, number):
    return Meeting.objects.get(session=session, number=number).teachers


def test_removing_an_instructor_asks_who_takes_over_each_class_to_come(
    logged_in, manager, instructor, omar, zineb, now
):
    session, other = running([instructor], now), running([omar], now, starts=time(9), ends=time(10))
    scheduling.assign(other.meetings.get(number=3), [instructor], at=now)
    client, url = logged_in(manager), door(instructor)
    page = client.get(url)
    assert [duty.name for duty in page.context["form"].duties] == [
        f"session-{session.pk}",
        f"class-{other.meetings.get(number=3).pk}",
    ]
    assert session.course.title in page.content.decode()
    refused = client.post(url)
    assert refused.status_code == 422 and len(refused.context["form"].errors) == 2
    assert roles_of(fresh(instructor)) == {INSTRUCTOR}, "nothing is lost before it is decided"
    fourth = session.meetings.get(number=4)
    answer = {
        f"session-{session.pk}": omar.pk,
        f"only-{fourth.pk}": zineb.pk,
        f"class-{other.meetings.get(number=3).pk}": "nobody",
    }
    assert client.post(url, answer).status_code == 302
    assert not roles_of(fresh(instructor))
    assert [teachers(session, number) for number in (1, 2, 3, 4)] == [
        [instructor], [instructor], [omar], [zineb],
    ], "what is over stays hers"  # fmt: skip
    assert teachers(other, 3) == [omar], "the session's own instructor"
    assert not handover.duties_of(instructor, now)
    assert client.post(url, answer).url == reverse("office_team"), "pressed twice"


def test_nobody_yet_is_red_on_the_pages_of_the_office(logged_in, manager, front_desk, instructor, now):
    session = running([instructor], now)
    client = logged_in(manager)
    assert "animateur·rice." not in client.get(reverse("office")).content.decode()
    assert client.post(door(instructor), {f"session-{session.pk}": "nobody"}).status_code == 302
    assert not session.instructors.exists()
    for page in ("office", "office_team"):
        said = client.get(reverse(page)).content.decode()
        assert "2 séances n’ont pas d’animateur·rice." in said and "notice--bad" in said
    listed = logged_in(front_desk).get(reverse("office_untaught")).content.decode()
    assert (
        listed.count(session.course.title) >= 2 and reverse("sessions:edit", args=[session.pk]) not in listed
    )
    day = session.meetings.get(number=3).on
    today = client.get(reverse("office"), {"day": f"{day}"})
    assert [meeting.taught_by for meeting in today.context["meetings"]] == [[]]


def test_who_takes_over_is_not_in_two_places(logged_in, manager, instructor, omar, now):
    casa = RoomFactory(venue=VenueFactory(code="casa", city_fr="Casablanca"))
    session = running([instructor], now)
    running([omar], now, room=casa)
    client, url, name = logged_in(manager), door(instructor), f"session-{session.pk}"
    page = client.post(url, {name: omar.pk})
    assert page.status_code == 422 and "Casablanca" in page.context["form"].errors[name][0]
    Meeting.objects.filter(room=casa, number=3).update(cancelled_at=now)
    page = client.post(url, {name: omar.pk})
    mark = page.context["form"].cautions_mark
    assert page.status_code == 422 and "Omar" in page.context["form"].cautions[0]
    assert client.post(url, {name: omar.pk, "seen": "x"}).status_code == 422
    assert client.post(url, {name: omar.pk, "seen": mark}).status_code == 302


def test_two_things_taken_over_at_one_hour_are_seen_too(logged_in, manager, instructor, omar, now):
    casa = RoomFactory(venue=VenueFactory(code="casa", city_fr="Casablanca"))
    one, two = running([instructor], now), running([instructor], now, room=casa)
    page = logged_in(manager).post(
        door(instructor), {f"session-{one.pk}": omar.pk, f"session-{two.pk}": omar.pk}
    )
    assert set(page.context["form"].errors) == {f"session-{one.pk}", f"session-{two.pk}"}


def test_what_is_over_or_cancelled_is_not_asked_and_what_has_no_dates_is(instructor, now):
    SessionFactory(instructors=[instructor], first_on=timezone.localdate(now) - 40 * DAY, count=2)
    running([instructor], now, cancelled_at=now)
    undated = SessionFactory(instructors=[instructor], laid_out=False)
    assert [duty.session for duty in handover.duties_of(instructor, now)] == [undated]


def test_a_class_named_meanwhile_is_asked_about(manager, instructor, omar, now):
    session = running([instructor], now)
    (duty,) = handover.duties_of(instructor, now)
    choices = {duty.name: handover.Handover(duty, omar)}
    other = running([omar], now, starts=time(9), ends=time(10))
    scheduling.assign(other.meetings.get(number=4), [instructor], at=now)
    with pytest.raises(team.Refused, match="teaches"):
        team.take_role(instructor, INSTRUCTOR, by=manager, at=now, handover=choices)
    assert list(session.instructors.all()) == [instructor] and roles_of(fresh(instructor))


def test_who_teaches_besides_stays(manager, instructor, omar, now):
    session = running([instructor, omar], now)
    scheduling.assign(session.meetings.get(number=4), [instructor, omar], at=now)
    duties = handover.duties_of(instructor, now)
    assert [duty.others for duty in duties] == [(omar,), (omar,)]
    choices = {duty.name: handover.Handover(duty, None) for duty in duties}
    team.take_role(instructor, INSTRUCTOR, by=manager, at=now, handover=choices)
    assert {person for number in (3, 4) for person in teachers(session, number)} == {omar}
    assert set(teachers(session, 1)) == {instructor, omar}


def test_a_colleague_who_left_and_one_invited_are_no_family(logged_in, manager, instructor, now):
    before = UserFactory(last_login=now)
    team.invite(email=before.email, name="Déjà", role=INSTRUCTOR, language="fr", by=manager, at=now)
    invited, _token = team.invite(
        email="new@example.org", name="Nouvelle", role=INSTRUCTOR, language="fr", by=manager, at=now
    )
    logged_in(manager).post(door(instructor))
    assert RoleEvent.objects.filter(user_ref=instructor.pk, what="taken").exists()
    families = set(directory.families())
    assert before in families and not families & {instructor, invited.user}
    assert StaffInvitation.objects.count() == 2
    for person in (instructor, invited.user):
        assert logged_in(manager).get(reverse("office_person", args=[person.pk])).status_code == 404
    ChildFactory(guardian=instructor)
    assert instructor in set(directory.families()), "a guardian is a family, whatever else"


def test_another_role_is_removed_without_a_question(logged_in, manager, instructor, now):
    running([instructor], now)
    desk = StaffFactory(role="Front desk")
    url = reverse("office_role_take", args=[desk.pk, "Front desk"])
    assert logged_in(manager).post(url).status_code == 302 and not roles_of(fresh(desk))
