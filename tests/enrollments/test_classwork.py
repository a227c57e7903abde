"""After a class: observed skills, notes for families, a note for the next instructor,
the email of the day.
"""

import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.urls import reverse

from courses.models import Session
from enrollments.classes import class_reports, diary, progress
from enrollments.models import ClassDiary, ClassNote, Letter, Presence, SkillObservation
from tests.classes import begin, class_now, kids, put
from tests.factories import LessonFactory, RoomFactory, SkillFactory, StaffFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def meeting(instructor, now):
    """Return a class of three children: present, absent and without a mark; a lesson with one skill."""
    meeting = class_now(3, at=now, instructors=[instructor])
    lesson = LessonFactory(
        course=meeting.session.course,
        number=41,
        title="Un chat qui bouge",
        family_words_fr="Demandez le chat.",
        family_words_en="Ask for the cat.",
        family_words_ar="اطلبوا القط.",
    )
    lesson.skills.add(SkillFactory())
    type(meeting).objects.filter(pk=meeting.pk).update(lesson=lesson)
    meeting.refresh_from_db()
    one, two, _three = kids(meeting)
    put(meeting, one, "present", by=instructor, at=now)
    put(meeting, two, "absent", by=instructor, at=now)
    return meeting


def test_a_touch_of_the_grid_is_kept_and_only_for_who_came(logged_in, instructor, meeting):
    one, two, _three = kids(meeting)
    skill = meeting.lesson.skills.get()
    client, url = logged_in(instructor), reverse("desk_after", args=[meeting.pk])
    assert skill.name in client.get(url).content.decode()
    sent = {f"skill-{child.pk}-{skill.pk}": "3" for child in (one, two)} | {
        f"note-{one.pk}": "Bravo",
        f"chip-{one.pk}": ["team", "x"],
    }
    for _twice in range(2):
        assert client.post(url, sent, headers={"X-Touch": "1"}).status_code == 204
    (row,) = SkillObservation.objects.all()
    assert (row.child, row.level) == (one, 3)
    note = ClassNote.objects.get()
    assert (note.child, note.chips, note.text) == (one, ["team"], "Bravo")
    client.post(url, {f"skill-{one.pk}-{skill.pk}": "", f"note-{one.pk}": ""})
    assert not SkillObservation.objects.exists() and not ClassNote.objects.exists(), "taken back"
    client.post(url, {f"skill-{one.pk}-{skill.pk}": "9"})
    assert not SkillObservation.objects.exists()


def test_one_press_gives_everybody_a_level_and_the_exceptions_stay(logged_in, instructor, meeting, now):
    _one, two, three = kids(meeting)
    for child, seen in ((two, 1), (three, 0)):
        put(meeting, child, "present", seen=seen, by=instructor, at=now)
    skill, other = meeting.lesson.skills.get(), SkillFactory()
    meeting.lesson.skills.add(other)
    client, url = logged_in(instructor), reverse("desk_after", args=[meeting.pk])
    page = client.get(url).content.decode()
    assert f'name="every" value="{skill.pk}.3"' in page
    assert "tout le groupe\N{NO-BREAK SPACE}: pas observé" in page

    def levels(of=skill):
        rows = SkillObservation.objects.filter(skill=of).order_by("child__first_name")
        return list(rows.values_list("level", flat=True))

    for _twice in range(2):
        client.post(url, {"every": f"{skill.pk}.3"}, headers={"X-Touch": "1"})
        assert (levels(), levels(other)) == ([3, 3, 3], [])
    client.post(url, {"every": f"{skill.pk}.2"})
    assert levels() == [2, 2, 2], "while all are alike nobody was chosen by hand"
    client.post(url, {"every": f"{skill.pk}."})
    assert levels() == [], "a slip is undone by one press"
    client.post(url, {f"skill-{two.pk}-{skill.pk}": "1", "every": f"{skill.pk}.3"})
    assert levels() == [3, 1, 3]
    client.post(url, {"every": f"{skill.pk}.4"})
    assert levels() == [3, 1, 3]
    for nonsense in ("", "x", f"{skill.pk}", f"{skill.pk}.9", "999999.3"):
        client.post(url, {"every": nonsense})
    assert (levels(), levels(other)) == ([3, 1, 3], [])


def test_only_who_may_send_is_offered_to_send(logged_in, instructor, front_desk, manager, meeting):
    url, button = reverse("desk_after", args=[meeting.pk]), reverse("desk_tell", args=[meeting.pk])
    offered = [
        button in logged_in(user).get(url).content.decode() for user in (instructor, manager, front_desk)
    ]
    assert offered == [True, True, False]


def test_the_family_reads_the_last_level_and_the_word(logged_in, instructor, meeting, now):
    one = kids(meeting)[0]
    skill = meeting.lesson.skills.get()
    progress.observe(one, skill, meeting, level=2, by=instructor, at=now)
    later = begin(meeting.session.meetings.order_by("number")[1], now + timedelta(days=1))
    progress.observe(one, skill, later, level=4, by=instructor, at=now + timedelta(days=1))
    progress.note(one, meeting, chips=["curious"], text="Très bien", by=instructor, at=now)
    page = logged_in(one.guardians.first()).get(reverse("child", args=[one.pk])).content.decode()
    assert "J’aide les autres" in page and "Très bien" in page and "montré de la curiosité" in page
    assert "J’y arrive avec aide" not in page


def test_the_word_for_who_teaches_next_stands_on_their_register(logged_in, instructor, meeting, now):
    client = logged_in(instructor)
    client.post(
        reverse("desk_after", args=[meeting.pk]),
        {
            "stopped_at": "Le chat saute",
            "handover": "Prévoir des piles",
            "worked": "Par deux",
            "kit_missing": "un câble",
        },
    )
    assert ClassDiary.objects.get().kit_missing == "un câble"
    later = begin(meeting.session.meetings.order_by("number")[1], now + timedelta(days=2))
    substitute = StaffFactory(role="Instructors")
    later.instructors.set([substitute])
    page = logged_in(substitute).get(reverse("desk_register", args=[later.pk])).content.decode()
    assert "Le chat saute" in page and "Prévoir des piles" in page
    Session.objects.get(pk=later.session_id).instructors.add(substitute)
    assert (
        "Par deux"
        in logged_in(substitute).get(reverse("desk_lesson", args=[meeting.lesson_id])).content.decode()
    )


def test_one_field_sent_alone_erases_no_other(logged_in, instructor, meeting):
    client, url = logged_in(instructor), reverse("desk_after", args=[meeting.pk])
    client.post(url, {"stopped_at": "Le chat saute", "kit_missing": "un câble" + "x" * 400})
    client.post(url, {"handover": "Prévoir des piles"}, headers={"X-Touch": "1"})
    diary = ClassDiary.objects.get()
    assert (diary.stopped_at, diary.handover, len(diary.kit_missing)) == (
        "Le chat saute",
        "Prévoir des piles",
        300,
    )


def test_who_came_reads_what_was_done_who_was_away_what_was_missed_and_nobody_else(instructor, meeting, now):
    one, two, _three = kids(meeting)
    progress.note(one, meeting, chips=["team"], text="Bravo", by=instructor, at=now)
    guardian = one.guardians.first()
    type(guardian).objects.filter(pk=guardian.pk).update(language="en")
    assert class_reports.tell(meeting, by=instructor, at=now) == 2
    told = {letter.kind: letter for letter in Letter.objects.filter(meeting=meeting)}
    assert (
        told["in_class"].child == one
        and "Bravo" in told["in_class"].body
        and "Ask for the cat." in told["in_class"].body
    )
    assert (
        told["catch_up"].child == two
        and "Demandez le chat." in told["catch_up"].body
        and "Bravo" not in told["catch_up"].body
    )
    assert {letter.next_try_at for letter in told.values()} == {now + class_reports.UNDO}
    with pytest.raises(class_reports.Refused, match="told"):
        class_reports.tell(meeting, by=instructor, at=now)


@pytest.mark.parametrize(("seconds", "done"), [(29, True), (30, False)])
def test_it_is_called_back_within_half_a_minute_and_may_be_sent_again(
    instructor, meeting, now, seconds, done
):
    class_reports.tell(meeting, by=instructor, at=now)
    at = now + timedelta(seconds=seconds)
    assert class_reports.call_back(meeting, at=at) is done
    states = set(Letter.objects.filter(meeting=meeting).values_list("state", flat=True))
    assert states == ({"withheld"} if done else {"queued"})
    if done:
        assert class_reports.tell(meeting, by=instructor, at=at) == 2


def test_nothing_is_told_before_the_class_nor_without_a_register(instructor, now):
    coming = class_now(1, at=now, began=-timedelta(hours=1), instructors=[instructor])
    with pytest.raises(class_reports.Refused, match="not_over"):
        class_reports.tell(coming, by=instructor, at=now)
    begun = class_now(1, at=now, instructors=[instructor])
    with pytest.raises(class_reports.Refused, match="nobody"):
        class_reports.tell(begun, by=instructor, at=now)


def test_the_button_sends_and_the_next_one_calls_back(logged_in, instructor, meeting):
    client, url = logged_in(instructor), reverse("desk_tell", args=[meeting.pk])
    client.post(url, {"act": "send"})
    assert "annuler l’envoi" in client.get(reverse("desk_after", args=[meeting.pk])).content.decode().lower()
    client.post(url, {"act": "back"})
    assert set(Letter.objects.filter(kind__in=class_reports.KINDS).values_list("state", flat=True)) == {
        "withheld"
    }


def test_a_lesson_takes_so_much_kit_for_so_many(meeting):
    from enrollments.classes.roster import kit_for

    meeting.lesson.kit = [
        {"per": "child", "qty": 2, "fr": "piles"},
        {"per": "pair", "qty": 1, "fr": "robot"},
        {"per": "group", "qty": 3, "fr": "tapis"},
    ]
    assert [count for count, _line in kit_for(meeting.lesson, 5)] == [10, 3, 3]
    meeting.lesson.kit = [{"per": "pair", "qty": 1, "fr": "Ordinateur", "en": "A laptop with Scratch"}]
    assert [count for count, _line in kit_for(meeting.lesson, 5, laptops=2)] == [2]


def test_a_kit_wanted_in_two_rooms_at_once_is_said(logged_in, instructor, meeting, now):
    line = {"per": "group", "qty": 1, "fr": "Tapis", "en": "Mat", "ar": "بساط"}
    type(meeting.lesson).objects.filter(pk=meeting.lesson_id).update(kit=[line])
    other = class_now(
        0,
        at=now,
        began=timedelta(minutes=30),
        room=RoomFactory(venue=meeting.room.venue, name_fr="Salle Cap"),
    )
    type(other).objects.filter(pk=other.pk).update(
        lesson=LessonFactory(course=other.session.course, kit=[line])
    )
    url = reverse("desk_lesson", args=[meeting.lesson_id])
    client = logged_in(instructor)
    assert "Salle Cap" in client.get(url, {"class": meeting.pk}).content.decode()
    assert "Salle Cap" not in client.get(url, {"class": other.pk}).content.decode(), (
        "a class of somebody else says nothing"
    )
    assert "Salle Cap" not in client.get(url, {"class": "x"}).content.decode()


def test_the_practice_group_keeps_nothing(logged_in, instructor):
    client = logged_in(instructor)
    assert "Groupe d’essai" in client.get(reverse("desk_practice")).content.decode()
    assert client.post(reverse("desk_practice"), {"act": "all", "key": uuid4()}).status_code == 200
    sent = '{"marks": [{"child": 1, "mark": "late", "seen": 0, "key": "k"}]}'
    told = client.post(reverse("desk_practice_marks"), sent, content_type="application/json").json()["marks"]
    assert [(one["status"], one["version"]) for one in told] == [("saved", 1)]
    assert not Presence.objects.exists()


def test_a_lost_telephone_is_ended_by_a_manager(client, logged_in, instructor, manager, now):
    from django.test import Client

    from tests.factories import PASSWORD

    phone = Client()
    phone.post(reverse("account_login"), {"login": instructor.email, "password": PASSWORD})
    assert phone.get(reverse("desk")).status_code == 200
    logged_in(manager).post(reverse("office_team_logout", args=[instructor.pk]))
    assert phone.get(reverse("desk")).status_code == 302


def form_on(page: str) -> dict[str, list[str]]:
    """Return what a browser would send of the page's form, as it was opened."""
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        facts = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        is_chosen = facts.get("type") not in ("radio", "checkbox") or " checked" in tag
        if "name" in facts and is_chosen and facts["name"] != "csrfmiddlewaretoken":
            fields.setdefault(facts["name"], []).append(unescape(facts.get("value", "")))
    for name, text in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', page, re.DOTALL):
        fields[name] = [unescape(text).removeprefix("\n").replace("\n", "\r\n")]
    return fields


@pytest.fixture
def old_tab(logged_in, instructor, meeting, now):
    """Return the client and the form of a page opened before a colleague wrote a level, a note and words."""
    client, one = logged_in(instructor), kids(meeting)[0]
    diary.write_diary(meeting, by=instructor, at=now, worked="Par\r\ndeux")
    form = form_on(client.get(reverse("desk_after", args=[meeting.pk])).content.decode())
    progress.observe(one, meeting.lesson.skills.get(), meeting, level=2, by=instructor, at=now)
    progress.note(one, meeting, chips=["team"], text="Bravo", by=instructor, at=now)
    diary.write_diary(meeting, by=instructor, at=now, handover="Prévoir\r\ndes piles")
    return client, form


def kept(meeting):
    one, words = kids(meeting)[0], ClassDiary.objects.get()
    note = ClassNote.objects.get(child=one)
    level = SkillObservation.objects.get(child=one).level
    return level, note.chips, note.text, words.handover.replace("\r\n", "\n"), words.worked


@pytest.mark.parametrize("button", ["save", "send"])
def test_an_old_tab_replaces_no_newer_words_that_it_did_not_touch(old_tab, meeting, button):
    client, form = old_tab
    url = reverse("desk_tell" if button == "send" else "desk_after", args=[meeting.pk])
    form |= {"worked": ["Par trois"], "act": ["send"]}
    assert client.post(url, form).status_code == 302
    assert kept(meeting) == (2, ["team"], "Bravo", "Prévoir\ndes piles", "Par trois")
    told = Letter.objects.filter(kind="in_class")
    assert [("Bravo" in letter.body) for letter in told] == ([True] if button == "send" else [])


@pytest.mark.parametrize("button", ["save", "send", "ready"])
def test_what_two_people_changed_is_shown_twice_and_not_mailed(old_tab, meeting, button):
    client, form = old_tab
    one, skill = kids(meeting)[0], meeting.lesson.skills.get()
    form |= {
        f"skill-{one.pk}-{skill.pk}": ["4"],
        f"chip-{one.pk}": ["curious"],
        f"note-{one.pk}": ["Mes mots"],
        "handover": ["Rien"],
        "worked": ["Par trois"],
        "act": ["send"],
        "course": ["1"],
    }
    url = {
        "save": reverse("desk_after", args=[meeting.pk]),
        "send": reverse("desk_tell", args=[meeting.pk]),
        "ready": reverse("desk_next_level", args=[meeting.pk, one.pk]),
    }[button]
    answer = client.post(url, form)
    page = answer.content.decode()
    assert answer.status_code == 409 and "entre-temps" in page
    assert kept(meeting) == (2, ["team"], "Bravo", "Prévoir\ndes piles", "Par trois")
    assert not Letter.objects.filter(kind__in=class_reports.KINDS).exists()
    assert "Mes mots" in page and "Bravo" in page and "Prévoir<br>des piles" in page
    again = form_on(page)
    assert (again[f"note-{one.pk}"], again["handover"]) == (["Mes mots"], ["Rien"])
    assert again["was-handover"][0].split() == ["Prévoir", "des", "piles"]
    assert (again[f"chip-{one.pk}"], again[f"skill-{one.pk}-{skill.pk}"]) == (["curious"], ["4"])
    again["act"] = ["send"]
    assert client.post(reverse("desk_tell", args=[meeting.pk]), again).status_code == 302
    assert kept(meeting) == (4, ["curious"], "Mes mots", "Rien", "Par trois"), "read, and saved again"
    assert "Mes mots" in Letter.objects.get(kind="in_class").body


def test_undo_is_not_kept_waiting_by_newer_words(old_tab, instructor, meeting):
    client, form = old_tab
    client.post(reverse("desk_tell", args=[meeting.pk]), {"act": "send"})
    answer = client.post(reverse("desk_tell", args=[meeting.pk]), form | {"handover": ["x"], "act": ["back"]})
    assert answer.status_code == 409
    states = Letter.objects.filter(kind__in=class_reports.KINDS).values_list("state", flat=True)
    assert set(states) == {"withheld"}


def test_a_touch_of_newer_words_asks_for_the_page_that_shows_both(old_tab, meeting):
    client, form = old_tab
    url = reverse("desk_after", args=[meeting.pk])
    sent = {"handover": "x", "was-handover": form["was-handover"][0]}
    answer = client.post(url, sent, headers={"X-Touch": "1"})
    assert (answer.status_code, answer.content) == (409, b"")
    assert kept(meeting)[3] == "Prévoir\ndes piles"
