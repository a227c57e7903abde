"""What all readers share of a page: the tag `kept`, the frame of a page, and whom nobody may find in it."""

import re
from pathlib import Path

import pytest
from django.conf import settings as ours
from django.template import Context, Template
from django.urls import reverse
from django.utils.translation import override

from home.cms import shared
from tests.factories import UserFactory

TEMPLATES = Path(ours.BASE_DIR) / "templates"
KEPT = re.compile(r"{% kept .*?{% endkept %}", re.DOTALL)
INCLUDED = re.compile(r'{% include "([^"]+)"')
OF_A_READER = re.compile(r"\b(request|user|csrf_token|messages|session|child|family|basket\w*|room)\b")
# A letter knows no request; its session is a run of a course, and `child` may be the name that is filled in.
OF_A_RECIPIENT = re.compile(r"\b(reader|recipient|child\.\w+|row|enrollment|reference|number)\b")


class Clock:
    now = 1_000.0

    @classmethod
    def monotonic(cls):
        return cls.now


@pytest.fixture
def clock(settings, monkeypatch):
    settings.VISITOR_CACHE_SECONDS = 10
    monkeypatch.setattr(shared, "time", Clock)
    return Clock


def rendered(body: str, **given) -> str:
    return Template("{% load kept i18n %}" + body).render(Context(given))


PART = (
    '{% kept "test" place filled=path %}{{ seen.pop }} {{ place }} '
    '<a href="{{ filled }}">{% translate "Menu" %}</a>{% endkept %}'
)


def test_a_part_is_rendered_once_for_each_language_and_value_and_a_filled_value_each_time(clock):
    seen = [3, 2, 1]
    first = rendered(PART, seen=seen, place="fair", path="/fr/?a=1&b=<")
    assert first == '1 fair <a href="/fr/?a=1&amp;b=&lt;">Menu</a>'
    assert rendered(PART, seen=seen, place="fair", path="/x/") == '1 fair <a href="/x/">Menu</a>'
    assert rendered(PART, seen=seen, place="room", path="/x/") == '2 room <a href="/x/">Menu</a>'
    with override("ar"):
        assert rendered(PART, seen=seen, place="fair", path="/x/") == '3 fair <a href="/x/">القائمة</a>'
    assert rendered(PART, seen=[], place="fair", path="/x/").startswith("1 fair")


def test_a_part_is_rendered_anew_after_the_seconds_promised(clock, settings):
    assert rendered(PART, seen=[1], place="", path="").startswith("1")
    clock.now += settings.VISITOR_CACHE_SECONDS * shared.SHARE - 0.1
    assert rendered(PART, seen=[2], place="", path="").startswith("1")
    clock.now += 0.2
    assert rendered(PART, seen=[2], place="", path="").startswith("2")
    settings.VISITOR_CACHE_SECONDS = 0
    assert rendered(PART, seen=[3], place="", path="").startswith("3")


def test_a_part_is_kept_no_longer_than_what_it_is_made_of(clock):
    seen = iter("ab")
    whole = lambda: shared.shared("whole", lambda: shared.shared("inner", lambda: next(seen)) + "!")  # noqa: E731
    assert shared.shared("inner", lambda: next(seen)) == "a"
    clock.now += 2
    assert whole() == "a!"
    clock.now += 1.1
    assert whole() == "b!", "its inner part has ended"


def test_what_was_read_before_a_change_is_not_kept_after_it(clock):
    def read_and_overtaken():
        shared.forget()
        return "old"

    assert shared.shared("words", read_and_overtaken) == "old"
    assert shared.shared("words", lambda: "new") == "new"


def test_nothing_that_is_kept_holds_a_request(client, site_tree, academy_settings, settings):
    settings.VISITOR_CACHE_SECONDS = 10
    client.post(reverse("account_login"), {"login": "mum@example.org", "password": "S3cret-Phrase"})
    assert shared._kept
    for _until, thing in shared._kept.values():
        assert not hasattr(thing, "_request") and "mum@" not in str(
            vars(thing) if hasattr(thing, "__dict__") else thing
        )


def test_a_process_keeps_only_so_much(clock):
    for number in range(shared.MOST * 2):
        assert shared.shared(number, lambda number=number: number) == number
    assert len(shared._kept) <= shared.MOST


def test_no_kept_part_names_a_reader():
    """Whatever stands in such a part, the components it includes too, is shown to everybody."""

    def bodies(text: str):
        yield text
        for name in INCLUDED.findall(text):
            yield from bodies((TEMPLATES / name).read_text())

    parts = [
        (path.relative_to(TEMPLATES), part)
        for path in [*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.txt")]
        for part in KEPT.findall(path.read_text())
    ]
    assert len(parts) >= 20
    for path, part in parts:
        _head, _end, body = part.partition("%}")
        for text in bodies(body):
            tags = " ".join(
                re.findall(
                    r"{[{%].*?[%}]}", re.sub(r"{% comment %}.*?{% endcomment %}", "", text, flags=re.S)
                )
            )
            banned = OF_A_RECIPIENT if path.suffix == ".txt" else OF_A_READER
            found = banned.search(re.sub(r"\"[^\"]*\"|'[^']*'", "", tags))
            assert not found, f"{path}: {found}"


def test_readers_share_the_frame_and_find_nothing_of_each_other(
    client, site_tree, academy_settings, settings, logged_in
):
    settings.VISITOR_CACHE_SECONDS = 10
    address = reverse("account_email")
    one = UserFactory(email="samira.une@example.org", name="Samira Une")
    another = UserFactory(email="hicham.deux@example.org", name="Hicham Deux")
    first = logged_in(one).get(address).content.decode()
    assert "samira.une@example.org" in first
    academy_settings.__class__.objects.update(phone="+212539111111")
    second = logged_in(another).get(address).content.decode()
    assert "hicham.deux@example.org" in second and "amira" not in second
    assert "+212539000000" in second, "kept for some seconds"
    client.logout()
    assert "example.org" not in client.get("/fr/account/login/").content.decode().replace(
        academy_settings.email, ""
    )


def test_who_changes_the_academys_words_sees_them_on_the_next_page(
    client, site_tree, academy_settings, settings, django_capture_on_commit_callbacks
):
    settings.VISITOR_CACHE_SECONDS = 10
    address = reverse("account_login")
    assert "+212539000000" in client.get(address).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        academy_settings.phone = "+212539222222"
        academy_settings.save()
    assert "+212539222222" in client.get(address).content.decode()


def test_the_frame_of_a_private_page_asks_nothing_a_second_time(
    site_tree, academy_settings, settings, logged_in, queries
):
    settings.VISITOR_CACHE_SECONDS = 10
    client, address = logged_in(UserFactory()), reverse("account_logout")
    client.get(address)
    with queries() as seen:
        client.get(address)
    assert len(seen) <= 2, "the session and its user"
