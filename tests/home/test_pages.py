"""The pages of words, the first page, the contact page, and every block standing alone."""

import pytest
from django.core import mail
from django.template.loader import render_to_string
from django.test import RequestFactory

from courses.blocks import course_blocks
from courses.models import Equipment
from home.blocks import page_blocks
from home.models import FaqPage, HomePage, StandardPage
from tests.factories import CourseFactory, SessionFactory, add_course_page

BLOCKS = {
    f"{kind}:{name}": block for kind, blocks in (("page", page_blocks()), ("course", course_blocks())) for name, block in blocks
}


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_first_page_says_what_for_whom_when_and_where(client, site_tree, academy_settings, language):
    course = CourseFactory(
        code="CODE-A", title_fr="Les petits conteurs", title_ar="حكواتيو البرمجة", title_en="Little Storytellers"
    )
    add_course_page(site_tree, course)
    session = SessionFactory(course=course)
    HomePage.objects.update(lead="Premiers mots.")
    page = client.get(f"/{language}/").content.decode()
    for words in ("Premiers mots.", getattr(course, f"title_{language}"), getattr(course.track, f"name_{language}"),
                  getattr(session.room.venue, f"name_{language}"), f"/{language}/finder/",
                  f"/{language}/family/enroll/{session.pk}/"):  # fmt: skip
        assert words in page, words


def test_a_block_that_an_editor_placed_is_not_printed_twice(client, site_tree):
    add_course_page(site_tree, CourseFactory(code="CODE-A"))
    before = client.get("/fr/").content.decode().count('class="card card--track')
    site_tree.home["fr"].body = [("tracks", None)]
    site_tree.home["fr"].save()
    assert client.get("/fr/").content.decode().count('class="card card--track') == before == 1


@pytest.mark.parametrize("name", sorted(BLOCKS))
@pytest.mark.parametrize("filled", [False, True])
def test_every_block_stands_alone_in_the_preview(site_tree, name, filled):
    if filled:
        course = CourseFactory(code="CODE-A", lessons=2)
        add_course_page(site_tree, course)
        SessionFactory(course=course)
        Equipment.objects.create(course=course, item_fr="Casque")
    block = BLOCKS[name]
    request = RequestFactory().get("/cms/")
    html = block.render(block.normalize(block.get_preview_value()), context={"request": request})
    assert isinstance(str(html), str)
    if filled:
        assert "<" in html


def test_every_block_has_an_icon_and_a_template_and_can_be_previewed():
    for name, block in BLOCKS.items():
        assert block.meta.icon != "placeholder", name
        assert block.meta.template, name
        assert block.is_previewable, name


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_a_page_of_words_lists_the_pages_under_it(client, site_tree, language):
    first = StandardPage(title="Le Technopark fr", slug="technopark", locale=site_tree.locales["fr"], intro="Bonjour")
    site_tree.home["fr"].add_child(instance=first)
    for code in ("ar", "en"):
        page = StandardPage(title=f"Le Technopark {code}", slug="technopark", locale=site_tree.locales[code], intro="Bonjour")
        page.translation_key = first.translation_key
        site_tree.home[code].add_child(instance=page)
    first.add_child(instance=StandardPage(title="Sur place", slug="sur-place", locale=site_tree.locales["fr"]))
    html = client.get(f"/{language}/technopark/").content.decode()
    assert f"<h1>Le Technopark {language}</h1>" in html
    assert f'href="/{language}/technopark/sur-place/"' in html
    below = client.get(f"/{language}/technopark/sur-place/")
    assert below.status_code == 200
    assert ('<header class="page-head" lang="fr" dir="ltr">' in below.content.decode()) == (language != "fr")


def test_the_menu_and_the_languages_lead_to_the_same_page(client, site_tree):
    html = client.get("/fr/cours/?age=8").content.decode()
    assert 'href="/ar/cours/?age=8"' in html and 'href="/en/cours/?age=8"' in html
    assert 'aria-current="page"' in html


def test_questions_open_without_a_script(client, site_tree):
    page = FaqPage(title="Questions", slug="questions", locale=site_tree.locales["fr"],
                   questions=[("question", {"question": "Pourquoi ?", "answer": "<p>Parce que.</p>"})])  # fmt: skip
    site_tree.home["fr"].add_child(instance=page)
    html = client.get("/fr/questions/").content.decode()
    assert "<details" in html and "<summary>Pourquoi ?</summary>" in html


# ---- contact


TYPED = {"name": "Salma Amrani", "email": "salma@example.org", "message": "Bonjour"}


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_a_message_reaches_the_academy(client, site_tree, academy_settings, language):
    response = client.post(f"/{language}/contact-form/", TYPED)
    assert response.status_code == 200
    assert "<form class" not in response.content.decode()
    assert [letter.to for letter in mail.outbox] == [["bonjour@example.org"]]
    assert mail.outbox[0].reply_to == ["salma@example.org"]


def test_what_is_missing_is_said_and_what_was_typed_is_kept(client, site_tree):
    response = client.post("/fr/contact-form/", TYPED | {"email": "nowhere"})
    html = response.content.decode()
    assert response.status_code == 422
    assert 'role="alert"' in html and "Salma Amrani" in html and 'href="#id_email"' in html
    assert mail.outbox == []


def test_a_machine_is_thanked_and_nothing_is_sent(client, site_tree):
    assert client.post("/fr/contact-form/", TYPED | {"website": "http://spam"}).status_code == 200
    assert mail.outbox == []


def test_a_header_cannot_be_slipped_into_a_message(client, site_tree):
    client.post("/fr/contact-form/", TYPED | {"name": "Salma\r\nBcc: all@example.org"})
    assert mail.outbox == []


def test_a_public_page_sets_no_cookie_and_carries_no_token(client, site_tree):
    for address in ("/fr/", "/fr/cours/", "/fr/contact/", "/fr/finder/"):
        response = client.get(address)
        assert not response.cookies
        assert "csrfmiddlewaretoken" not in response.content.decode()


@pytest.mark.parametrize("address", ["/", "/cours/", "/contact/", "/finder/"])
def test_no_inline_script_style_or_handler_stands_in_a_public_page(client, site_tree, address):
    import re

    html = client.get(f"/ar{address}").content.decode()
    assert not re.search(r"\sstyle=|\son[a-z]+=\"|javascript:", html)
    scripts = re.findall(r"<script(?![^>]*(?:src=|application/ld\+json))", html)
    assert scripts == []


def test_the_components_of_a_state_and_its_short_form_say_the_same(site_tree):
    from django.utils import timezone

    from courses.standing import standing
    from courses.templatetags.courses_tags import chip

    session = SessionFactory(seats_taken=10)
    state = standing(session, timezone.now())
    line = type("Line", (), {"standing": state, "icon": "ticket"})()
    whole = " ".join(render_to_string("components/standing.html", {"standing": state}).split())
    assert state.words in chip(line) and f"chip--{state.tone}" in whole and state.words in whole
