"""A real browser (the system's Chromium, through Playwright) on the live server,
with helpers for journeys.
"""

import re
import time
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core import mail

from tests.factories import PASSWORD
from tests.post import delivered
from tests.tools import chromium

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",
    "--num-raster-threads=1",
    "--renderer-process-limit=1",
    "--disable-extensions",
]
PHONE, DESKTOP = (360, 640), (1280, 900)
FOUR = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.DEVICE_COOKIE_NAME, "theme"}
LOCALES = {"fr": "fr-MA", "ar": "ar-MA", "en": "en-GB"}


@pytest.fixture(scope="session")
def browser():
    """Return one Chromium for all journeys of this worker."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def new_page(browser, live_server):
    """`new_page(language="ar", size=PHONE, theme="dark", scripts=False)` returns a new visitor's page.

    After the test, no page may have had a script error, a content policy violation or a request to another
    host, and no browser another cookie than the four (trust 34).
    """
    contexts, complaints = [], []

    def make(*, language="fr", size=PHONE, theme="light", scripts=True):
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": size[0], "height": size[1]},
            locale=LOCALES[language],
            color_scheme=theme,
            reduced_motion="reduce",
            java_script_enabled=scripts,
            timezone_id="Europe/Paris",  # a telephone may be wrong about the hour; the page never is
        )
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("pageerror", lambda fault: complaints.append(f"{page.url}: {fault}"))
        page.on(
            "console",
            lambda line: complaints.append(f"{page.url}: {line.text}") if is_a_complaint(line) else None,
        )
        page.on(
            "request",
            lambda asked: (
                complaints.append(f"{page.url} asks {asked.url}") if is_elsewhere(asked.url) else None
            ),
        )
        contexts.append(context)
        return page

    def is_elsewhere(url):
        return (
            urlsplit(url).scheme in {"http", "https", "ws", "wss"}
            and urlsplit(url).netloc != urlsplit(live_server.url).netloc
        )

    make.complaints = complaints
    yield make
    for context in contexts:
        with suppress(Exception):
            more = {cookie["name"] for cookie in context.cookies()} - FOUR
            complaints += [f"a cookie more: {name}" for name in sorted(more)]
            context.close()
    assert complaints == []


def is_a_complaint(line) -> bool:
    """Return whether a console error counts, other than the browser's own lines about an expected 404 or
    422, and about the script of a worker that it asks for again while a test has cut the network.
    """
    expected = ("Failed to load resource", "An unknown error occurred when fetching the script")
    return line.type == "error" and not any(words in line.text for words in expected)


@pytest.fixture
def log_in():
    """`log_in(page, email)`: through the sign-in form, like a user."""

    def enter(page, email, password=PASSWORD, language="fr"):
        page.goto(f"/{language}/account/login/")
        page.fill('input[name="login"]', email)
        page.fill('input[name="password"]', password)
        page.locator(
            'form:has(input[name="password"]) button[type="submit"], form:has(input[name="password"]) '
            "button:not([type])"
        ).first.click()
        page.wait_for_url(lambda url: "/account/login/" not in url)
        return page

    return enter


@pytest.fixture
def visited(new_page, log_in):
    """`for name, who, page, answer in visited(rows, language="ar", size=PHONE)`: each page of the route table
    in turn, opened by the user it is for.
    """

    def visit(rows, **look):
        rooms = {}
        for name, who, address in rows:
            if who not in rooms:
                rooms[who] = new_page(**look)
                if who:
                    log_in(rooms[who], who)
                    rooms[who].goto("/fr/account/reauthenticate/")
                    rooms[who].fill('input[name="password"]', PASSWORD)
                    rooms[who].locator('form:has(input[name="password"]) button').first.click()
                    rooms[who].wait_for_url(lambda url: "reauthenticate" not in url)
            answer = rooms[who].goto(address)
            yield name, who, rooms[who], answer

    return visit


@pytest.fixture
def letter_code(mailoutbox):
    """`letter_code("salwa@example.org")`: the six digits of the latest email to that address."""

    def read(address: str, patience: float = 10) -> str:
        until = time.monotonic() + patience
        while time.monotonic() < until:
            for letter in reversed(delivered()):
                if address in letter.recipients() and (
                    found := re.search(r"(?<!\d)(\d{6})(?!\d)", letter.body)
                ):
                    return found.group(1)
            time.sleep(0.1)
        raise AssertionError(
            f"no letter with a code to {address} among {[letter.recipients() for letter in mail.outbox]}"
        )

    return read


@pytest.fixture
def complaints_of_axe():
    """`complaints_of_axe(page)`: one line per axe-core violation with its location;
    empty if there is none.
    """
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()

    def ask(page) -> list[str]:
        page.evaluate("document.fonts.ready")
        found = axe.run(page).response["violations"]
        return [
            f"{fault['id']} ({fault['impact']}): {node['target']} {node['html'][:120]}"
            for fault in found
            for node in fault["nodes"][:4]
        ]

    return ask
