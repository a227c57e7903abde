"""Family pages: what guardians see and do, and that strangers find nothing."""

import re
from datetime import date, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from time_machine import travel

from courses.ages import birthday_in
from courses.models import Session
from enrollments.families.agenda import family_agenda
from enrollments.models import Child, Enrollment, Equivalence, Guardianship
from enrollments.places import admission
from tests.factories import (
    ChildFactory,
    CourseFactory,
    GuardianshipFactory,
    SessionFactory,
    ask_for,
    saturday_in,
)
from tests.queues import join, soon, withdraw

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


def born(day=14, month=5, year=None):
    year = year or timezone.localdate().year - 10
    return {"birth_date_day": day, "birth_date_month": month, "birth_date_year": year}


def add(client, **fields):
    typed = {"first_name": "Salma", "last_name": "Amrani", "relation": "mother"}
    return client.post(reverse("child_add"), typed | born() | fields)


# ---- the door


def test_a_visitor_is_asked_to_log_in_and_brought_back(client):
    session = SessionFactory()
    for url in (reverse("family"), reverse("child_add"), reverse("enroll", args=[session.pk])):
        response = client.get(url)
        assert response.status_code == 302
        assert response.url == f"{reverse('account_login')}?next={url}"


def test_another_familys_child_and_enrollment_are_not_found(logged_in, parent, other_parent):
    child = ChildFactory(guardian=parent)
    place = admission.enroll(child=child, session=SessionFactory(), by=parent, at=timezone.now())
    client = logged_in(other_parent)
    foreign = [
        client.get(reverse("child_change", args=[child.pk])),
        client.get(reverse("enrollment", args=[place.reference])),
    ]
    missing = [
        client.get(reverse("child_change", args=[child.pk + 99])),
        client.get(reverse("enrollment", args=["AL-ZZZZZZ"])),
    ]
    assert [response.status_code for response in foreign + missing] == [404] * 4
    for one, other in zip(foreign, missing, strict=True):
        assert one.content.count(b"404") == other.content.count(b"404") and len(one.content) == pytest.approx(
            len(other.content), abs=60
        )


def test_no_page_of_a_family_is_kept_by_a_browser(logged_in, parent):
    response = logged_in(parent).get(reverse("family"))
    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex"


# ---- adding a child


def test_a_child_is_added_in_one_screen_three_fields_and_one_choice(logged_in, parent):
    client = logged_in(parent)
    page = client.get(reverse("child_add"))
    assert list(page.context["form"].fields) == ["first_name", "last_name", "birth_date", "relation"]
    assert add(client).status_code == 302
    tie = Guardianship.objects.get(guardian=parent)
    assert (tie.child.first_name, tie.rights, tie.relation) == ("Salma", "full", "mother")


def test_the_family_name_is_prefilled(logged_in, parent):
    assert 'value="Amrani"' in logged_in(parent).get(reverse("child_add")).content.decode()


def test_a_birth_date_in_arabic_digits_is_understood(logged_in, parent):
    assert (
        add(logged_in(parent), birth_date_day="٢٧", birth_date_month="٣", birth_date_year="٢٠١٧").status_code
        == 302
    )
    assert Child.objects.get().birth_date == date(2017, 3, 27)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (born(31, 2), "n’existe pas"),
        (born(0, 5), "n’existe pas"),
        (
            {"birth_date_day": "", "birth_date_month": "", "birth_date_year": ""},
            "Écrivez la date de naissance",
        ),
        (born(3, "mars"), "en chiffres"),
        (born(3, 4, 17), "quatre chiffres"),
        (born(1, 1, 99999), "n’existe pas"),
        (born(1, 1, 1980), "de 7 à 14 ans"),
        ({"first_name": ""}, "obligatoire"),
        ({"first_name": "<script>"}, "Écrivez un nom"),
        ({"first_name": "1234"}, "Écrivez un nom"),
        ({"last_name": "x" * 81}, "80"),
        ({"first_name": "Salma\x00"}, "caractère invisible"),
    ],
)
def test_wrong_input_is_answered_with_a_sentence_and_writes_nothing(logged_in, parent, fields, sentence):
    response = add(logged_in(parent), **fields)
    assert response.status_code == 422
    text = response.content.decode().replace("'", "’").replace("&#x27;", "’").replace("\xa0", " ")
    assert sentence in text
    assert "Amrani" in text or fields.get("last_name"), "what was typed is still there"
    assert not Child.objects.exists()


def test_a_child_born_tomorrow_is_refused_and_one_of_three_years_today_is_not(logged_in, parent):
    client, today = logged_in(parent), timezone.localdate()
    tomorrow = today + timedelta(days=1)
    assert add(client, **born(tomorrow.day, tomorrow.month, tomorrow.year)).status_code == 422
    almost = birthday_in(today, today.year - 3) + timedelta(days=1)
    assert add(client, **born(almost.day, almost.month, almost.year)).status_code == 422
    three = birthday_in(today, today.year - 3)
    assert add(client, **born(three.day, three.month, three.year)).status_code == 302


def test_names_in_arabic_with_emoji_or_apostrophes_are_welcome(logged_in, parent):
    client = logged_in(parent)
    for name in ("سلمى", "Nour-El-Houda", "D'Angelo", "Zoé 🌟"):
        assert add(client, first_name=name).status_code == 302
    assert Child.objects.count() == 4


def test_adding_the_same_child_twice_gives_one_child(logged_in, parent):
    client = logged_in(parent)
    for _click in range(3):
        assert add(client).status_code == 302
    assert Child.objects.count() == 1


def test_after_adding_a_child_one_is_back_at_the_session(logged_in, parent):
    session = SessionFactory()
    here = reverse("enroll", args=[session.pk])
    client = logged_in(parent)
    assert client.get(here).url == f"{reverse('child_add')}?next={here}"
    assert add(client, next=here).url == here


def test_nobody_is_led_to_another_site(logged_in, parent):
    assert add(logged_in(parent), next="https://example.com/").url == reverse("family")


def test_the_birth_date_of_an_enrolled_child_changes_through_the_desk(logged_in, parent):
    child = ChildFactory(guardian=parent, first_name="Salma")
    client, before = logged_in(parent), child.birth_date
    admission.enroll(child=child, session=SessionFactory(), by=parent, at=timezone.now())
    client.post(
        reverse("child_change", args=[child.pk]), {"first_name": "Selma", "last_name": "Amrani"} | born()
    )
    child.refresh_from_db()
    assert (child.first_name, child.birth_date) == ("Selma", before)


# ---- why and why not


def test_the_page_says_for_every_child_why_or_why_not_with_age_and_date(logged_in, parent):
    session = SessionFactory(first_on=saturday_in(4))
    ChildFactory(guardian=parent, first_name="Adam", age=10)
    ChildFactory(
        guardian=parent,
        first_name="Lina",
        birth_date=session.first_on.replace(year=session.first_on.year - 9) + timedelta(days=1),
    )
    response = logged_in(parent).get(reverse("enroll", args=[session.pk]))
    text = response.content.decode()
    assert "Lina a 8 ans le" in text and "à partir du" in text
    assert [card["age"] for card in response.context["cards"]] == [10, 8]
    assert [bool(card["obstacles"]) for card in response.context["cards"]] == [False, True]


def test_who_is_refused_is_shown_the_next_session_that_fits(logged_in, parent):
    session = SessionFactory(course=CourseFactory(band="B"))
    fits = SessionFactory(course=CourseFactory(band="A"))
    ChildFactory(guardian=parent, age=7)
    response = logged_in(parent).get(reverse("enroll", args=[session.pk]))
    assert response.context["cards"][0]["next"] == fits
    assert reverse("enroll", args=[fits.pk]) in response.content.decode()


def test_a_guardian_kept_informed_sees_and_may_not_act(logged_in, parent):
    child = ChildFactory()
    GuardianshipFactory(guardian=parent, child=child, rights="informed")
    session = SessionFactory()
    client = logged_in(parent)
    assert not client.get(reverse("enroll", args=[session.pk])).context["welcome"]
    assert client.post(reverse("enroll", args=[session.pk]), {"children": [child.pk]}).status_code == 422
    assert not Enrollment.objects.exists()


def test_a_declared_level_waits_for_the_team_and_then_opens_the_door(logged_in, parent, instructor):
    before = CourseFactory()
    course = CourseFactory(band="B")
    ask_for(course, before)
    session = SessionFactory(course=course, instructors=[instructor])
    child = ChildFactory(guardian=parent)
    here = reverse("enroll", args=[session.pk])
    client = logged_in(parent)
    assert client.get(here).context["cards"][0]["obstacles"][0].door == "declare"
    ticked = {
        "children": [str(ChildFactory(guardian=parent).pk), "<b>"]
    }  # a brother, ticked and not enrolled yet
    for _click in range(2):
        answer = client.post(reverse("declare_level", args=[session.pk, child.pk]), ticked)
        assert answer.url == f"{here}?children={ticked['children'][0]}"
        assert client.get(answer.url).context["chosen"] == {ticked["children"][0]}
    said = Equivalence.objects.get()
    assert client.get(here).context["cards"][0]["obstacles"][0].door == "wait_for_team"
    assert client.post(reverse("confirm_level", args=[said.pk])).status_code == 404
    assert logged_in(instructor).post(reverse("confirm_level", args=[said.pk])).status_code == 302
    assert not logged_in(parent).get(here).context["cards"][0]["obstacles"]


# ---- my family


def test_the_family_page_has_an_empty_state(logged_in, parent):
    assert reverse("child_add") in logged_in(parent).get(reverse("family")).content.decode()


def test_the_family_page_says_what_comes_next(logged_in, parent):
    session = SessionFactory()
    child = ChildFactory(guardian=parent)
    admission.enroll(child=child, session=session, by=parent, at=timezone.now())
    agenda = logged_in(parent).get(reverse("family")).context["children"]
    assert agenda[0].lines[0].next_meeting.on == session.first_on


@pytest.mark.parametrize("ended", ["cancelled", "finished"])
def test_a_session_that_is_over_or_cancelled_is_not_told_as_a_place(logged_in, parent, ended):
    session = SessionFactory()
    place = admission.enroll(
        child=ChildFactory(guardian=parent, first_name="Salma"), session=session, by=parent, at=timezone.now()
    )
    pages = [
        reverse("family"),
        reverse("enrollment", args=[place.reference]),
        reverse("child", args=[place.child_id]),
    ]
    client = logged_in(parent)
    assert all("place" in client.get(page).content.decode() for page in pages)  # as long as it is one
    later = session.over_at if ended == "finished" else timezone.now()
    if ended == "cancelled":
        Session.objects.filter(pk=session.pk).update(cancelled_at=later)
    with travel(later, tick=False):
        client = logged_in(parent)  # a login does not last that long
        for page in pages:
            text = client.get(page).content.decode()
            main = text[text.index("<main") : text.index("</main>")]
            assert {"cancelled": "Annul", "finished": "Termin"}[ended] in main, page
            said = main.casefold()
            assert "a une place" not in said and "place confirmée" not in said, page
            assert "chip--good" not in main, page
            assert "Prochaine séance" not in main and "Comment payer" not in main, page


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_family_page_speaks_the_readers_language(logged_in, parent, language):
    response = logged_in(parent).get(f"/{language}/family/")
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}"' in response.content.decode()


def test_the_family_page_asks_the_same_for_one_three_and_ten_children(logged_in, parent, queries):
    client, session, counts = logged_in(parent), SessionFactory(capacity=20), []
    client.get(reverse("family"))  # what a process learns once
    made = 0
    for wanted in (1, 3, 10):
        while made < wanted:
            admission.enroll(
                child=ChildFactory(guardian=parent), session=session, by=parent, at=timezone.now()
            )
            made += 1
        with queries() as seen:
            client.get(reverse("family"))
        counts.append(len(seen))
    assert counts[0] == counts[1] == counts[2] <= 12, counts


def test_age_is_decided_on_the_first_meeting_not_today(logged_in, parent):
    """A child of eight today who turns nine before the first class can join 9–11."""
    with travel("2026-11-23 10:00", tick=False):
        session = SessionFactory(first_on=date(2027, 1, 9))
        child = ChildFactory(guardian=parent, birth_date=date(2018, 1, 9))
        assert child.age_on(timezone.localdate()) == 8
        assert (
            not logged_in(parent).get(reverse("enroll", args=[session.pk])).context["cards"][0]["obstacles"]
        )
        late = ChildFactory(guardian=parent, birth_date=date(2018, 1, 10))
        cards = logged_in(parent).get(reverse("enroll", args=[session.pk])).context["cards"]
        assert {card["child"].pk: bool(card["obstacles"]) for card in cards} == {
            child.pk: False,
            late.pk: True,
        }


# ---- what is said where it is needed


def test_adding_a_child_keeps_the_chosen_course_on_the_page_and_marks_the_relation(logged_in, parent):
    session = SessionFactory()
    url = f"{reverse('child_add')}?next={reverse('enroll', args=[session.pk])}"
    page = logged_in(parent).get(url).content.decode()
    assert session.course.title in page
    legend = re.search(r"<legend[^>]*>\s*Vous êtes(.*?)</legend>", page, re.S).group(1)
    assert "obligatoire" in legend
    again = logged_in(parent).post(reverse("child_add"), {"next": reverse("enroll", args=[session.pk])})
    assert again.status_code == 422 and session.course.title in again.content.decode()


def test_an_offer_comes_before_a_place_and_a_place_before_a_wait(logged_in, parent):
    now, child = timezone.now(), ChildFactory(guardian=parent, age=10)
    waited, seated, offered = (soon(starts=time(hour), ends=time(hour + 1)) for hour in (9, 11, 14))
    _full, leaving = join(waited, at=now), join(offered, at=now)
    for session in (waited, seated, offered):
        join(session, child, at=now, by=parent)
    withdraw(leaving, at=now)
    (agenda,) = family_agenda(parent, now, timezone.localdate())
    assert [line.enrollment.state for line in agenda.present] == ["offered", "seated", "waiting"]


def test_an_announced_absence_is_said_and_taken_back(logged_in, parent):
    session = SessionFactory(first_on=timezone.localdate() + timedelta(days=2))
    child = ChildFactory(guardian=parent, age=10)
    admission.enroll(child=child, session=session, by=parent, at=timezone.now())
    client, meeting = logged_in(parent), session.meetings.order_by("number").first()
    url = reverse("announce", args=[meeting.pk, child.pk])
    forms = re.compile(rf'<form[^>]*action="{url}">(.*?)</form>', re.S)

    def offered(page):
        return re.findall(r'value="(\w*)"', re.sub(r"<input[^>]*csrf[^>]*>", "", forms.search(page).group(1)))

    said = client.post(url, {"what": "absent"}, follow=True).content.decode()
    assert "Absence annoncée" in said and offered(said) == [""]
    back = client.post(url, {"what": ""}, follow=True).content.decode()
    assert "Absence annoncée" not in back and offered(back) == ["absent", "late"]


def test_a_child_already_in_leads_to_the_confirmation(logged_in, parent):
    session, child = SessionFactory(), ChildFactory(guardian=parent)
    place = admission.enroll(child=child, session=session, by=parent, at=timezone.now())
    page = logged_in(parent).get(reverse("enroll", args=[session.pk])).content.decode()
    assert f'<a href="{reverse("enrollment", args=[place.reference])}">Référence' in page


def test_a_sole_guardian_is_not_invited_to_leave(logged_in, parent):
    child = ChildFactory(guardian=parent)
    address, leave = reverse("child_guardians", args=[child.pk]), reverse("guardian_leave", args=[child.pk])
    client = logged_in(parent)
    GuardianshipFactory(child=child, rights="informed")
    assert leave not in client.get(address).content.decode()
    GuardianshipFactory(child=child, rights="full")
    assert leave in client.get(address).content.decode()
