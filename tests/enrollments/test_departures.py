"""The departure list: one tap for each way home a family has agreed to, and never one that is barred."""

import json
from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.translation import gettext

from enrollments.classes import dismissal, register
from enrollments.families import pickup
from enrollments.models import Child, Guardianship, Letter, PickupPerson, Presence, ReadRecord
from tests.classes import class_now, kids, put
from tests.factories import ChildFactory, GuardianshipFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def meeting(instructor, now):
    meeting = class_now(2, at=now, names=("Adam", "Lina"), instructors=[instructor])
    for child in kids(meeting):
        put(meeting, child, "present", by=instructor, at=now)
    return meeting


def list_of(meeting):
    return reverse("desk_leaving", args=[meeting.pk])


def way_of(child) -> str:
    return f"guardian.{Guardianship.objects.get(child=child).pk}"


def there(child) -> Presence:
    return Presence.objects.get(child=child)


def press(client, meeting, child, way, **more):
    return client.post(list_of(meeting), {"go": f"{child.pk}.{way}", "key": str(uuid4())} | more)


def taps(client, meeting, *sent):
    marks = [
        {"child": child.pk, "mark": way, "seen": seen, "key": str(key), "minutes": None, "remark": None}
        for child, way, seen, key in sent
    ]
    url = reverse("desk_leaving_taps", args=[meeting.pk])
    return client.post(url, json.dumps({"marks": marks}), content_type="application/json")


# ---- what it shows


def test_it_shows_each_child_that_is_here_with_one_button_for_each_way_home(
    logged_in, instructor, meeting, now
):
    adam, lina = kids(meeting)
    PickupPerson.objects.create(
        child=adam, name="Zineb Tante", relation="tante", phone="+212600000055", added_at=now
    )
    Child.objects.filter(pk=lina.pk).update(may_go_alone=True)
    page = logged_in(instructor).get(list_of(meeting)).content.decode()
    assert f'value="{adam.pk}.{way_of(adam)}"' in page and f'value="{lina.pk}.alone"' in page
    assert "Zineb Tante" in page and f'value="{adam.pk}.alone"' not in page
    assert page.count(reverse("desk_child", args=[meeting.pk, adam.pk]) + "?next=") == 2
    assert ReadRecord.objects.filter(what=ReadRecord.What.ROSTER, child_ref=adam.pk).exists()


def test_a_child_without_a_mark_is_counted_and_an_absent_one_left_out(logged_in, instructor, now):
    meeting = class_now(2, at=now, names=("Adam", "Lina"), instructors=[instructor])
    put(meeting, kids(meeting)[0], "absent", by=instructor, at=now)
    page = logged_in(instructor).get(list_of(meeting))
    assert page.context["rows"] == [] and page.context["unmarked"] == 1


@pytest.mark.parametrize("how", ["the account", "the name of a guardian", "the name on the list"])
def test_nobody_barred_has_a_button_there_nor_on_the_childs_page(
    logged_in, instructor, manager, meeting, now, how
):
    adam = kids(meeting)[0]
    father = UserFactory(name="Hamid Barré")
    GuardianshipFactory(child=adam, guardian=father)
    if how == "the name on the list":
        PickupPerson.objects.create(
            child=adam, name="Hamid Barre", relation="oncle", phone="+212600000055", added_at=now
        )
    pickup.bar(
        adam,
        name="Hamid Barré" if how != "the account" else "X",
        guardian=father if how == "the account" else None,
        paper="judgment",
        seen_on=date(2026, 1, 1),
        by=manager,
        at=now,
    )
    ways = [taker.value for taker in dismissal.takers([adam])[adam.pk]]
    assert ways == [f"guardian.{Guardianship.objects.get(child=adam, guardian=adam.guardians.first()).pk}"]
    client = logged_in(instructor)
    page = client.get(list_of(meeting)).content.decode()
    assert "Hamid" not in page, "the barred name is not shown where other parents look on"
    assert gettext("Protected file") in page and gettext("check before handing over") in page
    careful = client.get(reverse("desk_child", args=[meeting.pk, adam.pk])).context["takers"]
    assert [taker.value for taker in careful] == ways


def test_a_barred_adult_sent_by_an_old_page_is_refused_and_the_office_alerted(
    logged_in, instructor, manager, meeting, now
):
    adam = kids(meeting)[0]
    father = UserFactory(name="Hamid Barré")
    tie = GuardianshipFactory(child=adam, guardian=father)
    pickup.bar(
        adam, name="X", guardian=father, paper="judgment", seen_on=date(2026, 1, 1), by=manager, at=now
    )
    client, way = logged_in(instructor), f"guardian.{tie.pk}"
    assert press(client, meeting, adam, way).status_code == 409
    (answer,) = taps(client, meeting, (adam, way, 1, uuid4())).json()["marks"]
    assert answer["status"] == "refused" and there(adam).went_home == ""
    assert Letter.objects.filter(kind="pickup_alert").exists()


@pytest.mark.parametrize("way", ["other", "pass.1", "guardian.", "guardian.999999", "listed.x", "alone", "x"])
def test_no_tap_does_what_needs_the_careful_form(logged_in, instructor, meeting, way):
    adam = kids(meeting)[0]
    client = logged_in(instructor)
    (answer,) = taps(client, meeting, (adam, way, 1, uuid4())).json()["marks"]
    assert answer["status"] == "refused" and answer["words"]
    assert press(client, meeting, adam, way).status_code == 409
    assert there(adam).went_home == ""


def test_a_list_of_three_asks_as_often_as_one(logged_in, instructor, queries, now):
    counts = []
    for children in (1, 3):
        meeting = class_now(children, at=now, instructors=[instructor])
        for child in kids(meeting):
            put(meeting, child, "present", by=instructor, at=now)
        client = logged_in(instructor)
        client.get(list_of(meeting))
        with queries() as seen:
            client.get(list_of(meeting))
        counts.append(len(seen))
    assert counts[0] == counts[1]


# ---- what a tap does


def test_one_press_records_it_and_another_undoes_it(logged_in, instructor, meeting):
    adam, lina = kids(meeting)
    client = logged_in(instructor)
    response = press(client, meeting, adam, way_of(adam))
    assert response.status_code == 302 and response["Location"].endswith(f"#child-{adam.pk}")
    assert (there(adam).went_home, there(adam).went_with) == ("guardian", adam.guardians.first().name)
    assert there(lina).went_home == ""
    press(client, meeting, adam, "")
    assert there(adam).went_home == ""


def test_the_same_press_twice_is_one_and_another_way_from_an_old_page_is_a_conflict(
    logged_in, instructor, meeting
):
    adam = kids(meeting)[0]
    Child.objects.filter(pk=adam.pk).update(may_go_alone=True)
    client, same = logged_in(instructor), {"key": str(uuid4())}
    assert press(client, meeting, adam, way_of(adam), **same).status_code == 302
    assert press(client, meeting, adam, way_of(adam), **same).status_code == 302
    assert press(client, meeting, adam, "alone", **same).status_code == 409
    assert there(adam).went_home == "guardian"


def test_taps_are_applied_in_order_and_a_resent_one_once(logged_in, instructor, meeting):
    adam, lina = kids(meeting)
    client, keys = logged_in(instructor), [uuid4(), uuid4(), uuid4()]
    sent = [(adam, way_of(adam), 1, keys[0]), (lina, way_of(lina), 1, keys[1])]
    for _time in range(2):
        answers = taps(client, meeting, *sent).json()["marks"]
        assert [(one["status"], one["mark"], one["version"]) for one in answers] == [
            ("saved", way_of(adam), 2),
            ("saved", way_of(lina), 2),
        ]
        assert adam.guardians.first().name in answers[0]["gone"]
    (undone,) = taps(client, meeting, (adam, "", 2, keys[2])).json()["marks"]
    assert (undone["status"], undone["mark"], undone["gone"]) == ("saved", "", "")
    assert there(lina).version == 2


def test_a_tap_whose_answer_was_lost_and_that_a_colleague_has_changed_is_a_conflict(
    logged_in, instructor, front_desk, meeting, now
):
    adam = kids(meeting)[0]
    Child.objects.filter(pk=adam.pk).update(may_go_alone=True)
    client, key = logged_in(instructor), uuid4()
    taps(client, meeting, (adam, way_of(adam), 1, key))
    dismissal.not_gone(meeting, adam.pk, key=uuid4(), by=front_desk, at=now)
    dismissal.send_home(meeting, adam.pk, home="alone", key=uuid4(), by=front_desk, at=now)
    (again,) = taps(client, meeting, (adam, way_of(adam), 1, key)).json()["marks"]
    assert again["status"] == "conflict" and there(adam).went_home == "alone"
    (undo,) = taps(client, meeting, (adam, "", 2, uuid4())).json()["marks"]
    assert undo["status"] == "conflict", "it would undo what the colleague recorded"
    with pytest.raises(register.Conflict):
        dismissal.not_gone(meeting, adam.pk, key=uuid4(), by=instructor, at=now, seen=3)


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"marks": 3}', '{"marks": [{"child": true}]}', "[" * 5000])
def test_what_is_no_list_of_taps_is_refused(logged_in, instructor, meeting, body):
    url = reverse("desk_leaving_taps", args=[meeting.pk])
    response = logged_in(instructor).post(url, body, content_type="application/json")
    assert response.status_code == 422 and response.json()["words"]


def test_a_child_of_another_class_is_not_found(logged_in, instructor, meeting):
    client, stranger = logged_in(instructor), ChildFactory()
    assert press(client, meeting, stranger, "alone").status_code == 404
    (answer,) = taps(client, meeting, (stranger, "alone", 0, uuid4())).json()["marks"]
    assert answer["status"] == "refused"


def test_another_adult_leads_to_the_careful_form_and_back_to_the_list(logged_in, instructor, meeting):
    adam = kids(meeting)[0]
    client, url = logged_in(instructor), reverse("desk_child", args=[meeting.pk, adam.pk])
    page = client.get(url, {"next": list_of(meeting)}).content.decode()
    assert f'name="next" value="{list_of(meeting)}"' in page
    told = {
        "home": "other",
        "name": "Samira Voisine",
        "called": "yes",
        "paper": "yes",
        "next": list_of(meeting),
    }
    response = client.post(url, told | {"key": str(uuid4())})
    assert (response.status_code, response["Location"]) == (302, list_of(meeting))
    assert there(adam).went_with == "Samira Voisine"


# ---- the careful form keeps what was said


def test_the_careful_form_keeps_every_tick_after_a_refusal(logged_in, instructor, meeting):
    adam = kids(meeting)[0]
    client, url = logged_in(instructor), reverse("desk_child", args=[meeting.pk, adam.pk])
    page = client.post(url, {"home": "other", "called": "yes", "name": "Samira"}).content.decode()
    assert 'name="called" value="yes" checked' in page and 'name="paper" value="yes">' in page
    assert 'value="other" checked' in page and 'value="Samira"' in page
    page = client.post(url, {"home": way_of(adam).replace("guardian.", "listed.99")}).content.decode()
    assert gettext("Choose who takes the child home.") in page
    put(meeting, adam, "left", seen=1, by=instructor, at=meeting.starts_at)
    page = client.post(url, {"home": way_of(adam), "paper": "yes"}).content.decode()
    assert f'value="{way_of(adam)}" checked' in page and 'name="paper" value="yes" checked' in page
