"""Fetch every page of a scene, as every kind of person in three languages, and write each as a file of lines.

What a request writes is undone after it; time stands still and keys are the scene's own, so two dumps of one
commit are equal.
"""

import json
import logging
import multiprocessing
import os
import re
import shutil
import tempfile
from collections import Counter
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from tests.pages.normal import lines_of, masked

LANGUAGES = ("fr", "ar", "en")
# How many addresses of one route, and of one set of query keys, are followed for each person and language.
FOLLOWED, CAPS = 2, {"wagtail_serve": 80, "office_letter_kind": 400, "policy": 20, "letter": 4}
TEXT = ("text/", "application/json", "application/manifest+json", "application/xml", "application/ld+json")
LINK = re.compile(r'\b(href|hx-get|action)="([^"#]+)')
SHOWN_BY_POST = set("kwcgf")  # letters of tests/table.py: the answer is a page
# The site history of the CMS counts what this process has seen.
NOT_FOLLOWED = re.compile(r"^/(static|media|cms/reports/site-history)/")
ERRORS = ("403.html", "403_late.html", "404.html", "429.html")

_scene: Path
_folder: Path
_told: dict
_templates: set[str] = set()


def dump(scene: Path, folder: Path, *, jobs: int, only: set[str]) -> None:
    """Write the pages into a new folder; `only` names persons or languages."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    told = json.loads((scene / "scene.json").read_text())
    visits = [(who, language) for who in told["people"] for language in LANGUAGES]
    for narrower in (only & set(told["people"]), only & set(LANGUAGES)):
        visits = [visit for visit in visits if not narrower or narrower & set(visit)]
    os.environ["PYTHONHASHSEED"] = "0"
    context = multiprocessing.get_context("spawn")
    with context.Pool(jobs, initializer=_enter, initargs=(scene.resolve(), folder.resolve())) as pool:
        seen = set()
        for who, language, count, templates in pool.imap_unordered(_visit, visits):
            print(f"{who:<12} {language}  {count} pages", flush=True)
            seen |= templates
    root = Path.cwd() / "templates"
    unseen = sorted({str(path.relative_to(root)) for path in root.rglob("*.html")} - seen)
    (folder / "_templates_not_seen.txt").write_text("\n".join(unseen) + "\n")
    print(
        f"{sum(1 for _ in folder.rglob('*.txt')) - 1} pages; {len(unseen)} templates of the project "
        f"were not rendered."
    )


def _enter(scene: Path, folder: Path) -> None:
    """Give this process a copy of the scene, the scene's moment, and Django."""
    import atexit

    global _scene, _folder, _told
    _scene, _folder, _told = scene, folder, json.loads((scene / "scene.json").read_text())
    data = Path(tempfile.mkdtemp(prefix="academy-pages-"))
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    shutil.copytree(scene, data, dirs_exist_ok=True)
    os.environ |= {
        "TESTING": "1",
        "DEMO": "1",
        "DATA_DIR": str(data),
        "DJANGO_SETTINGS_MODULE": "academy.settings",
    }
    for name in (
        "DEBUG",
        "DATABASE_URL",
        "SECRET_KEY",
        "SAFETY_KEYS",
        "SITE_URL",
        "PORT",
        "CACHE_URL",
        "EMAIL_HOST",
    ):
        os.environ.pop(name, None)
    import django
    import time_machine

    django.setup()
    logging.disable()
    from django.core.management import call_command
    from django.template.base import Template
    from django.test.utils import setup_test_environment

    time_machine.travel(_told["moment"], tick=False).start()
    call_command("migrate", verbosity=0)
    setup_test_environment(debug=False)
    Template._render = _noted  # instead of the signal of the test environment, which copies every context


def _noted(template, context):
    if template.name:
        _templates.add(template.name)
    return template.nodelist.render(context)


def _visit(visit: tuple[str, str]) -> tuple[str, str, int, set[str]]:
    """Everything one person can be shown in one language."""
    who, language = visit
    _templates.clear()
    visitor = Visitor(who, language)
    visitor.go()
    return who, language, len(visitor.written), set(_templates)


class Visitor:
    def __init__(self, who: str, language: str):
        from django.test import Client
        from django.utils import translation

        self.who, self.language, self.person = who, language, _told["people"][who]
        self.folder = _folder / language / who
        self.folder.mkdir(parents=True)
        self.written: set[str] = set()
        self.asked: set[str] = set()
        self.followed = Counter()
        self.client = Client(raise_request_exception=False, HTTP_ACCEPT_LANGUAGE=language)
        translation.activate(language)
        if self.person["email"]:
            self.enter()

    def enter(self) -> None:
        """Sign in as a person does, with the password given once more a moment ago."""
        from django.conf import settings
        from django.contrib.auth import get_user_model
        from django.urls import reverse

        user = get_user_model().objects.get(email=self.person["email"])
        self.client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        answer = self.client.post(reverse("account_reauthenticate"), {"password": self.person["password"]})
        assert answer.status_code == 302, f"{self.who} could not sign in: {answer.status_code}"

    def go(self) -> None:
        waiting = []
        for url, post in self.routes():
            waiting += self.get(url)
            if post in SHOWN_BY_POST:
                self.keep("POST", url, self.ask("post", url))
        while waiting:
            later = []
            for url in waiting:
                if self.wanted(url):
                    later += self.get(url)
            waiting = later
        self.get(f"/{self.language}/nowhere/")
        if self.who == "visitor":
            self.meet_errors()
            self.begin_logins()
        elif self.who == "editor":
            self.preview_blocks()
        elif self.who in {"desk", "manager"}:
            self.post("office_lock")

    def meet_errors(self) -> None:
        from django.template.loader import render_to_string
        from django.test import Client, RequestFactory
        from django.urls import get_resolver

        home = f"/{self.language}/"
        request = RequestFactory().get(home)
        self.keep("FAULT", home, get_resolver().resolve_error_handler(500)(request))
        self.keep(
            "NO TOKEN", home, Client(enforce_csrf_checks=True).post(f"{home}finder/", {"typed": "words"})
        )
        for name in ERRORS:
            lines = lines_of(render_to_string(name, {"kept": [("typed", "words")]}, request))
            self.written.add(name)
            (self.folder / f"error.{name}.txt").write_text("\n".join(lines) + "\n")

    def begin_logins(self) -> None:
        """The second screens of a login: the code of a new address, a second factor, the code for a new
        password.
        """
        for who in ("newcomer", "teacher"):
            person = _told["people"].get(who) or _told[who]
            self.post("account_login", {"login": person["email"], "password": person["password"]}, note=who)
        self.post("account_reset_password", {"email": _told["people"]["parent"]["email"]}, note="reset")
        self.post("account_login", {"login": "nobody@example.org", "password": "wrong"}, note="wrong")
        self.post("account_signup", {"email": "not-an-address", "password1": "short"}, note="wrong")

    def preview_blocks(self) -> None:
        from django.urls import reverse
        from wagtail.blocks import Block

        names = sorted(
            (type(block).__module__.partition(".")[0], name)
            for name, block in Block.definition_registry.items()
        )
        for module, name in names:
            if module != "wagtail":
                self.get(f"{reverse('wagtailadmin_block_preview')}?id={name}")

    def post(self, route: str, data=None, note: str = "") -> None:
        """Send the form and keep the page it ends at."""
        from django.urls import reverse

        url = reverse(route)
        response = self.ask("post", url, data=data or {}, follow=True)
        self.keep("POST", f"{url}{note}", response)

    def routes(self):
        """(address, letter of the answer to POST) of the table, then every other route that takes no
        argument.
        """
        from django.urls import NoReverseMatch, reverse

        for name, row in _told["routes"].items():
            yield reverse(name, args=row["args"]), row["post"][self.person["column"]]
        for name in sorted(_names() - set(_told["routes"])):
            if name.startswith("wagtail") and (
                self.language != "fr" or self.who not in {"manager", "editor"}
            ):
                continue
            try:
                yield reverse(name), ""
            except NoReverseMatch:
                continue

    def get(self, url: str) -> list[str]:
        """Fetch and keep the page; returns the addresses it links to, those of htmx marked."""
        if url in self.asked or NOT_FOLLOWED.match(url):
            return []
        self.asked.add(url)
        response = self.ask(
            "get", url.removeprefix("hx:"), **({"HTTP_HX_REQUEST": "true"} if url.startswith("hx:") else {})
        )
        body = self.keep("HTMX" if url.startswith("hx:") else "GET", url.removeprefix("hx:"), response)
        if not response.get("Content-Type", "").startswith("text/html"):
            return []
        found = []
        for kind, link in LINK.findall(body):
            there = urlsplit(
                urljoin(f"http://testserver{url.removeprefix('hx:')}", link.replace("&amp;", "&"))
            )
            if there.netloc == "testserver" and kind != "action":
                address = there.path + (f"?{there.query}" if there.query else "")
                found.append(f"hx:{address}" if kind == "hx-get" else address)
        return list(dict.fromkeys(found))

    def wanted(self, url: str) -> bool:
        """Whether a link is followed: in this language, and not one of many alike."""
        from django.urls import Resolver404, resolve

        address = urlsplit(url.removeprefix("hx:"))
        other = (
            address.path[1:3] in LANGUAGES and address.path[3:4] == "/" and address.path[1:3] != self.language
        )
        if url in self.asked or other:
            return False
        if (
            address.path.startswith("/cms/") and self.language != "fr"
        ):  # the team's own language, not the address
            return False
        try:
            name = resolve(address.path).view_name
        except Resolver404:
            return False
        query = tuple(
            sorted({key for key, _value in parse_qsl(address.query, keep_blank_values=True)} - {"next"})
        )
        kind = (name, query if len(query) < 3 else "many", url.startswith("hx:"))
        self.followed[kind] += 1
        return self.followed[kind] <= (FOLLOWED if query else CAPS.get(name, FOLLOWED))

    def ask(self, method: str, url: str, **headers):
        """The answer; whatever it wrote is undone."""
        from django.conf import settings
        from django.core.cache import caches
        from django.db import transaction

        for name in settings.CACHES:
            caches[name].clear()
        cookies = self.client.cookies.copy()
        block = transaction.atomic()
        block._from_testcase = True  # as in Django's own test cases: durable blocks may stand inside
        with block:
            response = getattr(self.client, method)(url, **headers)
            if response.streaming:
                b"".join(response.streaming_content)
            transaction.set_rollback(True)
        self.client.cookies = cookies
        return response

    def keep(self, method: str, url: str, response) -> str:
        """Write the answer as lines; returns its body."""
        kind = response.get("Content-Type", "")
        body = (
            ""
            if response.streaming or not kind.startswith(TEXT)
            else response.content.decode(errors="replace")
        )
        head = (
            f"{method} {masked(url)} as {self.who}: {response.status_code} {kind} "
            f"{masked(response.get('Location', ''))}"
        ).rstrip()
        lines = lines_of(body) if kind.startswith("text/html") else masked(body).splitlines()
        name = self.name_of(method, url)
        self.written.add(name)
        (self.folder / name).write_text("\n".join([head, *lines]) + "\n")
        return body

    def name_of(self, method: str, url: str) -> str:
        address = urlsplit(url)
        query = urlencode(parse_qsl(address.query, keep_blank_values=True))
        name = re.sub(
            r"[^\w.=&-]+", ".", f"{method.lower()}{address.path}{'?' if query else ''}{query}"
        ).strip(".")
        return (name if len(name) < 120 else f"{name[:100]}-{sha256(url.encode()).hexdigest()[:12]}") + ".txt"


def _names() -> set[str]:
    """Every named route, with its namespace."""
    from django.urls import URLResolver, get_resolver

    def walk(patterns, before):
        for entry in patterns:
            if isinstance(entry, URLResolver):
                yield from walk(
                    entry.url_patterns, f"{before}{entry.namespace}:" if entry.namespace else before
                )
            elif entry.name:
                yield before + entry.name

    return set(walk(get_resolver().url_patterns, ""))
