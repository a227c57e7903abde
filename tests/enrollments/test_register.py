"""The register: marks are idempotent, no child is lost, none handed over to somebody not allowed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from enrollments.classes import register, roster
from enrollments.families import consents
from enrollments.letters import delivery
from enrollments.models import Letter, Presence, PresenceChange
from enrollments.places import admission
from tests.classes import begin, class_now, kids, put
from tests.factories import ChildFactory, GuardianshipFactory, UserFactory
from tests.queues import HOUR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
MINUTE = timedelta(minutes=1)


def refused(code):
    return pytest.raises(register.Refused, match=f"^{code}$")


def there(meeting, child) -> Presence:
    return Presence.objects.get(meeting=meeting, child=child)


# ---- marks


def test_all_present_then_the_exceptions(instructor, now):
    meeting = class_now(4, at=now)
    first, second, third, _fourth = kids(meeting)
    register.announce(second, meeting, what="absent", by=second.guardians.first(), at=now)
    key = uuid4()
    register.all_present(meeting, key=key, by=instructor, at=now)
    assert [there(meeting, child).mark for child in kids(meeting)] == [
        "present",
        "excused",
        "present",
        "present",
    ]
    put(meeting, first, "absent", seen=1, by=instructor, at=now)
    late = put(meeting, third, "late", seen=1, by=instructor, at=now)
    assert (late.minutes, late.version) == (5, 2)
    written = PresenceChange.objects.count()
    register.all_present(meeting, key=key, by=instructor, at=now)
    assert PresenceChange.objects.count() == written, "pressed again: nothing is marked over"
    assert there(meeting, first).mark == "absent"


def test_the_same_tap_sent_twice_is_one_tap(instructor, now):
    meeting = class_now(1, at=now)
    (child,) = kids(meeting)
    key = uuid4()
    for _again in range(3):
        assert put(meeting, child, "present", key=key, by=instructor, at=now).version == 1
    assert PresenceChange.objects.count() == 1


def test_a_mark_made_on_an_older_version_changes_nothing_and_shows_what_stands(instructor, front_desk, now):
    meeting = class_now(1, at=now)
    (child,) = kids(meeting)
    put(meeting, child, "late", minutes=12, by=front_desk, at=now)
    with pytest.raises(register.Conflict) as shown:
        put(meeting, child, "absent", seen=0, by=instructor, at=now)
    assert (shown.value.presence.mark, shown.value.presence.minutes) == ("late", 12)
    assert there(meeting, child).version == 1
    assert put(meeting, child, "late", seen=0, by=instructor, at=now).version == 1, (
        "two who say the same do not quarrel"
    )


@pytest.mark.parametrize(("gap", "opens"), [(2 * HOUR + MINUTE, False), (2 * HOUR, True)])
def test_the_register_opens_two_hours_before(instructor, now, gap, opens):
    meeting = class_now(1, at=now, began=-gap)
    (child,) = kids(meeting)
    if opens:
        assert put(meeting, child, "present", by=instructor, at=now).version == 1
    else:
        with refused("not_open"):
            put(meeting, child, "present", by=instructor, at=now)


def test_after_forty_eight_hours_a_manager_with_a_reason_only(instructor, manager, now):
    meeting = class_now(1, at=now)
    (child,) = kids(meeting)
    edge = meeting.ends_at + register.EDITABLE_FOR
    put(meeting, child, "present", by=instructor, at=edge)
    late = edge + MINUTE
    with refused("past"):
        put(meeting, child, "absent", seen=1, by=instructor, at=late)
    with refused("reason"):
        put(meeting, child, "absent", seen=1, by=manager, at=late, may_correct=True)
    put(meeting, child, "absent", seen=1, by=manager, at=late, may_correct=True, reason="Erreur de liste")
    assert PresenceChange.objects.last().reason == "Erreur de liste"


def test_minutes_are_counted_from_the_clock_and_kept_within_the_class(instructor, now):
    meeting = class_now(3, at=now, began=12 * MINUTE)
    one, two, three = kids(meeting)
    assert put(meeting, one, "late", by=instructor, at=now).minutes == 12
    assert put(meeting, two, "left", by=instructor, at=now).minutes == 78
    assert put(meeting, three, "late", minutes=90, by=instructor, at=now).minutes == 90
    assert put(meeting, three, "present", seen=1, minutes=7, by=instructor, at=now).minutes is None


@pytest.mark.parametrize("minutes", [-5, 0, 91, 999, 10**30])
def test_minutes_that_cannot_be_are_refused_not_changed(instructor, now, minutes):
    meeting = class_now(1, at=now)
    with pytest.raises(register.Refused, match="minutes"):
        put(meeting, kids(meeting)[0], "late", minutes=minutes, by=instructor, at=now)
    assert not Presence.objects.exclude(mark="").exists()


@pytest.mark.parametrize("mark", ["late", "left"])
def test_after_the_class_nobody_can_count_the_minutes(instructor, now, mark):
    meeting = class_now(2, at=now, began=timedelta(minutes=91))
    one, two = kids(meeting)
    assert put(meeting, one, mark, by=instructor, at=now).minutes is None
    assert put(meeting, two, mark, minutes=20, by=instructor, at=now).minutes == 20


@pytest.mark.parametrize(
    ("typed", "status"), [("-5", 409), ("999", 409), ("abc", 409), ("١٢", 302), ("", 302)]
)
def test_minutes_typed_without_scripts_are_read_or_refused_in_words(
    logged_in, instructor, now, typed, status
):
    meeting = class_now(1, at=now, began=20 * MINUTE, instructors=[instructor])
    (child,) = kids(meeting)
    sent = {
        "key": uuid4(),
        f"seen-{child.pk}": 0,
        f"was-{child.pk}": "",
        f"mark-{child.pk}": "late",
        f"minutes-{child.pk}": typed,
    }
    answer = logged_in(instructor).post(reverse("desk_register", args=[meeting.pk]), sent)
    assert answer.status_code == status
    assert Presence.objects.filter(mark="late").exists() is (status == 302)


def test_a_tap_belongs_to_one_child_of_one_class(instructor, now):
    meeting, other = class_now(2, at=now), class_now(1, at=now)
    one, two = kids(meeting)
    key = uuid4()
    put(meeting, one, "present", key=key, by=instructor, at=now)
    for elsewhere, child in ((meeting, two), (other, kids(other)[0])):
        with pytest.raises(register.Refused, match="other_tap"):
            put(elsewhere, child, "absent", key=key, by=instructor, at=now)
    assert Presence.objects.exclude(mark="").count() == 1


def test_a_foreign_key_is_answered_in_words(logged_in, instructor, now):
    meeting = class_now(2, at=now, instructors=[instructor])
    one, two = kids(meeting)
    key, client = str(uuid4()), logged_in(instructor)
    for child, status in ((one, "saved"), (two, "refused")):
        sent = {"marks": [{"child": child.pk, "mark": "present", "seen": 0, "key": key}]}
        answer = client.post(reverse("desk_marks", args=[meeting.pk]), sent, content_type="application/json")
        assert [row["status"] for row in answer.json()["marks"]] == [status]


def test_all_present_leaves_who_comes_later_without_a_mark(instructor, now):
    meeting = class_now(3, at=now)
    late, absent, there = kids(meeting)
    register.announce(late, meeting, what="late", by=late.guardians.first(), at=now)
    register.announce(absent, meeting, what="absent", by=absent.guardians.first(), at=now)
    register.all_present(meeting, key=uuid4(), by=instructor, at=now)
    marks = dict(Presence.objects.filter(meeting=meeting).values_list("child", "mark"))
    assert marks == {late.pk: "", absent.pk: "excused", there.pk: "present"}
    with pytest.raises(register.Refused, match="unmarked"):
        register.close(meeting, by=instructor, at=now)


def test_a_late_child_is_counted_once(logged_in, instructor, now):
    meeting = class_now(3, at=now, instructors=[instructor])
    one, two, _three = kids(meeting)
    put(meeting, one, "present", by=instructor, at=now)
    put(meeting, two, "late", by=instructor, at=now)
    counts = logged_in(instructor).get(reverse("desk_register", args=[meeting.pk])).context["counts"]
    assert counts == {"here": 2, "late": 1, "absent": 0, "excused": 0, "gone": 0, "none": 1}


def test_every_child_of_a_class_is_counted_once_whatever_its_mark(logged_in, instructor, now):
    meeting = class_now(7, at=now, instructors=[instructor])
    marks = ["present", "late", "absent", "excused", "left", "present", ""]
    for child, mark in zip(kids(meeting), marks, strict=True):
        if mark:
            put(meeting, child, mark, by=instructor, at=now)
    Presence.objects.filter(meeting=meeting, child=kids(meeting)[5]).update(went_home="alone", went_at=now)
    counts = logged_in(instructor).get(reverse("desk_register", args=[meeting.pk])).context["counts"]
    assert counts == {"here": 2, "late": 1, "absent": 1, "excused": 1, "gone": 2, "none": 1}
    assert sum(counts.values()) - counts["late"] == 7


def test_a_child_of_another_class_is_not_written(instructor, now):
    meeting, other = class_now(1, at=now), class_now(1, at=now)
    with refused("not_expected"):
        put(meeting, kids(other)[0], "present", by=instructor, at=now)


def test_two_names_alike_are_told_apart():
    born = [
        ChildFactory(first_name=first, last_name=last)
        for first, last in [
            ("Salma", "Bennis"),
            ("Salma", "Berrada"),
            ("salma", "Idrissi"),
            ("Adam", "Bennis"),
            ("Adam", "Bennis"),
        ]
    ]
    assert list(roster.told_apart(born).values()) == [
        "Salma Ben.",
        "Salma Ber.",
        "salma I.",
        "Adam Bennis",
        "Adam Bennis",
    ]


# ---- closed, and the letters


def closed(meeting, instructor, at, absent=0):
    register.all_present(meeting, key=uuid4(), by=instructor, at=at)
    for child in kids(meeting)[:absent]:
        put(meeting, child, "absent", seen=1, by=instructor, at=at)
    return register.close(meeting, by=instructor, at=at)


def test_the_absence_letter_leaves_only_when_the_register_is_closed_and_once(instructor, now):
    meeting = class_now(3, at=now)
    child = kids(meeting)[0]
    put(meeting, child, "absent", by=instructor, at=now)
    assert not Letter.objects.filter(kind="absent").exists()
    with refused("unmarked"):
        register.close(meeting, by=instructor, at=now)
    register.all_present(meeting, key=uuid4(), by=instructor, at=now)
    for _again in range(2):
        register.close(meeting, by=instructor, at=now)
    (letter,) = Letter.objects.filter(kind="absent")
    assert letter.child == child and letter.meeting == meeting and letter.next_try_at == now + register.HELD


def test_who_announced_an_absence_gets_no_letter_and_both_guardians_do(instructor, now):
    meeting = class_now(2, at=now)
    said, silent = kids(meeting)
    GuardianshipFactory(child=silent, rights="informed")
    register.announce(said, meeting, what="absent", by=said.guardians.first(), at=now)
    put(meeting, said, "absent", by=instructor, at=now)
    put(meeting, silent, "absent", by=instructor, at=now)
    register.close(meeting, by=instructor, at=now)
    assert [letter.child_id for letter in Letter.objects.filter(kind="absent")] == [silent.pk, silent.pk]


def test_a_mark_put_right_withholds_the_letter_or_takes_it_back(instructor, now):
    meeting = class_now(1, at=now)
    (child,) = kids(meeting)
    closed(meeting, instructor, now, absent=1)
    put(meeting, child, "late", seen=2, by=instructor, at=now + MINUTE)
    assert Letter.objects.get(kind="absent").state == "withheld"
    put(meeting, child, "absent", seen=3, by=instructor, at=now + MINUTE)
    delivery.send_due(now + HOUR)
    put(meeting, child, "present", seen=4, by=instructor, at=now + HOUR)
    assert sorted(
        Letter.objects.filter(child=child, kind__startswith="absent").values_list("kind", "state")
    ) == [
        ("absent", "sent"),
        ("absent", "withheld"),
        ("absent_mistaken", "queued"),
    ]


# ---- a family says so


def test_a_guardian_says_absent_in_two_taps_and_the_register_shows_it(logged_in, instructor, now):
    meeting = class_now(1, at=now, began=-HOUR, instructors=[instructor])
    (child,) = kids(meeting)
    guardian = child.guardians.first()
    client, url = logged_in(guardian), reverse("announce", args=[meeting.pk, child.pk])
    assert url in client.get(reverse("family")).content.decode()
    client.post(url, {"what": "absent"})
    assert "Absence annoncée" in client.get(reverse("family")).content.decode()
    assert (
        "ne viendra pas"
        in logged_in(instructor).get(reverse("desk_register", args=[meeting.pk])).content.decode()
    )
    logged_in(guardian).post(url, {"what": ""})
    assert there(meeting, child).announced == ""


def test_nobody_announces_for_another_family_nor_after_the_class(logged_in, parent, now):
    meeting = class_now(1, at=now)
    (child,) = kids(meeting)
    url = reverse("announce", args=[meeting.pk, child.pk])
    assert logged_in(parent).post(url, {"what": "absent"}).status_code == 404
    informed = GuardianshipFactory(child=child, rights="informed").guardian
    assert logged_in(informed).post(url, {"what": "absent"}).status_code == 404
    begin(meeting, now - timedelta(days=1))
    logged_in(child.guardians.first()).post(url, {"what": "absent"})
    assert not Presence.objects.exists()


def test_two_files_of_one_child_bring_their_presences_together(instructor, now):
    meeting = class_now(2, at=now)
    kept, gone = kids(meeting)
    register.announce(kept, meeting, what="late", by=kept.guardians.first(), at=now)
    put(meeting, gone, "present", by=instructor, at=now)
    register.hand_over(from_child=gone, to_child=kept)
    assert [(row.child, row.mark) for row in Presence.objects.all()] == [(kept, "present")]


def test_today_leads_with_the_class_that_is_on_and_says_how_many_adults_it_takes(logged_in, instructor, now):
    meeting = class_now(7, at=now, instructors=[instructor])
    class_now(1, at=now, began=-3 * HOUR, instructors=[instructor])
    page = logged_in(instructor).get(reverse("desk")).content.decode()
    main = page.split("<main")[1]
    assert main.index(reverse("desk_register", args=[meeting.pk])) < main.index("Faire l’appel") + 200
    assert "7 enfants prévus" in main and "adultes\u00a0: 1 sur 2" in main and "7 premières séances" in main


def test_no_photo_is_said_before_the_door_opens(logged_in, instructor, now):
    texts = {code: {"title": f"Photos {code}", "body": "…"} for code in consents.LANGUAGES}
    project, others = (
        consents.publish(
            consents.draft(
                consents.lay_policy(code, is_compulsory=False, per_child=True, position=place), texts
            ),
            by=None,
            at=now,
        )
        for place, code in enumerate((consents.PROJECT_PHOTOS, consents.CLASS_PICTURES), start=8)
    )
    meeting = class_now(2, at=now, instructors=[instructor])
    one, two = kids(meeting)
    for version, child in ((project, one), (others, two)):
        guardian = child.guardians.get()
        consents.answer(version, guardian=guardian, yes=True, language="fr", at=now, child=child)
    client = logged_in(instructor)
    main = client.get(reverse("desk")).content.decode()
    assert f"pas de photo avec le projet\u00a0: {two.first_name}" in main
    assert f"pas sur les photos de la séance\u00a0: {one.first_name}" in main
    ticks = client.get(reverse("desk_photos", args=[meeting.pk])).content.decode()
    assert ticks.count("(pas de photos)") == 1, "the page of the pictures says the same of the same child"
    for child, in_project, in_class in ((one, True, False), (two, False, True)):
        page = client.get(reverse("desk_child", args=[meeting.pk, child.pk])).content.decode()
        assert ("pas de photo avec le projet" in page) is not in_project
        assert ("photos avec le projet\u00a0: oui" in page) is in_project
        assert ("pas sur les photos de la séance" in page) is not in_class
        assert ("photos de la séance\u00a0: oui" in page) is in_class


def test_a_first_class_is_one_by_the_childs_place_whatever_register_was_kept(logged_in, instructor, now):
    early = class_now(2, at=now, began=timedelta(days=7), instructors=[instructor])
    meeting = begin(early.session.meetings.get(number=2), now - timedelta(minutes=5))
    late = ChildFactory(first_name="Tardive", guardian=UserFactory())
    admission.enroll(child=late, session=early.session, by=late.guardians.get(), at=now - timedelta(days=1))
    assert not Presence.objects.exists(), "nobody kept the register"
    first = {line.child.first_name for line in roster.lines(meeting) if line.is_first}
    assert first == {"Tardive"} and all(line.is_first for line in roster.lines(early))
    assert "1 première séance" in logged_in(instructor).get(reverse("desk")).content.decode()
