"""One-day passes, incidents and make-up classes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import Meeting, Session
from courses.timetable import scheduling
from enrollments.calendars import feeds
from enrollments.classes import (
    dismissal,
    incidents,
    makeups,
    missing_children,
    pickup_passes,
    register,
)
from enrollments.families import pickup
from enrollments.models import Child, Incident, Letter, MakeUp, PickupPass, Presence
from enrollments.privacy import retention
from tests.classes import begin, class_now, kids, put
from tests.factories import ChildFactory, GuardianshipFactory, LessonFactory, SessionFactory, UserFactory
from tests.queues import HOUR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def meeting(instructor, now):
    return class_now(1, at=now, instructors=[instructor])


@pytest.fixture
def child(meeting):
    return kids(meeting)[0]


def day(now):
    return timezone.localdate(now)


# ---- a pass


def test_a_pass_says_neither_whose_child_nor_where_and_every_guardian_is_told(client, child, now):
    other = GuardianshipFactory(child=child).guardian
    given, token = pickup_passes.give(
        child, name="Fatima Tante", on=day(now), by=child.guardians.first(), at=now
    )
    assert {letter.recipient for letter in Letter.objects.filter(kind="pass_given")} == {
        other,
        child.guardians.exclude(pk=other.pk).get(),
    }
    assert token not in given.token_hash
    url = reverse("pickup_pass", args=[token])
    for _scan in range(10):
        page = client.get(url)
    body = page.content.decode().split("<main")[1].split("</main")[0]
    assert page.status_code == 200 and "Fatima Tante" in body
    assert (
        child.first_name not in body
        and "Technopark" not in body
        and ":" not in body.replace("https://", "").split("lead")[1][:60]
    )
    assert PickupPass.objects.get().used_at is None, "looking uses nothing"


def test_a_pass_is_used_once_and_the_guardians_are_told_at_once(logged_in, instructor, meeting, child, now):
    given, token = pickup_passes.give(
        child, name="Fatima Tante", on=day(now), by=child.guardians.first(), at=now
    )
    put(meeting, child, "present", by=instructor, at=now)
    client, url = logged_in(instructor), reverse("desk_child", args=[meeting.pk, child.pk])
    assert f"pass.{given.pk}" in client.get(url).content.decode()
    client.post(url, {"home": f"pass.{given.pk}", "key": uuid4()})
    row = Presence.objects.get(child=child)
    assert (row.went_home, row.went_with) == ("pass", "Fatima Tante") and PickupPass.objects.get().used_at
    assert Letter.objects.filter(kind="pass_used").count() == 1
    dismissal.not_gone(meeting, child.pk, key=uuid4(), by=instructor, at=now)
    assert client.post(url, {"home": f"pass.{given.pk}", "key": uuid4()}).status_code == 422
    assert client.get(reverse("pickup_pass", args=[token])).status_code == 410


def test_a_barred_name_gets_no_pass_and_makes_one_void(
    client, logged_in, instructor, manager, meeting, child, now
):
    guardian = child.guardians.first()
    given, token = pickup_passes.give(child, name="Karim Tazi", on=day(now), by=guardian, at=now)
    pickup.bar(
        child, name="Karim Tazi", guardian=None, paper="judgment", seen_on=day(now), by=manager, at=now
    )
    assert pickup_passes.valid_on(child, day(now)) == []
    put(meeting, child, "present", by=instructor, at=now)
    url = reverse("desk_child", args=[meeting.pk, child.pk])
    assert logged_in(instructor).post(url, {"home": f"pass.{given.pk}", "key": uuid4()}).status_code == 422
    assert Letter.objects.filter(kind="pickup_alert").exists(), "the team goes there"
    assert client.get(reverse("pickup_pass", args=[token])).status_code == 410
    pickup_passes.revoke(given, by=child.guardians.first(), at=now)
    answer = logged_in(guardian).post(
        reverse("child_pass", args=[child.pk]), {"name": "TAZI karim", "on": f"{day(now):%Y-%m-%d}"}
    )
    assert answer.status_code == 422 and "appelez-nous" in answer.content.decode()


@pytest.mark.parametrize(("days", "taken"), [(-1, False), (0, True), (14, True), (15, False)])
def test_a_pass_is_for_today_or_a_fortnight(child, now, days, taken):
    if taken:
        assert pickup_passes.give(
            child, name="Fatima", on=day(now) + timedelta(days=days), by=child.guardians.first(), at=now
        )
    else:
        with pytest.raises(pickup_passes.Refused, match="day"):
            pickup_passes.give(
                child, name="Fatima", on=day(now) + timedelta(days=days), by=child.guardians.first(), at=now
            )


def test_a_pass_of_tomorrow_opens_nothing_today_and_three_are_enough(meeting, child, now):
    begin(meeting.session.meetings.order_by("number")[1], now + timedelta(days=1))
    for number in range(3):
        pickup_passes.give(
            child,
            name=f"Fatima {number}",
            on=day(now) + timedelta(days=1),
            by=child.guardians.first(),
            at=now,
        )
    assert pickup_passes.valid_on(child, day(now)) == []
    with pytest.raises(pickup_passes.Refused, match="many"):
        pickup_passes.give(child, name="Fatima", on=day(now), by=child.guardians.first(), at=now)


def test_a_guardian_gives_and_ends_a_pass_on_a_page_others_do_not_find(logged_in, child, parent, now):
    url = reverse("child_pass", args=[child.pk])
    client = logged_in(child.guardians.first())
    page = client.post(url, {"name": "Fatima Tante", "on": f"{day(now):%Y-%m-%d}"})
    assert "/fr/pass/" in page.content.decode() and "/fr/pass/" not in client.get(url).content.decode(), (
        "shown once"
    )
    row = PickupPass.objects.get()
    assert logged_in(parent).post(reverse("child_pass_end", args=[child.pk, row.pk])).status_code == 404
    logged_in(child.guardians.first()).post(reverse("child_pass_end", args=[child.pk, row.pk]))
    assert PickupPass.objects.get().revoked_at


# ---- an incident


def test_an_incident_goes_to_managers_and_guardians_at_once_without_its_words(
    logged_in, instructor, manager, meeting, child, now
):
    url = reverse("desk_incident", args=[meeting.pk, child.pk])
    at = timezone.localtime(now - HOUR)
    sent = {
        "happened_at": f"{at:%Y-%m-%dT%H:%M}",
        "what": "Une chute",
        "done": "De la glace",
        "told": "La mère, 15:20",
    }
    client = logged_in(instructor)
    for _twice in range(2):
        assert client.post(url, sent).status_code == 302
    note = Incident.objects.get()
    told = Letter.objects.filter(kind="incident")
    assert {letter.recipient for letter in told} == {manager, child.guardians.first()} and told.count() == 2
    assert not any("chute" in letter.body or "glace" in letter.body for letter in told)
    assert "Une chute" in logged_in(manager).get(reverse("office_incidents")).content.decode()
    informed = GuardianshipFactory(child=child, rights="informed").guardian
    page = reverse("incident", args=[note.pk])
    assert (
        logged_in(informed).get(page).status_code == 200 and logged_in(informed).post(page).status_code == 404
    )
    logged_in(child.guardians.exclude(pk=informed.pk).get()).post(page)
    note.refresh_from_db()
    assert note.countersigned_at
    first = note.countersigned_by_ref
    assert incidents.countersign(note, by=UserFactory(), at=now) is False
    note.refresh_from_db()
    assert note.countersigned_by_ref == first


@pytest.mark.parametrize(
    "wrong",
    [{"what": ""}, {"done": ""}, {"told": ""}, {"happened_at": "2099-01-01T10:00"}, {"happened_at": "x"}],
)
def test_an_incident_without_its_words_is_asked_again_and_nothing_is_lost(
    logged_in, instructor, meeting, child, wrong, now
):
    sent = {
        "happened_at": f"{timezone.localtime(now - HOUR):%Y-%m-%dT%H:%M}",
        "what": "Une chute",
        "done": "De la glace",
        "told": "La mère",
    }
    answer = logged_in(instructor).post(reverse("desk_incident", args=[meeting.pk, child.pk]), sent | wrong)
    assert answer.status_code == 422 and not Incident.objects.exists()
    assert all(
        words in answer.content.decode()
        for name, words in (sent | wrong).items()
        if words and name != "happened_at"
    )


def test_an_incident_is_kept_five_years(child, manager, now):
    """Its family still comes: an incident never outlives the child's file."""
    incidents.write(child, None, happened_at=now, what="x", done="x", told="x", by=manager, at=now)
    Child.objects.filter(pk=child.pk).update(confirmed_at=now + timedelta(days=5 * 365))
    retention.retain(now + timedelta(days=5 * 365), apply=True)
    assert Incident.objects.exists()
    retention.retain(now + timedelta(days=5 * 365 + 3), apply=True)
    assert not Incident.objects.exists()


# ---- a class made up


@pytest.fixture
def twins(instructor, now):
    """Return a class missed an hour ago, and the same lesson in another session in two days that takes no
    newcomers.
    """
    meeting = class_now(1, at=now, began=HOUR, instructors=[instructor])
    lesson = LessonFactory(course=meeting.session.course, number=42)
    other = SessionFactory(course=meeting.session.course, first_on=day(now) + timedelta(days=14), capacity=2)
    Session.objects.filter(pk=other.pk).update(join_until=day(now))
    host = begin(other.meetings.order_by("number").first(), now + timedelta(days=2))
    Meeting.objects.filter(pk__in=[meeting.pk, host.pk]).update(lesson=lesson)
    put(meeting, kids(meeting)[0], "absent", by=instructor, at=now)
    return Meeting.objects.get(pk=meeting.pk), Meeting.objects.get(pk=host.pk)


def guest(twins):
    return kids(twins[0])[0]


def test_a_guardian_makes_a_class_up_and_the_host_sees_the_guest(logged_in, twins, now):
    missed, host = twins
    child = guest(twins)
    teacher = host.session.instructors.model.objects.get(email="instructor@example.org")
    host.instructors.set([teacher])
    client, url = logged_in(child.guardians.first()), reverse("child_make_up", args=[child.pk])
    assert f"{missed.pk}.{host.pk}" in client.get(url).content.decode()
    for _twice in range(2):
        assert client.post(url, {"choice": f"{missed.pk}.{host.pk}"}).status_code in {302, 422}
    assert MakeUp.objects.count() == 1 and Letter.objects.filter(kind="made_up").count() == 1
    page = logged_in(teacher).get(reverse("desk_register", args=[host.pk])).content.decode()
    assert child.first_name in page and "en rattrapage" in page
    assert host in feeds.meetings_for(child.guardians.first(), child, now), "the family's calendar shows it"
    logged_in(child.guardians.first()).post(
        reverse("make_up_cancel", args=[child.pk, MakeUp.objects.get().pk])
    )
    assert (
        child.first_name
        not in logged_in(teacher).get(reverse("desk_register", args=[host.pk])).content.decode()
    )


def test_a_guest_never_makes_the_room_too_full(instructor, twins, now):
    missed, host = twins
    child = guest(twins)
    from enrollments.models import Enrollment

    Session.objects.filter(pk=host.session_id).update(seats_taken=2)
    seated = [
        Enrollment.objects.create(
            child=ChildFactory(guardian=UserFactory()),
            session=host.session,
            state="seated",
            ticket=900 + number,
            price=1,
            first_meeting_on=host.on,
            created_at=now,
            changed_at=now,
            seated_at=now,
        )
        for number in range(2)
    ]
    assert makeups.hosts_for(child, missed, now) == []
    with pytest.raises(makeups.Refused, match="full"):
        makeups.book(child, missed, host, by=instructor, at=now)
    register.announce(seated[0].child, host, what="absent", by=instructor, at=now)
    assert makeups.hosts_for(child, missed, now) == [host]
    assert makeups.book(child, missed, host, by=instructor, at=now)
    assert makeups.room_in(Meeting.objects.get(pk=host.pk)) == 0


def test_no_guest_while_newcomers_may_still_join(twins, now):
    missed, host = twins
    Session.objects.filter(pk=host.session_id).update(join_until=host.on)
    assert makeups.hosts_for(guest(twins), missed, now) == []


def test_a_class_is_made_up_once_only_when_missed_and_without_a_clash(instructor, twins, now):
    missed, host = twins
    child = guest(twins)
    put(missed, child, "present", seen=1, by=instructor, at=now)
    with pytest.raises(makeups.Refused, match="not_missed"):
        makeups.book(child, missed, host, by=instructor, at=now)
    put(missed, child, "excused", seen=2, by=instructor, at=now)
    Meeting.objects.filter(pk=host.pk).update(lesson=None)
    with pytest.raises(makeups.Refused, match="not_equivalent"):
        makeups.book(child, missed, host, by=instructor, at=now)
    Meeting.objects.filter(pk=host.pk).update(lesson=missed.lesson)
    with pytest.raises(makeups.Refused, match="over"):
        makeups.book(child, missed, host, by=instructor, at=host.starts_at - HOUR)
    assert makeups.book(child, missed, host, by=instructor, at=now)
    assert makeups.missed_by(child, now) == []


def test_a_guest_is_marked_and_looked_for_like_anybody(instructor, twins, now):
    missed, host = twins
    child = guest(twins)
    makeups.book(child, missed, host, by=instructor, at=now)

    begun = host.starts_at + timedelta(minutes=11)
    assert child in [row.child for row in missing_children.looked_for(begun)]
    put(host, child, "present", by=instructor, at=begun)
    assert child not in [row.child for row in missing_children.looked_for(begun)]


def test_a_cancelled_host_class_is_told_to_the_guest_and_may_be_made_up_elsewhere(instructor, twins, now):
    missed, host = twins
    child = guest(twins)
    makeups.book(child, missed, host, by=instructor, at=now)
    scheduling.cancel(host, at=now, reason="Panne")
    assert [letter.recipient for letter in Letter.objects.filter(kind="classes_changed")] == [
        child.guardians.first()
    ]
    assert makeups.missed_by(child, now) == [missed]
    third = SessionFactory(course=missed.session.course, first_on=day(now) + timedelta(days=21), capacity=2)
    Session.objects.filter(pk=third.pk).update(join_until=day(now))
    other = begin(third.meetings.order_by("number").first(), now + timedelta(days=3))
    Meeting.objects.filter(pk=other.pk).update(lesson=missed.lesson)
    assert makeups.book(child, missed, Meeting.objects.get(pk=other.pk), by=instructor, at=now).host == other


def test_the_desk_makes_a_class_up_for_a_family_that_telephones(logged_in, front_desk, twins):
    missed, host = twins
    child = guest(twins)
    client, url = logged_in(front_desk), reverse("office_make_up", args=[child.pk])
    assert url in client.get(reverse("office_child", args=[child.pk])).content.decode()
    assert client.post(url, {"choice": f"{missed.pk}.{host.pk}"}).status_code == 302
    row = MakeUp.objects.get()
    assert (row.child, row.host, row.booked_by_ref) == (child, host, front_desk.pk)
    client.post(reverse("office_make_up_cancel", args=[child.pk, row.pk]))
    assert MakeUp.objects.get().cancelled_at
    assert client.post(url, {"choice": "x"}).status_code == 422


# ---- a pass for a day on which the child has a class


def test_the_days_of_a_pass_are_the_childs_next_classes(logged_in, child, meeting, now):
    later = begin(meeting.session.meetings.order_by("number")[1], now + timedelta(days=7))
    begin(meeting.session.meetings.order_by("number")[2], now + timedelta(days=15))
    client, url = logged_in(child.guardians.first()), reverse("child_pass", args=[child.pk])
    days = [value for value, _label in client.get(url).context["form"].fields["on"].choices]
    assert days == [meeting.on.isoformat(), later.on.isoformat()]


@pytest.mark.parametrize("days", [1, 6, 8, 20])
def test_no_pass_for_a_day_without_a_class(logged_in, child, now, days):
    on = day(now) + timedelta(days=days)
    with pytest.raises(pickup_passes.Refused, match="day"):
        pickup_passes.give(child, name="Tante", on=on, by=child.guardians.first(), at=now)
    answer = logged_in(child.guardians.first()).post(
        reverse("child_pass", args=[child.pk]), {"name": "Tante", "on": on.isoformat()}
    )
    assert answer.status_code == 422 and "Tante" in answer.content.decode()
    assert not PickupPass.objects.exists()


def test_without_a_class_ahead_the_page_says_so(logged_in, parent):
    child = ChildFactory(guardian=parent)
    page = logged_in(parent).get(reverse("child_pass", args=[child.pk])).content.decode()
    assert 'name="on"' not in page and "Aucune séance" in page


def test_a_pass_of_a_cancelled_class_ends_and_the_letter_says_so(child, meeting, now):
    tomorrow = begin(meeting.session.meetings.order_by("number")[1], now + timedelta(days=1))
    given, _token = pickup_passes.give(
        child, name="Tante Exemple", on=tomorrow.on, by=child.guardians.first(), at=now
    )
    scheduling.cancel(tomorrow, at=now, reason="Panne")
    given.refresh_from_db()
    assert given.revoked_at == now
    assert "Tante Exemple" in Letter.objects.get(kind="classes_changed").body
