"""The page of the register: taps, remarks, who may open it, and what it shows."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from courses.models import Meeting
from enrollments.families import safety_notes
from enrollments.models import Presence, PresenceChange, ReadRecord
from enrollments.views.class_access import shown_counts
from tests.classes import begin, class_now, kids, put
from tests.enrollments.test_register import there
from tests.factories import PASSWORD, StaffFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


def test_the_page_is_a_form_that_works_without_scripts(logged_in, instructor, now):
    meeting = class_now(3, at=now, instructors=[instructor])
    client, url = logged_in(instructor), reverse("desk_register", args=[meeting.pk])
    client.post(url, {"act": "all", "key": uuid4()})
    one, two, _three = kids(meeting)
    sent = {"act": "save", "key": uuid4()}
    for child in kids(meeting):
        sent |= {
            f"seen-{child.pk}": 1,
            f"was-{child.pk}": "present",
            f"mark-{child.pk}": "present",
            f"remark-{child.pk}": "",
        }
    sent |= {
        f"mark-{one.pk}": "absent",
        f"mark-{two.pk}": "late",
        f"minutes-{two.pk}": "9",
        f"remark-{two.pk}": "bus",
    }
    for _twice in range(2):
        assert client.post(url, sent).status_code == 302
    assert [
        (row.mark, row.minutes, row.remark, row.version)
        for row in Presence.objects.order_by("child__first_name")
    ] == [
        ("absent", None, "", 2),
        ("late", 9, "bus", 2),
        ("present", None, "", 1),
    ]
    stale = client.post(
        url,
        sent
        | {"key": uuid4(), f"mark-{one.pk}": "present", f"was-{one.pk}": "absent", f"seen-{one.pk}": "1"},
    )
    assert stale.status_code == 409 and "entre-temps" in stale.content.decode()


def form_of(meeting, **said) -> dict:
    """Return the plain form as the page shows it, with what was typed instead."""
    sent = {"act": "save", "key": uuid4()}
    for child in kids(meeting):
        row = Presence.objects.filter(child=child, meeting=meeting).first() or Presence()
        sent |= {
            f"seen-{child.pk}": row.version,
            f"was-{child.pk}": row.mark,
            f"mark-{child.pk}": row.mark,
            f"minutes-{child.pk}": "" if row.minutes is None else row.minutes,
            f"remark-{child.pk}": row.remark,
        }
    return sent | said


def row_of(page: str, child) -> str:
    return page.split(f'data-child="{child.pk}"')[1].split("</li>")[0]


def test_a_refused_row_keeps_the_mark_the_minutes_and_the_remark_as_typed(logged_in, instructor, now):
    meeting = class_now(2, at=now, instructors=[instructor])
    one, two = kids(meeting)
    typed = {f"mark-{one.pk}": "late", f"minutes-{one.pk}": "600", f"remark-{one.pk}": "bus <b>"}
    sent = form_of(meeting, **typed, **{f"mark-{two.pk}": "absent"})
    response = logged_in(instructor).post(reverse("desk_register", args=[meeting.pk]), sent)
    assert response.status_code == 409
    row, other = row_of(response.content.decode(), one), row_of(response.content.decode(), two)
    assert 'value="600"' in row and 'value="bus &lt;b&gt;"' in row and "data-held" in row
    late = row.split('value="late"')[1].split(">")[0]
    assert "checked" in late and f'name="was-{one.pk}" value=""' in row and 'data-mark=""' in row
    assert "data-held" not in other and other.split(f'name="mark-{two.pk}"')[3].split(">")[0].split() == [
        'value="absent"',
        "checked",
    ]
    assert list(Presence.objects.exclude(mark="").values_list("child", "mark")) == [(two.pk, "absent")]


def test_a_row_a_colleague_changed_keeps_what_was_typed_and_is_saved_when_sent_again(
    logged_in, instructor, front_desk, now
):
    meeting = class_now(1, at=now, instructors=[instructor])
    (one,) = kids(meeting)
    sent = form_of(meeting, **{f"mark-{one.pk}": "late", f"minutes-{one.pk}": "7", f"remark-{one.pk}": "bus"})
    put(meeting, one, "absent", by=front_desk, at=now)
    client, url = logged_in(instructor), reverse("desk_register", args=[meeting.pk])
    row = row_of(client.post(url, sent).content.decode(), one)
    assert 'value="7"' in row and 'value="bus"' in row and f'name="seen-{one.pk}" value="1"' in row
    again = form_of(
        meeting, **{f"mark-{one.pk}": "late", f"minutes-{one.pk}": "7", f"remark-{one.pk}": "bus"}
    )
    assert client.post(url, again).status_code == 302
    assert (there(meeting, one).mark, there(meeting, one).minutes, there(meeting, one).remark) == (
        "late",
        7,
        "bus",
    )


def test_all_present_without_scripts_keeps_what_was_marked_before_the_press(logged_in, instructor, now):
    meeting = class_now(3, at=now, instructors=[instructor])
    one, two, three = kids(meeting)
    typed = {f"mark-{one.pk}": "absent", f"remark-{two.pk}": "without a mark yet"}
    client, url = logged_in(instructor), reverse("desk_register", args=[meeting.pk])
    for _twice in range(2):
        assert client.post(url, form_of(meeting) | typed | {"act": "all"}).status_code == 302
    assert [there(meeting, child).mark for child in (one, two, three)] == ["absent", "present", "present"]
    assert there(meeting, two).remark == "without a mark yet"


def test_all_present_waits_while_a_row_is_refused(logged_in, instructor, now):
    meeting = class_now(2, at=now, instructors=[instructor])
    one, _two = kids(meeting)
    sent = form_of(meeting, act="all", **{f"mark-{one.pk}": "late", f"minutes-{one.pk}": "x"})
    response = logged_in(instructor).post(reverse("desk_register", args=[meeting.pk]), sent)
    assert response.status_code == 409 and not Presence.objects.exclude(mark="").exists()
    assert 'value="x"' in row_of(response.content.decode(), one)


def test_the_reason_of_a_late_change_is_kept(logged_in, manager, now):
    meeting = class_now(1, at=now, began=timedelta(days=4))
    (one,) = kids(meeting)
    sent = form_of(
        meeting, reason="register on paper", **{f"mark-{one.pk}": "late", f"minutes-{one.pk}": "600"}
    )
    response = logged_in(manager).post(reverse("desk_register", args=[meeting.pk]), sent)
    assert response.status_code == 409 and 'value="register on paper"' in response.content.decode()


def test_enter_in_a_field_saves_and_does_not_mark_everybody(logged_in, instructor, now):
    """The browser presses the first button of the form."""
    meeting = class_now(2, at=now, instructors=[instructor])
    for name, first in (("desk_register", 'name="act" value="save"'), ("desk_after", 'type="submit" hidden')):
        put(meeting, kids(meeting)[0], "present", by=instructor, at=now)
        page = logged_in(instructor).get(reverse(name, args=[meeting.pk])).content.decode()
        form = page.split("data-twice")[1]
        assert first in form[form.index("<button") :].split(">")[0]


def taps(client, meeting, *marks):
    return client.post(
        reverse("desk_marks", args=[meeting.pk]),
        json.dumps({"marks": marks}),
        content_type="application/json",
    )


def test_taps_are_answered_one_by_one_and_twice_the_same(logged_in, instructor, front_desk, now):
    meeting = class_now(3, at=now, instructors=[instructor])
    one, two, three = kids(meeting)
    put(meeting, two, "late", minutes=4, by=front_desk, at=now)
    sent = [
        {"child": child.pk, "mark": "present", "seen": 0, "key": str(uuid4())} for child in (one, two, three)
    ]
    sent.append({"child": 10**9, "mark": "present", "seen": 0, "key": str(uuid4())})
    client = logged_in(instructor)
    answers = [taps(client, meeting, *sent).json()["marks"] for _again in range(2)]
    assert [told["status"] for told in answers[0]] == ["saved", "conflict", "saved", "refused"]
    assert answers[0] == answers[1] and answers[0][1]["mark"] == "late" and answers[0][3]["words"]
    assert PresenceChange.objects.count() == 3


@pytest.mark.parametrize("minutes", ["Infinity", "-Infinity", "NaN"])
def test_minutes_that_are_no_number_are_refused(logged_in, instructor, now, minutes):
    meeting = class_now(1, at=now, instructors=[instructor])
    one = (
        f'"child": {kids(meeting)[0].pk}, "mark": "late", "seen": 0, "key": "{uuid4()}", "minutes": {minutes}'
    )
    body = f'{{"marks": [{{{one}}}]}}'
    url = reverse("desk_marks", args=[meeting.pk])
    assert logged_in(instructor).post(url, body, content_type="application/json").status_code == 422


def test_a_remark_that_no_database_keeps_is_kept_without_it(logged_in, instructor, now):
    meeting = class_now(1, at=now, instructors=[instructor])
    (child,) = kids(meeting)
    one = {
        "child": child.pk,
        "mark": "present",
        "seen": 0,
        "key": str(uuid4()),
        "remark": "bus\x00 \ud800\n en panne" + "x" * 300,
    }
    assert taps(logged_in(instructor), meeting, one).json()["marks"][0]["status"] == "saved"
    remark = there(meeting, child).remark
    assert taps(logged_in(instructor), meeting, one | {"child": 10**30}).status_code == 422
    assert remark.startswith("bus en panne") and len(remark) == 200


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"marks": 1}',
        '{"marks": [1]}',
        '{"marks": [{"child": "x"}]}',
        "\x00",
        '{"marks": [{"child": 1, "mark": "present", "seen": 0, "key": "no"}]}',
        '{"marks": [{"child": 1, "mark": [], "seen": {}, "key": 1}]}',
    ],
)
def test_nonsense_is_refused_with_a_sentence(logged_in, instructor, now, body):
    meeting = class_now(1, at=now, instructors=[instructor])
    answer = logged_in(instructor).post(
        reverse("desk_marks", args=[meeting.pk]), body, content_type="application/json"
    )
    assert answer.status_code == 422 and answer.json()["words"]


@pytest.mark.parametrize(("days", "status"), [(-15, 404), (-13, 200), (6, 200), (8, 404)])
def test_the_window_of_an_instructor(logged_in, instructor, now, days, status):
    meeting = class_now(1, at=now, began=timedelta(days=-days), instructors=[instructor])
    client = logged_in(instructor)
    for name, args in (("desk_register", [meeting.pk]), ("desk_child", [meeting.pk, kids(meeting)[0].pk])):
        assert client.get(reverse(name, args=args)).status_code == status


def test_a_substitute_without_history_opens_and_runs_the_class_and_the_other_no_longer(
    logged_in, instructor, now
):
    meeting = class_now(2, at=now, instructors=[instructor])
    substitute = StaffFactory(role="Instructors")
    meeting.instructors.set([substitute])
    assert logged_in(instructor).get(reverse("desk_register", args=[meeting.pk])).status_code == 404
    client = logged_in(substitute)
    assert reverse("desk_register", args=[meeting.pk]) in client.get(reverse("desk")).content.decode()
    client.post(reverse("desk_register", args=[meeting.pk]), {"act": "all", "key": uuid4()})
    assert client.post(reverse("desk_register_close", args=[meeting.pk]), follow=True).status_code == 200
    assert set(Presence.objects.values_list("mark", flat=True)) == {"present"}


def test_a_roster_of_thirty_takes_twelve_questions(logged_in, instructor, now, queries):
    client, counts = logged_in(instructor), []
    for children in (3, 30):
        meeting = class_now(children, at=now, instructors=[instructor])
        url = reverse("desk_register", args=[meeting.pk])
        client.get(url)
        with queries() as seen:
            assert client.get(url).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 12, counts


def test_a_class_is_one_tap_away_for_as_long_as_its_register_opens(logged_in, instructor, now, queries):
    client, counts = logged_in(instructor), []
    held = []
    for days in (1, 13, 15):
        held.append(class_now(1, at=now, began=timedelta(days=days), instructors=[instructor]))
        client.get(reverse("desk"))
        with queries() as seen:
            page = client.get(reverse("desk")).content.decode()
        counts.append(len(seen))
    links = [reverse("desk_register", args=[meeting.pk]) for meeting in held]
    assert [link in page for link in links] == [True, True, False]
    assert page.index(links[0]) < page.index(links[1]), "the latest first"
    assert [client.get(link).status_code for link in links] == [200, 200, 404], "exactly those that open"
    assert counts[0] == counts[1], counts
    meeting = held[0]
    roster_page = client.get(reverse("desk_roster", args=[meeting.session_id])).content.decode()
    assert links[0] in roster_page
    begin(meeting.session.meetings.get(number=2), now + timedelta(days=2))
    other = reverse("desk_register", args=[meeting.session.meetings.get(number=2).pk])
    assert other not in client.get(reverse("desk_roster", args=[meeting.session_id])).content.decode()


def test_the_instructor_sees_no_address_and_every_look_is_kept(logged_in, instructor, now):
    meeting = class_now(1, at=now, instructors=[instructor])
    (child,) = kids(meeting)
    client = logged_in(instructor)
    for url in (
        reverse("desk_register", args=[meeting.pk]),
        reverse("desk_child", args=[meeting.pk, child.pk]),
    ):
        assert child.guardians.first().email not in client.get(url).content.decode()
    assert {row.what for row in ReadRecord.objects.filter(child_ref=child.pk, by_ref=instructor.pk)} == {
        "roster",
        "file",
    }


def test_the_safety_note_asks_for_the_login_again_and_is_recorded(client, instructor, academy_settings, now):
    academy_settings.cndp_number = "D-1/2026"
    academy_settings.save()
    meeting = class_now(1, at=now, instructors=[instructor])
    (child,) = kids(meeting)
    parts = {"may_happen": "Une crise", "what_to_do": "Appeler", "medicine": "", "whom_to_call": ""}
    safety_notes.write_note(child, parts=parts, by=child.guardians.first(), at=now)
    url = reverse("desk_note", args=[meeting.pk, child.pk])
    client.force_login(instructor, backend="academy.signed_in.ModelBackend")
    assert (
        reverse("desk_note", args=[meeting.pk, child.pk])
        in client.get(reverse("desk_child", args=[meeting.pk, child.pk])).content.decode()
    )
    assert client.get(url).url.startswith(reverse("account_reauthenticate"))
    assert not ReadRecord.objects.filter(what="safety_note").exists()
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert "Une crise" in client.get(url).content.decode()
    (look,) = ReadRecord.objects.filter(what="safety_note")
    assert (look.child_ref, look.by_ref, look.reason) == (child.pk, instructor.pk, "class_today")


@pytest.mark.parametrize("language,name", [("fr", "nom"), ("ar", "اسم"), ("en", "name")])
def test_the_hint_of_a_register_sends_nobody_to_the_name_which_leads_away(language, name):
    with translation.override(language):
        assert name not in gettext("Then correct those who are absent or late.").split()


@pytest.mark.parametrize(
    "language,words", [("fr", ["non pointé", "non pointé", "non pointés"]), ("ar", None)]
)
def test_a_count_has_its_words_for_each_number_of_children(language, words):
    numbers = {"here": 1, "late": 0, "absent": 0, "excused": 1, "gone": 0, "none": 0}
    with translation.override(language):
        shown = {one.name: one for one in shown_counts(numbers)}
    assert words is None or shown["none"].forms == words
    assert {len(one.forms) for one in shown.values()} == {3}, "a class of two"
    assert shown["excused"].words


def test_all_present_is_the_main_button_only_while_a_child_has_no_mark(logged_in, instructor, now):
    meeting = class_now(2, at=now, instructors=[instructor])
    client, url = logged_in(instructor), reverse("desk_register", args=[meeting.pk])

    def button():
        (found,) = re.findall(r"<button[^>]*data-all[^>]*>", client.get(url).content.decode())
        return found

    assert "button--primary" in button()
    told = [
        list(client.post(url, {"act": "all", "key": uuid4()}, follow=True).context["messages"])
        for _press in range(2)
    ]
    assert "button--primary" not in button()
    assert (len(told[0]), len(told[1])) == (0, 1), "the second press says that nothing has changed"


def test_the_desk_shows_todays_class_until_its_window_ends_and_opens_no_sheet_too_early(
    logged_in, instructor, now
):
    over = class_now(2, at=now, began=timedelta(hours=3), instructors=[instructor])
    begin(over, timezone.localtime(now).replace(hour=0, minute=0, second=1, microsecond=0))
    coming = class_now(2, at=now, instructors=[instructor])
    begin(coming, timezone.localtime(now).replace(hour=12, minute=0) + timedelta(days=3))
    client = logged_in(instructor)
    page = client.get(reverse("desk"))
    assert page.context["face"].pk == over.pk, "it can still be marked"
    Meeting.objects.filter(pk=over.pk).update(cancelled_at=now)
    page = client.get(reverse("desk"))
    assert page.context["face"].pk == coming.pk
    card = page.content.decode().split('aria-labelledby="face"')[1].split("</section>")[0]
    assert "button--primary" not in card and "10:00" in card, "it opens two hours before"
    begin(coming, now + timedelta(minutes=119))
    page = client.get(reverse("desk")).content.decode()
    assert "button--primary" in page.split('aria-labelledby="face"')[1].split("</section>")[0]
