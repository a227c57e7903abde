"""Hostile values in every form: a page in the user's language, never a server error or the typed markup."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from enrollments.families.children import MOST_CHILDREN, add_child, get_user_model
from tests import databases
from tests.depth import THOROUGH, part
from tests.factories import PASSWORD
from tests.test_matrix import TABLE, Undo, args_of, client_of, world

pytestmark = pytest.mark.django_db
world = world  # the fixture of the matrix: one of everything

HOSTILE = {
    "empty": "",
    "spaces": "   ",
    "very long": "x" * 20_000,
    "right to left": "\u202eمحمد\u202c ابن \u200fعلي",
    "emoji": "👩‍👧‍👦🧑🏽‍🚀",
    "markup": "<script>alert(1)</script><b>x</b>",
    "sql": "'; DROP TABLE enrollments_child; --",
    "lines": "Salma\r\nBcc: x@example.org",
    "nothing": "\x00",
    "formula": '=HYPERLINK("http://example.org")',
    "huge figure": "9" * 400,
    "below zero": "-1",
}
BY_DATABASE = (
    "very long",
    "nothing",
    "huge figure",
    "below zero",
)  # a database may refuse them, each its own way
WHO = {"V": "visitor", "F": "full guardian", "D": "desk", "M": "manager"}


def hostile(number: int) -> list[tuple[str, str]]:
    """Return what the form of that number is sent: before a release everything; every day half of it in turn,
    and on PostgreSQL what a database decides about.
    """
    if databases.SERVER and not THOROUGH:
        return [(label, HOSTILE[label]) for label in BY_DATABASE]
    return part(list(HOSTILE.items()), number % 2, of=2)


class Forms(HTMLParser):
    """Collect the field names of each posted form on a page."""

    def __init__(self, page: str):
        super().__init__()
        self.found, self.inside = [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "form":
            self.inside = (told.get("method") or "").lower() == "post"
            if self.inside:
                self.found.append((told.get("action") or "", set()))
        elif (
            self.inside
            and tag in {"input", "select", "textarea"}
            and told.get("name") not in {None, "csrfmiddlewaretoken"}
        ):
            self.found[-1][1].add(told["name"])

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False


@pytest.mark.parametrize("who", WHO, ids=WHO.values())
def test_hostile_values_are_answered_by_a_page(world, who):
    client, wrong, tried, forms = client_of(who, world), [], set(), 0
    for name, (names, *_expected) in TABLE.items():
        url = reverse(name, args=args_of(names, world))
        page = client.get(url)
        page.getvalue()  # a file as well: read to its end, it is closed
        if page.status_code != 200 or page.streaming or "html" not in page["Content-Type"]:
            continue
        for action, fields in Forms(page.content.decode().split("<main")[-1]).found:
            target = action or url
            if not fields or "/account/" in target or "/logout/" in target:
                continue
            forms += 1
            for label, value in hostile(forms):
                tried.add(label)
                try:
                    with transaction.atomic():
                        answer = client.post(target, dict.fromkeys(fields, value))
                        body = "" if answer.streaming else answer.content.decode()
                        if answer.status_code >= 500 or "<script>alert(1)" in body or "<b>x</b>" in body:
                            wrong.append(f"{name}: {label}: {answer.status_code}")
                        raise Undo
                except Undo:
                    pass
    assert wrong == []
    assert tried >= set(BY_DATABASE) if forms > 1 else forms, "there were forms to try"


def test_a_form_that_waited_too_long_keeps_what_was_typed(parent, academy_settings):
    client = Client(enforce_csrf_checks=True)
    client.force_login(parent, backend="academy.signed_in.ModelBackend")
    url, typed = (
        reverse("child_add"),
        {"first_name": 'Salma "la grande"', "last_name": "Été", "birth_date_day": "3"},
    )
    page = client.post(url, typed | {"csrfmiddlewaretoken": "x" * 64}, HTTP_ORIGIN="http://testserver")
    assert page.status_code == 403
    shown = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.content.decode()))
    assert {name: unescape(shown[name]) for name in typed} == typed
    again = client.post(
        url, typed | {"csrfmiddlewaretoken": shown["csrfmiddlewaretoken"]}, HTTP_ORIGIN="http://testserver"
    )
    assert again.status_code == 422, "the form itself answers: the year is missing"


@pytest.mark.parametrize("origin", ["https://example.org", "null", ""])
def test_a_form_of_another_site_is_not_helped_along(parent, academy_settings, origin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(parent, backend="academy.signed_in.ModelBackend")
    page = client.post(reverse("child_add"), {"first_name": "Intruse"}, HTTP_ORIGIN=origin)
    assert page.status_code == 403 and "Intruse" not in page.content.decode()


def test_a_password_never_stands_on_the_page(parent, academy_settings):
    client = Client(enforce_csrf_checks=True)
    page = client.post(
        reverse("account_login"),
        {"login": "a@b.org", "password": "mon-secret-7"},
        HTTP_ORIGIN="http://testserver",
    )
    assert page.status_code == 403 and "mon-secret-7" not in page.content.decode()


def test_a_family_of_many_children_is_told_where_to_go(parent, logged_in, academy_settings):
    """Register the thirteenth child of an account at the front desk."""
    from django.utils import timezone

    born = timezone.localdate().replace(year=timezone.localdate().year - 9, day=1)
    for number in range(MOST_CHILDREN):
        add_child(
            first_name="Enfant " + "abcdefghijklm"[number], last_name="Amrani", birth_date=born, by=parent
        )
    one_more = {
        "first_name": "Treize",
        "last_name": "Amrani",
        "birth_date_day": 1,
        "birth_date_month": 2,
        "birth_date_year": born.year,
        "relation": "mother",
    }
    page = logged_in(parent).post(reverse("child_add"), one_more)
    assert page.status_code == 422 and page.context["form"].errors


def shown_in(page) -> dict[str, str]:
    """Return the hidden fields of a page."""
    return {
        name: unescape(value)
        for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', page.content.decode())
    }


def test_a_login_that_ended_loses_nothing_of_what_was_typed(parent, academy_settings):
    """Sign in in a second window after the session expired, then resubmit: the token is new by then, and
    asked once more.
    """
    client, here = Client(enforce_csrf_checks=True), {"HTTP_ORIGIN": "http://testserver"}
    token = shown_in(client.get(reverse("account_login")))["csrfmiddlewaretoken"]
    url = reverse("child_add")
    typed = {
        "first_name": "Élodie",
        "last_name": "O'Naciri",
        "relation": "father",
        "birth_date_day": "3",
        "birth_date_month": "4",
        "birth_date_year": "2017",
    }
    page = client.post(url, typed | {"csrfmiddlewaretoken": token}, **here)
    assert page.status_code == 403 and reverse("account_login") in page.content.decode()
    kept = shown_in(page)
    assert {name: kept[name] for name in typed} == typed and not parent.children.exists()
    answer = client.post(
        reverse("account_login"),
        {"login": parent.email, "password": PASSWORD, "csrfmiddlewaretoken": token},
        **here,
    )
    assert answer.status_code == 302
    late = client.post(url, kept, **here)
    assert late.status_code == 403, "a login draws a new token"
    answer = client.post(url, shown_in(late), **here)
    assert answer.status_code == 302 and parent.children.get().last_name == "O'Naciri"


@pytest.mark.parametrize("origin", ["https://example.org", "null", ""])
def test_a_form_of_another_site_finds_the_login_only(academy_settings, origin):
    answer = Client().post(reverse("child_add"), {"first_name": "Intruse"}, HTTP_ORIGIN=origin)
    assert answer.status_code == 302 and answer.url.startswith(reverse("account_login"))


def test_a_desk_that_locked_itself_over_a_long_form_loses_nothing(front_desk, academy_settings):
    client, here = Client(), {"HTTP_ORIGIN": "http://testserver"}
    client.force_login(front_desk, backend="academy.signed_in.ModelBackend")
    client.post(reverse("office_lock"))
    typed = {"name": "Rim Naciri", "phone": "0612345670", "language": "ar", "email": ""}
    page = client.post(reverse("office_new_family"), typed, **here)
    assert page.status_code == 403 and not get_user_model().objects.filter(name="Rim Naciri").exists()
    kept = shown_in(page)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.post(reverse("office_new_family"), kept, **here).status_code == 302
    assert get_user_model().objects.get(name="Rim Naciri").language == "ar"
