"""Days and times as people type them: read as meant, or refused in words, in each form and box of the CMS."""

import re
from datetime import date, datetime, time

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput, AdminTimeInput
from wagtail.models import Page

from courses.admin.places import ClosureViewSet
from home.language.typed_dates import ClockField, DayField, MomentField, read_day, read_moment, read_time
from tests.factories import StaffFactory
from tests.test_house import MODULES

DAY, EVENING = date(2027, 2, 5), datetime(2027, 2, 5, 18)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("05/02/2027", DAY),
        ("5/2/2027", DAY),
        (" 05 / 02 / 2027 ", DAY),
        ("05.02.2027", DAY),
        ("05-02-2027", DAY),
        ("05 02 2027", DAY),
        ("2027-02-05", DAY),
        ("2027-2-5", DAY),
        ("٠٥/٠٢/٢٠٢٧", DAY),
        ("\u200f05/02/2027\u200e", DAY),
        ("29/02/2028", date(2028, 2, 29)),
        ("31/12/2026", date(2026, 12, 31)),
        ("", "invalid"),
        ("demain", "invalid"),
        ("05/02", "invalid"),
        ("2027/02/05", "invalid"),
        ("5" * 5000, "invalid"),
        ("05/02/27", "short_year"),
        ("31/02/2027", "no_such_day"),
        ("29/02/2027", "no_such_day"),
        ("02/13/2027", "no_such_day"),
        ("00/01/2027", "no_such_day"),
        ("05/02/0027", "no_such_day"),
        ("05/02/20277", "no_such_day"),
    ],
)
def test_a_day_is_read_as_it_is_meant_or_refused(typed, read):
    assert outcome(read_day, typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("05/02/2027 18:00", EVENING),
        ("5/2/2027 18h", EVENING),
        ("5/2/2027 18h00", EVENING),
        ("05/02/2027 à 18:00", EVENING),
        ("05/02/2027, 18 h 00", EVENING),
        ("2027-02-05 18:00", EVENING),
        ("2027-02-05T18:00", EVENING),
        ("2027-02-05T18:00:00", EVENING),
        ("2027-02-05T18:00:59+01:00", datetime.fromisoformat("2027-02-05T18:00:59+01:00")),
        ("٠٥/٠٢/٢٠٢٧ ١٨:٠٠", EVENING),
        ("05 02 2027 9:30", datetime(2027, 2, 5, 9, 30)),
        ("05/02/2027", "no_time"),
        ("2027-02-05", "no_time"),
        ("05/02/2027 24:00", "invalid"),
        ("05/02/2027 18:60", "invalid"),
        ("05/02/2027 6:00 pm", "invalid"),
        ("05/02/2027 18", "invalid"),
        ("18:00", "invalid"),
        ("31/02/2027 18:00", "no_such_day"),
        ("05/02/27 18:00", "short_year"),
        ("02/28/2027 18:00", "no_such_day"),
        ("maintenant", "invalid"),
    ],
)
def test_a_moment_is_read_as_it_is_meant_or_refused(typed, read):
    assert outcome(read_moment, typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("18:00", time(18)),
        ("9:05", time(9, 5)),
        ("18h", time(18)),
        ("18 h 30", time(18, 30)),
        ("١٨:٠٠", time(18)),
        ("18:00:00", time(18)),
        ("18", "invalid"),
        ("1800", "invalid"),
        ("24:00", "invalid"),
        ("6 pm", "invalid"),
    ],
)
def test_a_time_is_read_as_it_is_meant_or_refused(typed, read):
    assert outcome(read_time, typed) == read


def outcome(read, typed):
    try:
        return read(typed)
    except ValidationError as fault:
        return fault.code


def test_no_form_reads_days_and_times_in_another_way():
    other = re.compile(r"\bforms\.(Date|Time|DateTime|SplitDateTime)Field\(")
    assert [path for path in MODULES if other.search(path.read_text())] == []


@pytest.mark.django_db
def test_forms_of_the_cms_and_its_scheduling_use_the_one_reading(client):
    page = Page.objects.filter(depth=2).first()
    form_class = page.specific.get_edit_handler().get_form_class()
    for form, name, kind in [
        (form_class, "go_live_at", MomentField),
        (form_class, "expire_at", MomentField),
        (ClosureViewSet().get_form_class(), "starts_on", DayField),
    ]:
        assert isinstance(form.base_fields[name], kind), name
        assert form.base_fields[name].widget.attrs["data-typed"]


def form_of(field):
    return type("OneBox", (forms.Form,), {"box": field})


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
@pytest.mark.parametrize(
    ("field", "widget", "shown"),
    [
        (DayField(), AdminDateInput(), "05/02/2027"),
        (MomentField(), AdminDateTimeInput(), "05/02/2027 18:00"),
        (ClockField(), AdminTimeInput(), "18:00"),
    ],
)
def test_what_a_box_of_the_cms_shows_comes_back_unchanged(field, widget, shown, language):
    field.widget = widget
    with translation.override(language):
        value = timezone.make_aware(EVENING)
        held = {DayField: value.date(), MomentField: value, ClockField: value.time()}[type(field)]
        form = form_of(field)(initial={"box": held})
        assert f'value="{shown}"' in str(form["box"])
        sent = form_of(field)({"box": shown}, initial={"box": held})
        assert sent.is_valid() and sent.cleaned_data["box"] == held and not sent.has_changed()


def test_a_refused_text_stays_in_its_box():
    form = form_of(DayField(widget=AdminDateInput()))({"box": "31/02/2027"})
    assert not form.is_valid() and 'value="31/02/2027"' in str(form["box"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("moment", "05/02/2027 18:00", "vendredi 5 février 2027 à 18:00"),
        ("moment", "05/02/2027", "Indiquez aussi l’heure, par exemple 05/02/2027 18:00."),
        ("day", "1/12/2027", "mercredi 1er décembre 2027"),
        ("day", "31/02/2027", "Le 31/02/2027 n’existe pas\xa0: vérifiez la date."),
        ("time", "18h", "18:00"),
        ("day", " ", ""),
    ],
)
def test_the_cms_says_in_words_what_a_box_holds(client, kind, text, said):
    client.force_login(StaffFactory(role="Editors"))
    answer = client.get(reverse("date_words"), {"kind": kind, "text": text})
    assert answer.content.decode() == said and answer["Content-Type"].startswith("text/plain")


@pytest.mark.django_db
def test_words_are_for_the_team_and_for_known_boxes(client):
    assert client.get(reverse("date_words"), {"kind": "day", "text": "1/1/2027"}).status_code == 302
    client.force_login(StaffFactory(role="Editors"))
    assert client.get(reverse("date_words"), {"kind": "word", "text": "1/1/2027"}).status_code == 404
    text = "<script>alert(1)</script>"
    assert text.encode() not in client.get(reverse("date_words"), {"kind": "day", "text": text}).content
