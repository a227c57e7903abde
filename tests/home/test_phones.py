"""Phone numbers: Moroccan ones as dialled here, all others with their country code, and back unchanged."""

import pytest
from django import forms
from django.urls import reverse
from django.utils import translation
from phonenumber_field.phonenumber import PhoneNumber

from enrollments.forms.fields import number_field
from enrollments.printing.sheets import dotted
from home.language.phones import phone_words
from tests.factories import UserFactory

# A number each, as a handset stores it.
ABROAD = {
    "FR": "+33612345678",
    "ES": "+34612345678",
    "GB": "+447400123456",
    "BE": "+32470123456",
    "NL": "+31612345678",
    "DE": "+4915123456789",
    "IT": "+393123456789",
    "US": "+12015550123",
    "CA": "+15062345678",
    "DZ": "+213551234567",
    "TN": "+21620123456",
    "AE": "+971501234567",
}


class OneNumber(forms.Form):
    phone = number_field()


def sent_back(number: str) -> PhoneNumber:
    """Return what the form reads when its own page is sent untouched."""
    shown = OneNumber(initial={"phone": PhoneNumber.from_string(number)})["phone"].value()
    form = OneNumber({"phone": shown})
    assert form.is_valid(), form.errors
    return form.cleaned_data["phone"]


@pytest.mark.parametrize("number", ABROAD.values(), ids=ABROAD)
def test_a_foreign_number_keeps_its_country_everywhere(number):
    phone = PhoneNumber.from_string(number)
    assert phone_words(phone).startswith("+") and dotted(phone).startswith("+")
    assert sent_back(number).as_e164 == number


@pytest.mark.parametrize("number", ["+212612345678", "+212539340000"])
def test_a_moroccan_number_is_shown_as_dialled_here(number):
    assert phone_words(PhoneNumber.from_string(number)).startswith("0")
    assert sent_back(number).as_e164 == number


def test_no_number_has_no_words():
    assert phone_words(None) == phone_words("") == ""


@pytest.mark.parametrize("typed", ["0612345678 ext 3", "06 12 34 56 78 poste 12", "+212612345678;ext=5"])
def test_an_extension_is_refused_in_words_and_stays_in_the_box(typed):
    with translation.override("fr"):
        form = OneNumber({"phone": typed})
        assert not form.is_valid() and form.errors["phone"]
    assert form["phone"].value() == typed


def test_the_academys_own_numbers_are_read_in_the_same_way(site_tree, manager, logged_in):
    url = reverse("wagtailsettings:edit", args=["home", "academysettings", site_tree.site.pk])
    client = logged_in(manager)
    sent = {"name": "Active Labs", "phone": "0539340000 ext 3", "whatsapp": "+33612345678"}
    form = client.post(url, sent).context["form"]
    assert list(form.errors) == ["phone"] and form["phone"].value() == sent["phone"]
    assert client.post(url, sent | {"phone": "0539340000"}).status_code == 302
    assert client.get(url).context["form"]["whatsapp"].value() == "+33 6 12 34 56 78"


@pytest.mark.django_db
@pytest.mark.usefixtures("academy_settings")
def test_details_saved_untouched_keep_a_number_from_abroad(logged_in):
    person = UserFactory(phone="+33612345678")
    client = logged_in(person)
    page = client.get(reverse("account_details"))
    form = page.context["form"]
    sent = {name: form[name].value() for name in form.fields}
    assert sent["phone"] == "+33 6 12 34 56 78"
    assert client.post(reverse("account_details"), sent).status_code == 302
    person.refresh_from_db()
    assert person.phone.as_e164 == "+33612345678"
