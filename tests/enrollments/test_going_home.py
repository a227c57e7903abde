"""Pick-up safety: no child lost, none handed over to somebody not allowed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from enrollments.classes import dismissal, missing_children, register, roster
from enrollments.families import pickup
from enrollments.families.children import Child
from enrollments.models import Letter, PickupPerson, Presence, PresenceChange, ReadRecord, SafetyNote
from tests.classes import begin, class_now, kids, put
from tests.factories import PASSWORD, ChildFactory, GuardianshipFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
MINUTE = timedelta(minutes=1)


def refused(code):
    return pytest.raises(register.Refused, match=f"^{code}$")


def there(meeting, child) -> Presence:
    return Presence.objects.get(meeting=meeting, child=child)


# ---- nobody lost


@pytest.mark.parametrize(("minutes", "is_sought"), [(9, False), (10, True)])
def test_a_child_without_a_mark_is_looked_for_ten_minutes_after_the_start(now, minutes, is_sought):
    meeting = class_now(1, at=now, began=minutes * MINUTE)
    assert [row.child for row in missing_children.looked_for(now)] == (kids(meeting) if is_sought else [])


def test_those_who_come_alone_stand_first_until_an_adult_is_spoken_to(front_desk, instructor, now):
    meeting = class_now(5, at=now, began=15 * MINUTE)
    one, two, three, four, five = kids(meeting)
    for child in (three, four):
        type(child).objects.filter(pk=child.pk).update(may_go_alone=True)
    register.announce(one, meeting, what="absent", by=one.guardians.first(), at=now)
    put(meeting, four, "absent", by=instructor, at=now)
    put(meeting, five, "absent", by=instructor, at=now)
    assert [row.child for row in missing_children.looked_for(now)] == [three, four, two], (
        "absent though it comes alone: looked for too"
    )
    register.spoken(meeting, three.pk, by=front_desk, at=now)
    put(meeting, two, "present", by=instructor, at=now)
    assert [row.child for row in missing_children.looked_for(now)] == [four]


def test_a_late_child_announced_is_looked_for_all_the_same(now):
    meeting = class_now(1, at=now, began=11 * MINUTE)
    (child,) = kids(meeting)
    register.announce(child, meeting, what="late", by=child.guardians.first(), at=now)
    assert len(missing_children.looked_for(now)) == 1


def test_the_office_sees_who_is_looked_for_and_notes_the_call(logged_in, front_desk, now):
    meeting = class_now(2, at=now, began=15 * MINUTE)
    client, child = logged_in(front_desk), kids(meeting)[0]
    page = client.get(reverse("office_calls")).content.decode()
    assert child.full_name in page and "tel:" in page
    client.post(reverse("office_child_found", args=[meeting.pk, child.pk]))
    assert child.full_name not in client.get(reverse("office_calls")).content.decode().split("</h2>", 1)[1]
    assert ReadRecord.objects.filter(child_ref=child.pk, by_ref=front_desk.pk).exists()


def test_a_class_without_a_register_asks_for_its_instructor_first_and_takes_one_answer(
    logged_in, front_desk, instructor, now
):
    instructor.phone = "+212661000999"
    instructor.save()
    forgotten = class_now(10, at=now, began=timedelta(hours=30), instructors=[instructor])
    taken = class_now(2, at=now, began=15 * MINUTE)
    put(taken, kids(taken)[0], "present", by=instructor, at=now)
    groups = missing_children.missing_by_class(now)
    assert [(one.meeting.pk, len(one.rows), one.is_taken) for one in groups] == [
        (taken.pk, 1, True),
        (forgotten.pk, 10, False),
    ]
    client = logged_in(front_desk)
    today = client.get(reverse("office"))
    lists = {section.code: section.rows for section in today.context["sections"]}
    assert [row.meeting for row in lists["children"]] == [taken]
    assert [one.meeting for one in lists["registers"]] == [forgotten]
    page = client.get(reverse("office_calls"))
    assert instructor.name in page.content.decode() and "+212661000999" in page.content.decode()
    answered = [row.child_id for row in groups[1].rows[1:]]
    url = reverse("office_class_found", args=[forgotten.pk])
    client.post(url, {"child": answered})
    assert [len(one.rows) for one in missing_children.missing_by_class(now)] == [1, 10], "nobody named"
    said = {"said_by": "instructor"}
    client.post(url, said | {"child": [*answered, kids(taken)[1].pk]})
    assert [len(one.rows) for one in missing_children.missing_by_class(now)] == [1, 10], "not what it showed"
    client.post(url, said | {"child": [*answered, "x"]})
    assert [len(one.rows) for one in missing_children.missing_by_class(now)] == [1, 1], "only those it showed"
    assert set(forgotten.presences.values_list("spoken_with", "spoken_by_ref")) == {
        ("instructor", front_desk.pk)
    }


@pytest.mark.parametrize("minutes,missing", [(9, 3), (11, 0)])
def test_an_answer_for_a_class_is_taken_back_for_ten_minutes(logged_in, front_desk, now, minutes, missing):
    meeting, said_at = class_now(3, at=now, began=30 * MINUTE), now - minutes * MINUTE
    everybody = [child.pk for child in kids(meeting)]
    register.spoken_about_all(meeting, everybody, by=front_desk, at=said_at, said_by="instructor")
    client, url = logged_in(front_desk), reverse("office_answer_taken_back", args=[meeting.pk])
    shown = client.get(reverse("office_calls")).context["answered"]
    assert [(one.count, one.at) for one in shown] == ([(3, said_at)] if missing else [])
    client.post(url, {"said_at": said_at.isoformat()})
    client.post(url, {"said_at": said_at.isoformat()})
    assert len(missing_children.looked_for(now)) == missing
    answers = PresenceChange.objects.exclude(answer="").values_list("answer", "by_ref", "version")
    assert (
        sorted(answers)
        == [("instructor", front_desk.pk, 0)] * 3 + [("taken_back", front_desk.pk, 0)] * missing
    ), "both are recorded, once, and no telephone sees a new version of a mark"


def test_the_tenth_minute_still_takes_an_answer_back(front_desk, now):
    meeting = class_now(1, at=now, began=30 * MINUTE)
    register.spoken(meeting, kids(meeting)[0].pk, by=front_desk, at=now)
    late = now + 10 * MINUTE + timedelta(microseconds=1)
    with refused("over"):
        register.take_back(meeting, said_at=now, by=front_desk, at=late)
    assert register.take_back(meeting, said_at=now, by=front_desk, at=now + 10 * MINUTE) == 1


@pytest.mark.parametrize("said_at", ["", "x", "2026-12-05", "2026-12-05T15:00"])
def test_only_an_instant_names_an_answer(logged_in, front_desk, now, said_at):
    url = reverse("office_answer_taken_back", args=[class_now(1, at=now).pk])
    assert logged_in(front_desk).post(url, {"said_at": said_at}).status_code == 404


@pytest.mark.parametrize(
    "minutes,words",
    [
        (10, "at least 10 minutes ago"),
        (59, "at least 50 minutes ago"),
        (60, "at least 1 hour ago"),
        (185, "at least 3 hours ago"),
    ],
)
def test_the_list_says_for_how_long_a_class_has_been_on_and_whether_its_register_is_taken(
    logged_in, front_desk, instructor, now, minutes, words
):
    meeting = class_now(2, at=now, began=minutes * MINUTE)
    client, url = logged_in(front_desk), "/en/office/calls/"
    page = client.get(url).content.decode()
    assert words in page and "nobody has said yet" in page and "have not arrived" not in page
    put(meeting, kids(meeting)[0], "present", by=instructor, at=now)
    page = client.get(url).content.decode()
    assert "nobody has said yet" not in page and "have not arrived" in page


@pytest.mark.parametrize("mark", ["absent", "present"])
def test_an_old_page_does_not_account_for_children_of_a_register_taken_since(
    logged_in, front_desk, instructor, now, mark
):
    meeting = class_now(3, at=now, began=15 * MINUTE)
    one, two, three = kids(meeting)
    url, shown = reverse("office_class_found", args=[meeting.pk]), [one.pk, two.pk, three.pk]
    put(meeting, one, mark, by=instructor, at=now)
    logged_in(front_desk).post(url, {"child": shown, "said_by": "adult"})
    assert {two, three} <= {row.child for row in missing_children.looked_for(now)}


def test_the_list_of_missing_children_renews_itself_only_when_it_differs(
    logged_in, front_desk, instructor, now
):
    meeting = class_now(2, at=now, began=15 * MINUTE)
    client = logged_in(front_desk)
    seen = client.get(reverse("office_calls")).context["missing_digest"]
    assert client.get(reverse("office_missing"), {"seen": seen}).status_code == 204
    put(meeting, kids(meeting)[0], "present", by=instructor, at=now)
    answer = client.get(reverse("office_missing"), {"seen": seen})
    assert answer.status_code == 200 and kids(meeting)[1].full_name in answer.content.decode()


def test_the_calls_that_wait_are_counted_on_the_tab(logged_in, front_desk, now):
    client = logged_in(front_desk)
    assert "tabs__count" not in client.get(reverse("office_sessions")).content.decode()
    class_now(2, at=now, began=15 * MINUTE)
    assert "tabs__count" in client.get(reverse("office_sessions")).content.decode()


def test_two_absences_in_a_row_raise_a_flag(instructor, now):
    meeting = class_now(2, at=now)
    one, two = kids(meeting)
    earlier = meeting
    for child in (one, two):
        put(earlier, child, "absent", by=instructor, at=now)
    assert missing_children.absent_twice(now) == []
    later = begin(
        meeting.session.meetings.exclude(pk=meeting.pk).order_by("number").first(), now + timedelta(days=7)
    )
    then = later.starts_at + MINUTE
    put(later, one, "absent", by=instructor, at=then)
    put(later, two, "present", by=instructor, at=then)
    (flag,) = missing_children.absent_twice(then)
    assert flag.child == one
    assert [line.missed_last for line in roster.lines(later)] == [True, True]
    register.spoken(later, one.pk, by=instructor, at=then)
    assert missing_children.absent_twice(then) == []


# ---- going home


def go(meeting, child, home, *, by, at, **more):
    return dismissal.send_home(meeting, child.pk, home=home, key=uuid4(), by=by, at=at, **more)


def test_a_child_goes_home_with_somebody_of_the_list_and_only_by_hand_is_it_undone(instructor, now):
    meeting = class_now(1, at=now)
    (child,) = kids(meeting)
    person = PickupPerson.objects.create(
        child=child, name="Fatima Z", relation="tante", phone="+212612345678", added_at=now
    )
    with refused("not_here"):
        go(meeting, child, "listed", who=person.pk, by=instructor, at=now)
    put(meeting, child, "present", by=instructor, at=now)
    gone = go(meeting, child, "listed", who=person.pk, by=instructor, at=now)
    assert (gone.went_home, gone.went_with, gone.is_in_room) == ("listed", "Fatima Z", False)
    with refused("gone"):
        put(meeting, child, "absent", seen=gone.version, by=instructor, at=now)
    with pytest.raises(register.Conflict):
        go(meeting, child, "listed", who=person.pk, by=instructor, at=now)
    assert dismissal.not_gone(meeting, child.pk, key=uuid4(), by=instructor, at=now).is_in_room


def test_alone_only_where_it_is_allowed_and_a_stranger_only_with_a_name(instructor, now):
    meeting = class_now(1, at=now)
    (child,) = kids(meeting)
    put(meeting, child, "present", by=instructor, at=now)
    strangers = PickupPerson.objects.create(
        child=ChildFactory(), name="X", relation="y", phone="+212612345678", added_at=now
    )
    for home, more in (
        ("alone", {}),
        ("other", {"name": " "}),
        ("listed", {"who": strangers.pk}),
        ("guardian", {"who": 10**6}),
        ("x", {}),
    ):
        with refused("not_allowed"):
            go(meeting, child, home, by=instructor, at=now, **more)
    Child.objects.filter(pk=child.pk).update(may_go_alone=True)
    assert go(meeting, child, "alone", by=instructor, at=now).went_home == "alone"


@pytest.mark.parametrize(
    "typed", ["Karim El Tazi", "karim tazi", "TAZI Karim", "كريم التازي", "Karim  Tazi Junior"]
)
def test_who_may_not_collect_is_not_given_the_child_and_the_team_is_called(
    logged_in, instructor, manager, front_desk, typed, now
):
    meeting = class_now(1, at=now, instructors=[instructor])
    (child,) = kids(meeting)
    pickup.bar(
        child, name="Karim Tazi", guardian=None, paper="judgment", seen_on=now.date(), by=manager, at=now
    )
    put(meeting, child, "present", by=instructor, at=now)
    answer = logged_in(instructor).post(
        reverse("desk_child", args=[meeting.pk, child.pk]),
        {"home": "other", "name": typed, "called": "yes", "paper": "yes", "key": uuid4()},
    )
    assert answer.status_code == 422 and not there(meeting, child).went_home
    told = Letter.objects.filter(kind="pickup_alert")
    assert {letter.recipient for letter in told} == {manager, front_desk}
    assert not any("Karim" in letter.body + letter.subject for letter in told)
    dismissal.alert(child, meeting, at=now)
    assert Letter.objects.filter(kind="pickup_alert").count() == 2, "pressed again it is the same alert"


def test_a_barred_guardian_is_not_among_those_to_choose(logged_in, instructor, manager, now):
    meeting = class_now(1, at=now, instructors=[instructor])
    (child,) = kids(meeting)
    father = GuardianshipFactory(child=child, guardian=UserFactory(name="Karim Tazi"))
    pickup.bar(
        child,
        name="Karim Tazi",
        guardian=father.guardian,
        paper="judgment",
        seen_on=now.date(),
        by=manager,
        at=now,
    )
    put(meeting, child, "present", by=instructor, at=now)
    page = logged_in(instructor).get(reverse("desk_child", args=[meeting.pk, child.pk])).content.decode()
    assert f"guardian.{father.pk}" not in page and "Karim Tazi" in page
    with refused("barred"):
        go(meeting, child, "guardian", who=father.pk, by=instructor, at=now)


def test_nobody_who_may_not_collect_is_offered_as_somebody_to_phone(
    logged_in, instructor, front_desk, manager, now
):
    """Neither by the account nor by the name; neither in the room nor at the desk."""
    meeting = class_now(1, at=now, began=timedelta(minutes=30), instructors=[instructor])
    (child,) = kids(meeting)
    mother = child.guardians.get()
    father = GuardianshipFactory(child=child, guardian=UserFactory(name="Karim Tazi", phone="+212600000077"))
    Child.objects.filter(pk=child.pk).update(emergency_name="Hamid Barre", emergency_phone="+212600000088")
    SafetyNote.objects.create(child=child, sealed="?", changed_at=now, changed_by_ref=mother.pk)
    put(meeting, child, "absent", by=instructor, at=now)
    Child.objects.filter(pk=child.pk).update(may_go_alone=True)  # so that it is missing
    note, file = (reverse(name, args=[meeting.pk, child.pk]) for name in ("desk_note", "desk_child"))

    def pages() -> dict[str, str]:
        room = logged_in(instructor)
        room.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        found = {url: room.get(url).content.decode() for url in (note, file)}
        office = logged_in(front_desk)
        return found | {
            url: office.get(url).content.decode() for url in (reverse("office"), reverse("office_calls"))
        }

    assert all("tel:+212600000077" in page for page in pages().values())
    for name, guardian in (("Karim Tazi", father.guardian), ("Hamid Barre", None)):
        pickup.bar(
            child, name=name, guardian=guardian, paper="judgment", seen_on=now.date(), by=manager, at=now
        )
    for url, page in pages().items():
        assert "tel:+212600000077" not in page and "tel:+212600000088" not in page, url
        assert f"tel:{mother.phone}" in page, url
    child.refresh_from_db()
    pickup.lift(child.barrings.get(guardian=father.guardian), by=manager, at=now)
    assert all("tel:+212600000077" in page for page in pages().values())


def test_the_evacuation_list_has_names_of_who_is_here_and_nothing_else(
    logged_in, front_desk, instructor, now
):
    meeting = class_now(3, at=now, instructors=[instructor])
    register.all_present(meeting, key=uuid4(), by=instructor, at=now)
    one, two, three = kids(meeting)
    put(meeting, two, "absent", seen=1, by=instructor, at=now)
    go(meeting, three, "guardian", who=three.guardianships.first().pk, by=instructor, at=now)
    for person in (instructor, front_desk):
        page = logged_in(person).get(reverse("desk_evacuation")).content.decode()
        assert f"{one.first_name} N." in page and two.first_name not in page and three.first_name not in page
        assert one.last_name not in page


@pytest.mark.parametrize(
    ("minutes", "due"),
    [(9, None), (10, [True, False, False]), (20, [True, True, False]), (30, [True, True, True])],
)
def test_when_nobody_comes_the_steps_stand_on_the_childs_page(logged_in, instructor, now, minutes, due):
    meeting = class_now(1, at=now, began=timedelta(minutes=90 + minutes), instructors=[instructor])
    (child,) = kids(meeting)
    steps = dismissal.late_steps(child, meeting, now)
    assert [step.is_due for step in steps] == (due or [])
    page = logged_in(instructor).get(reverse("desk_child", args=[meeting.pk, child.pk])).content.decode()
    assert ("Personne n’est venu chercher l’enfant" in page) is bool(due)
    assert dismissal.late_steps(child, meeting, now + timedelta(hours=7)) == [], (
        "the next day it is no longer said"
    )
