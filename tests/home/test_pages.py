"""Standard pages, home page, contact page, and every block on its own."""

import html
import re
from datetime import time, timedelta

import pytest
from django.core import mail
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone, translation

from courses.catalogue.session_rows import SessionRow
from courses.models import Equipment, OpeningHours
from courses.pages.blocks import course_blocks
from courses.standing import standing
from courses.templatetags.courses_tags import chip
from home.cms.blocks import page_blocks
from home.models import FaqPage, HomePage, StandardPage
from tests.factories import CourseFactory, SessionFactory, add_course_page
from tests.pages.normal import lines_of
from tests.post import delivered

BLOCKS = {
    f"{kind}:{name}": block
    for kind, blocks in (("page", page_blocks()), ("course", course_blocks()))
    for name, block in blocks
}


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_first_page_says_what_for_whom_when_and_where(client, site_tree, academy_settings, language):
    course = CourseFactory(
        code="CODE-A",
        title_fr="Les petits conteurs",
        title_ar="حكواتيو البرمجة",
        title_en="Little Storytellers",
    )
    add_course_page(site_tree, course)
    session = SessionFactory(course=course)
    HomePage.objects.update(lead="Premiers mots.")
    page = client.get(f"/{language}/").content.decode()
    for words in (
        "Premiers mots.",
        getattr(course, f"title_{language}"),
        getattr(course.track, f"name_{language}"),
        getattr(session.room.venue, f"name_{language}"),
        f"/{language}/finder/",
        f"/{language}/family/enroll/{session.pk}/",
    ):
        assert words in page, words


def test_a_block_that_an_editor_placed_is_not_printed_twice(client, site_tree):
    add_course_page(site_tree, CourseFactory(code="CODE-A"))
    before = client.get("/fr/").content.decode().count('class="card card--track')
    site_tree.home["fr"].body = [("tracks", None)]
    site_tree.home["fr"].save()
    assert client.get("/fr/").content.decode().count('class="card card--track') == before == 1


COMMON = {  # an editor's words: the same with facts and without
    "text": ("Venir et repartir", "Les portes ouvrent dix minutes avant la séance."),
    "notice": ("notice--info", "est fermé pendant les vacances scolaires."),
    "picture": ("<img", "Notre dessin de l'atelier"),
    "question": ("<summary>Faut-il un ordinateur à la maison ?</summary>", "Non, tout est sur place."),
}
SAID = {  # block: what it prints with facts, what without (nothing at all where it is empty)
    **{f"{kind}:{name}": (words, words) for kind in ("page", "course") for name, words in COMMON.items()},
    "page:steps": (("Comment ça marche", "Choisir", "Un cours par âge.", "Deux écrans."),) * 2,
    "page:finder": (('href="/fr/finder/"', "Quel cours pour mon enfant"),) * 2,
    "page:tracks": (("Programmation", "Les petits conteurs", "/fr/cours/code-a/"), ()),
    "page:next_sessions": (
        ("Les petits conteurs", "Technopark de Tanger", "12 places", "/fr/family/enroll/"),
        ("Aucune session",),
    ),
    "page:venues": (("Technopark de Tanger", "<address>Route de Rabat</address>", "09:00–18:00"), ()),
    "course:programme": (("Leçon 1", "Leçon 2"), ()),
    "course:sessions": (("Technopark de Tanger", "12 places", "/fr/family/enroll/"), ("Pas de dates",)),
    "course:price": (("1\xa0234,00\xa0DH", "2 séances"), ()),
    "course:equipment": (("Casque",), ()),
}


@pytest.mark.parametrize("name", sorted(BLOCKS))
@pytest.mark.parametrize("filled", [True, False])
def test_every_block_stands_alone_in_the_preview(site_tree, name, filled):
    if filled:
        course = CourseFactory(
            code="CODE-A", lessons=2, meetings_count=2, title_fr="Les petits conteurs", price=1234
        )
        add_course_page(site_tree, course)
        venue = SessionFactory(course=course).room.venue
        OpeningHours.objects.create(venue=venue, weekday=5, opens=time(9), closes=time(18))
        Equipment.objects.create(course=course, item_fr="Casque")
    block = BLOCKS[name]
    request = RequestFactory().get("/cms/")
    with translation.override("fr"):
        printed = str(block.render(block.normalize(block.get_preview_value()), context={"request": request}))
    said = html.unescape(printed).replace("\u2060", "")
    wanted = SAID[name][not filled]
    assert [words for words in wanted if words not in said] == [], said
    assert bool(wanted) == bool(said.strip()), said


def test_every_block_has_an_icon_and_a_template_and_can_be_previewed():
    for name, block in BLOCKS.items():
        assert block.meta.icon != "placeholder", name
        assert block.meta.template, name
        assert block.is_previewable, name


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_a_page_of_words_lists_the_pages_under_it(client, site_tree, language):
    first = StandardPage(
        title="Le Technopark fr", slug="technopark", locale=site_tree.locales["fr"], intro="Bonjour"
    )
    site_tree.home["fr"].add_child(instance=first)
    for code in ("ar", "en"):
        page = StandardPage(
            title=f"Le Technopark {code}", slug="technopark", locale=site_tree.locales[code], intro="Bonjour"
        )
        page.translation_key = first.translation_key
        site_tree.home[code].add_child(instance=page)
    first.add_child(
        instance=StandardPage(title="Sur place", slug="sur-place", locale=site_tree.locales["fr"])
    )
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
    page = FaqPage(
        title="Questions",
        slug="questions",
        locale=site_tree.locales["fr"],
        questions=[("question", {"question": "Pourquoi ?", "answer": "<p>Parce que.</p>"})],
    )
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
    assert [letter.to for letter in delivered()] == [["bonjour@example.org"]]
    assert mail.outbox[0].reply_to == ["salma@example.org"]


def test_what_is_missing_is_said_and_what_was_typed_is_kept(client, site_tree):
    response = client.post("/fr/contact-form/", TYPED | {"email": "nowhere"})
    html = response.content.decode()
    assert response.status_code == 422
    assert 'role="alert"' in html and "Salma Amrani" in html and 'href="#id_email"' in html
    assert delivered() == []


def test_a_machine_is_thanked_and_nothing_is_sent(client, site_tree):
    assert client.post("/fr/contact-form/", TYPED | {"website": "http://spam"}).status_code == 200
    assert delivered() == []


def test_a_header_cannot_be_slipped_into_a_message(client, site_tree):
    client.post("/fr/contact-form/", TYPED | {"name": "Salma\r\nBcc: all@example.org"})
    assert delivered() == []


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


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
@pytest.mark.parametrize(
    ("code", "facts"),
    [
        ("places", {}),
        ("last_places", {"seats_taken": 10}),
        ("waiting_list", {"seats_taken": 12, "waiting_count": 1}),
        ("opens_later", {"opens_at": timezone.now() + timedelta(days=9)}),
        ("to_be_scheduled", {"laid_out": False}),
        ("closed", {"closes_at": timezone.now() - timedelta(days=1)}),
        ("cancelled", {"cancelled_at": timezone.now()}),
    ],
)
def test_the_components_of_a_state_and_its_short_form_say_the_same(db, code, facts, language):
    session = SessionFactory(minimum=12, **facts)
    with translation.override(language):
        state = standing(session, timezone.now())
        short = str(chip(SessionRow(session, state, venue="", city="")))
        whole = re.sub(
            r"[ \n]+", " ", render_to_string("components/standing.html", {"standing": state})
        ).strip()
    assert state.code == code
    assert re.fullmatch(
        rf'<span class="chip chip--{state.tone}"><svg.*</svg>'
        rf"<span>{re.escape(html.escape(state.words))}</span></span>",
        short,
    )
    plain = [re.sub(r"<svg.*?#([\w-]+)\".*?</svg>", r"(\1)", text) for text in (short, whole)]
    tail = f' <span class="standing__detail">{html.escape(state.detail)}</span>' if state.detail else ""
    assert lines_of(plain[1]) == lines_of(f'<span class="standing">{plain[0]}{tail}</span>')
