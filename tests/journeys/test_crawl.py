"""Every route as each of the eleven identities in a browser: the answer that the access table promises, in
every language, and on the pages no violation of the content policy, no request to another host, no part or
link that is missing, and no 5xx.

`make test` asks as a visitor in English and as an informed guardian in Arabic; `make thorough`, and
`pytest tests/journeys/test_crawl.py -m matrix`, as everybody in three languages.
"""

from collections import Counter
from urllib.parse import urldefrag, urlsplit

import pytest
from django.urls import reverse
from django.utils.translation import override
from playwright.sync_api import Error

from tests.table import TABLE
from tests.test_dead_links import LEFT_OUT, kind_of
from tests.test_matrix import IDENTITIES, LETTERS, NAMES, args_of, client_of, furnish_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LANGUAGES = ("fr", "ar", "en")
OF_A_DEVICE = {"desk_offline"}  # a telephone keeps it; its links are its instructor's, whoever opens it
OPENED = 2  # links of one kind of address, for each identity
LINKS = "[...document.querySelectorAll('a[href]')].map(link => link.href)"


@pytest.fixture
def world(site_tree, academy_settings, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return furnish_world(site_tree)


def crawl(new_page, live_server, world, who: str, language: str) -> tuple[list[str], int]:
    """Return one line per fault, and the number of pages seen."""
    page, wrong, links, seen = new_page(language=language), [], {}, 0
    cookies = client_of(who, world).cookies
    page.context.add_cookies(
        [{"name": name, "value": one.value, "url": live_server.url} for name, one in cookies.items()]
    )
    page.on(
        "response",
        lambda part: (
            wrong.append(f"{part.status} {part.url} on {page.url}")
            if part.status >= 400 and not part.request.is_navigation_request()
            else None
        ),
    )
    for name, (names, get, _post) in TABLE.items():
        with override(language):
            url = live_server.url + reverse(name, args=args_of(names, world))
        expected = get[IDENTITIES.index(who)]
        answer = page.context.request.get(url, max_redirects=0)
        letter = letter_of(answer)
        if letter != expected:
            wrong.append(f"{name}: {letter} instead of {expected}")
        if letter != "k" or not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        try:
            page.goto(url)
        except Error as fault:
            wrong.append(f"{name}: {fault.message.splitlines()[0]}")
            continue
        seen += 1
        if name not in OF_A_DEVICE:
            links |= dict.fromkeys(page.evaluate(LINKS), page.url)
    return wrong + dead(page, links, live_server.url), seen


def letter_of(answer) -> str:
    if answer.status in {301, 302}:
        path = urlsplit(answer.headers["location"]).path
        return "l" if path.split("/", 2)[-1] == "account/login/" else "r"
    return LETTERS.get(answer.status, str(answer.status))


def dead(page, links: dict[str, str], host: str) -> list[str]:
    """Return one line for each link of our own that leads nowhere; a few of each kind are asked."""
    opened, found = Counter(), []
    for link, shown_on in links.items():
        address = urldefrag(link)[0].removeprefix(host)
        if not link.startswith(host) or LEFT_OUT.search(urlsplit(address).path):
            continue
        with override(address[1:3] if address[1:3] in LANGUAGES else "fr"):
            opened[kind := kind_of(address)] += 1
        if kind is None:
            found.append(f"no route for {address} on {shown_on}")
        elif opened[kind] <= OPENED and (status := page.context.request.get(host + address).status) >= 400:
            found.append(f"{status} {address} on {shown_on}")
    return found


@pytest.mark.parametrize(("who", "language"), [("V", "en"), ("I", "ar")], ids=["visitor", "informed"])
def test_every_route_answers_a_browser(world, new_page, live_server, who, language):
    wrong, seen = crawl(new_page, live_server, world, who, language)
    assert wrong == [] and seen >= 15


@pytest.mark.matrix
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", IDENTITIES, ids=NAMES)
def test_every_route_answers_everybody_in_every_language(world, new_page, live_server, who, language):
    wrong, seen = crawl(new_page, live_server, world, who, language)
    assert wrong == [] and seen >= 10


def test_control_a_violation_a_missing_part_and_a_dead_link_are_seen(site_tree, new_page, live_server):
    page = new_page()
    page.goto("/fr/")
    page.evaluate("document.body.append(Object.assign(document.createElement('img'), {src: 'data:,x'}))")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")
    page.wait_for_timeout(100)
    assert any("Content Security Policy" in line for line in new_page.complaints)
    new_page.complaints.clear()
    nowhere = f"{live_server.url}/fr/cours/nowhere/"
    assert dead(page, {nowhere: page.url}, live_server.url) == [f"404 /fr/cours/nowhere/ on {page.url}"]
