"""Every link a person is shown leads somewhere: a crawl of the demonstration as each role, and as a guardian
with each kind of rights.

A few pages of each kind of route are opened. A form's address must exist for the person too: it may refuse to
be looked at (405), but not answer 404.
"""

import re
from collections import Counter, deque
from html import unescape
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from enrollments.families import consents
from enrollments.models import Child
from tests.factories import GuardianshipFactory, UserFactory

pytestmark = [pytest.mark.demo, pytest.mark.django_db]

HOST = "http://testserver"
LINK = re.compile(r'<(?:a|form|button|div)\b[^>]*?\s(href|hx-get|action|formaction)="([^"]*)"')
IDS = re.compile(r'\sid="([^"]+)"')
# Pages of one kind of route, and of one set of query keys, that are opened.
OPENED, CAPS = 2, {"wagtail_serve": 20}
MOST = 120  # pages opened by one person
# Files, the bulk actions of Wagtail (its script adds the pages) and the previews of what is not saved yet.
LEFT_OUT = re.compile(
    r"^/(static|media|documents|cms/bulk)/|^/cms/reports/site-history/|/preview/|/export|\.(pdf|xlsx|ics|jpg)$"
)


def kind_of(url: str) -> tuple | None:
    """Return the kind of page an address is of; None for an address of nobody."""
    address = urlsplit(url)
    try:
        name = resolve(address.path).view_name
    except Resolver404:
        return None
    keys = {key for key, _value in parse_qsl(address.query, keep_blank_values=True)} - {"next"}
    return name, tuple(sorted(keys)) if len(keys) < 3 else "many"


def dead_links(client: Client, *starts: str, language: str = "fr") -> tuple[list[str], set[str]]:
    """Return one line for each dead link found from these pages, and the names of the routes opened."""
    waiting, known, opened, dead = deque((url, "start") for url in starts), set(starts), Counter(), []
    seen = 0
    while waiting and (seen := seen + 1) <= MOST:
        url, shown_on = waiting.popleft()
        response = client.get(url, follow=True)
        if response.status_code not in {200, 204, 405}:
            dead.append(f"{response.status_code} {url} on {shown_on}")
            continue
        if response.streaming:
            response.getvalue()  # read to its end, its file is closed
            continue
        if not response.get("Content-Type", "").startswith("text/html") or response.status_code != 200:
            continue
        here = response.redirect_chain[-1][0] if response.redirect_chain else url
        body = response.content.decode()
        ids = set(IDS.findall(body))
        for where, link in LINK.findall(body):
            there, anchor = urldefrag(urljoin(urljoin(HOST, here), unescape(link)))
            if not link or urlsplit(there).netloc != urlsplit(HOST).netloc:
                continue
            if link.startswith("#") and where == "href" and anchor and anchor not in ids:
                dead.append(f"no #{anchor} on {url}")
            address = there.removeprefix(HOST)
            other = address[1:3] in {"fr", "ar", "en"} - {language} and address[3:4] == "/"
            if address in known or other or LEFT_OUT.search(urlsplit(address).path):
                continue
            known.add(address)
            kind = kind_of(address)
            if kind is None:
                dead.append(f"no route for {address} on {url}")
                continue
            opened[kind] += 1
            if opened[kind] <= CAPS.get(kind[0], OPENED):
                waiting.append((address, url))
    return dead, {kind[0] for kind in opened}


def entered(user) -> Client:
    """Return a client signed in with the password given a moment ago."""
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    client.post(reverse("account_reauthenticate"), {"password": "atelier-du-detroit"})
    return client


STAFF = {
    "instructor": ("/fr/desk/", {"desk_register", "desk_lesson", "desk_calendar", "desk_practice"}),
    "desk": ("/fr/office/", {"office_calls", "office_unpaid", "desk", "desk_register", "office_people"}),
    "manager": ("/fr/office/", {"office_decisions", "desk", "desk_lesson", "wagtailadmin_home"}),
    "editor": ("/cms/", {"wagtailadmin_explore", "wagtailadmin_pages:edit"}),
}


@pytest.mark.parametrize("role", STAFF)
def test_no_link_shown_to_the_team_is_dead(demonstration, role):
    start, expected = STAFF[role]
    user = get_user_model().objects.get(email=demonstration.logins[role])
    dead, routes = dead_links(entered(user), start)
    assert "\n".join(dead) == ""
    assert expected <= routes, "the crawl has seen what it is about"


@pytest.mark.parametrize("rights", ["full", "informed"])
def test_no_link_shown_to_a_guardian_is_dead(demonstration, rights):
    parent = get_user_model().objects.get(email=demonstration.logins["parent"])
    if rights == "informed":
        reader = UserFactory(email="informed@example.org")
        for child in Child.objects.filter(guardians=parent):
            GuardianshipFactory(child=child, guardian=reader, rights="informed")
        consents.accept_compulsory(reader, language="fr", at=timezone.now())
        parent = reader
    dead, routes = dead_links(entered(parent), "/fr/family/")
    assert "\n".join(dead) == ""
    assert {"child", "wagtail_serve", "privacy"} <= routes


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_no_link_shown_to_a_visitor_is_dead(demonstration, language):
    dead, routes = dead_links(Client(), f"/{language}/", language=language)
    assert "\n".join(dead) == ""
    assert {"wagtail_serve", "account_login", "policy"} <= routes


def test_control_a_dead_link_is_seen_where_there_is_one(demonstration):
    user = get_user_model().objects.get(email=demonstration.logins["desk"])
    dead, _routes = dead_links(entered(user), "/fr/office/sessions/0/")
    assert dead == ["404 /fr/office/sessions/0/ on start"]
