"""The visitors' short memory: who shares a page, what it may hold, how old it gets."""

import gzip

import pytest
from django.test import RequestFactory

from academy.middleware import SITE_POLICY, VisitorCache, is_private
from home.cms.shared import SHARE


@pytest.fixture
def remembering(settings):
    settings.VISITOR_CACHE_SECONDS = 10


def test_a_public_page_is_asked_of_the_database_once(site_tree, client, remembering, queries):
    first = client.get("/fr/contact/")
    with queries() as asked:
        second = client.get("/fr/contact/")
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.content == first.content
    assert asked == []


def test_a_public_page_sets_no_cookie_and_is_not_kept_by_others(site_tree, client, remembering):
    response = client.get("/fr/contact/")
    assert not response.cookies
    assert response["Cache-Control"] == "private, no-cache"
    assert {"Cookie", "HX-Request", "Accept-Encoding"} <= {
        word.strip() for word in response["Vary"].split(",")
    }
    assert response["Content-Security-Policy"] == SITE_POLICY


def test_a_logged_in_parent_gets_the_body_everybody_gets(site_tree, client, logged_in, parent, remembering):
    body = client.get("/fr/contact/").content
    assert logged_in(parent).get("/fr/contact/").content == body
    assert parent.email.encode() not in body and parent.name.encode() not in body


def test_the_memory_is_kept_by_theme(site_tree, client, remembering):
    light = client.get("/fr/contact/").content
    client.cookies["theme"] = "dark"
    dark = client.get("/fr/contact/").content
    assert b'data-theme="dark"' in dark and b'data-theme="dark"' not in light
    client.cookies["theme"] = '"><script>'
    assert client.get("/fr/contact/").content == light


def test_the_memory_is_packed_for_those_who_can_unpack(site_tree, client, remembering):
    plain = client.get("/fr/contact/")
    packed = client.get("/fr/contact/", headers={"accept-encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "gzip" and int(packed["Content-Length"]) == len(
        packed.content
    ) < len(plain.content)
    assert gzip.decompress(packed.content) == plain.content


@pytest.fixture
def memory(settings, remembering):
    """Wrap a counting response in the middleware; `ask(path, **headers)`."""
    from django.http import HttpResponse

    asked = []

    def answer(request):
        asked.append(request.get_full_path())
        response = HttpResponse(f"{request.get_full_path()} {len(asked)}")
        response.visitor_cache = answer.shared
        if answer.cookie:
            response.set_cookie("session", "1")
        response.status_code = answer.status
        return response

    answer.shared, answer.cookie, answer.status = True, False, 200
    middleware, factory = VisitorCache(answer), RequestFactory()

    def ask(path, method="get", **headers):
        return middleware(getattr(factory, method)(path, headers=headers)).content

    ask.asked, ask.answer, ask.middleware = asked, answer, middleware
    return ask


def test_one_answer_serves_everybody(memory):
    assert memory("/fr/cours/") == memory("/fr/cours/")
    assert len(memory.asked) == 1


def test_each_process_copies_a_page_for_a_second_and_a_page_is_never_older_than_promised(
    settings, remembering, monkeypatch
):
    from django.core.cache import caches
    from django.http import HttpResponse

    from academy import middleware

    class Clock:
        now = 1_000.0

        @classmethod
        def monotonic(cls):
            return cls.now

    monkeypatch.setattr(middleware, "time", Clock)
    made, fetched, lasting = [], [], []

    def answer(request):
        made.append(1)
        response = HttpResponse(f"page {len(made)}")
        response.visitor_cache = True
        return response

    one, another, factory = VisitorCache(answer), VisitorCache(answer), RequestFactory()
    pages = caches["pages"]
    monkeypatch.setattr(pages, "get", lambda key, get=pages.get: fetched.append(key) or get(key))
    keep = pages.set_many
    monkeypatch.setattr(pages, "set_many", lambda rows, lasts: lasting.append(lasts) or keep(rows, lasts))

    def ask(process, **headers):
        return process(factory.get("/fr/cours/", headers=headers)).content

    assert ask(one) == ask(one) == ask(another) == b"page 1" and made == [1]
    aged = settings.VISITOR_CACHE_SECONDS * SHARE + VisitorCache.COPIED_FOR  # its frame, and its copies
    assert lasting == [settings.VISITOR_CACHE_SECONDS - aged]
    before = len(fetched)
    for _ in range(5):
        assert ask(one) == ask(another) == b"page 1"
    assert len(fetched) == before, "each has a copy of its own"
    Clock.now += VisitorCache.COPIED_FOR
    pages.clear()
    assert ask(one) == b"page 2" == ask(another), "a copy ends after its second"
    assert gzip.decompress(ask(one, **{"accept-encoding": "gzip"})) == b"page 2" and len(made) == 2


def test_a_process_keeps_only_so_many_copies(memory):
    for number in range(VisitorCache.MOST_COPIES * 2 + 3):
        assert memory(f"/fr/cours/?page={number}") == memory(f"/fr/cours/?page={number}")
    assert len(memory.middleware.copies) <= VisitorCache.MOST_COPIES


@pytest.mark.parametrize("headers", [{"hx-request": "true"}, {"cookie": "theme=dark"}, {"host": "127.0.0.1"}])
def test_a_part_another_theme_and_another_host_are_remembered_apart(memory, headers):
    assert memory("/fr/cours/") != memory("/fr/cours/", **headers)
    assert len(memory.asked) == 2


@pytest.mark.parametrize(
    "path",
    [
        "/fr/family/",
        "/ar/account/login/",
        "/en/desk/",
        "/fr/office/1/",
        "/cms/",
        "/cms/pages/",
        "/mailbox/",
        "/healthz",
        "/",
        "/sitemap.xml",
    ],
)
def test_what_belongs_to_somebody_is_never_remembered(memory, path):
    memory(path), memory(path)
    assert len(memory.asked) == 2


@pytest.mark.parametrize("broken", [{"shared": False}, {"cookie": True}, {"status": 404}, {"status": 302}])
def test_an_answer_that_is_not_for_everybody_is_not_remembered(memory, broken):
    for name, value in broken.items():
        setattr(memory.answer, name, value)
    memory("/fr/cours/"), memory("/fr/cours/")
    assert len(memory.asked) == 2


def test_a_form_is_never_answered_from_memory(memory):
    memory("/fr/cours/"), memory("/fr/cours/", method="post")
    assert memory.asked == ["/fr/cours/", "/fr/cours/"]


@pytest.mark.filterwarnings("ignore::django.core.cache.CacheKeyWarning")
def test_a_monstrous_address_is_not_remembered(memory):
    path = f"/fr/cours/?q={'x' * 5000}"
    memory(path), memory(path)
    assert len(memory.asked) == 2


@pytest.mark.parametrize(
    ("path", "private"),
    [
        ("/fr/family/", True),
        ("/fr/family", True),
        ("/ar/office/x/", True),
        ("/cms/", True),
        ("/mailbox/", True),
        ("/fr/", False),
        ("/fr/familyfun/", False),
        ("/family/", False),
        ("/de/family/", False),
    ],
)
def test_which_addresses_belong_to_somebody(path, private):
    assert is_private(path) is private
