"""Course, lesson and instructor pages, finder, flyer, sharing images, sitemap."""

import io
import re
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from PIL import Image

from courses.models import Equipment, InstructorPage, LessonPage, Prerequisite
from courses.pages.page_context import kit_words
from home.models import StandardPage
from tests.factories import CourseFactory, SessionFactory, add_course_page, ask_for, ready, saturday_in


@pytest.fixture
def course(site_tree):
    made = CourseFactory(
        code="CODE-B",
        lessons=3,
        title_fr="La fabrique de jeux",
        title_ar="مصنع الألعاب",
        title_en="The Game Factory",
    )
    made.pages_made = add_course_page(site_tree, made)
    return made


def add_lessons(site_tree, course, languages=("fr", "ar", "en")):
    for lesson in course.lessons.all():
        ready(lesson)
        for code in languages:
            parent = course.pages_made[code]
            parent.refresh_from_db()
            parent.add_child(
                instance=LessonPage(
                    title=f"{code} {lesson.number}",
                    slug=f"lecon-{lesson.number}",
                    lesson=lesson,
                    locale=site_tree.locales[code],
                )
            )


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_a_course_page_tells_its_facts_in_each_language(client, course, language):
    SessionFactory(course=course, language="ar", price=2100)
    Equipment.objects.create(course=course, item_fr="Casque", item_ar="سماعة", item_en="Headset")
    page = client.get(f"/{language}/cours/code-b/").content.decode()
    for words in (
        getattr(course, f"title_{language}"),
        {"fr": "9-11 ans", "ar": "من 9 إلى 11 سنة", "en": "Ages 9-11"}[language],
        getattr(course.track, f"name_{language}"),
    ):
        assert words in page
    assert {"fr": "Casque", "ar": "سماعة", "en": "Headset"}[language] in page
    assert {"fr": "Technopark de Tanger", "ar": "تكنوبارك طنجة", "en": "Technopark Tangier"}[language] in page
    assert {"fr": "2\u00a0100,00\u00a0DH", "ar": "2\u00a0100,00\u00a0DH", "en": "2,100.00\u00a0MAD"}[
        language
    ] in page
    assert "https://wa.me/?" in page and f"/{language}/flyer/code-b/" in page


def test_every_session_that_is_not_over_is_shown_and_only_those_to_act_on_have_a_button(client, course):
    now = timezone.now()
    made = {
        "places": SessionFactory(course=course),
        "waiting": SessionFactory(course=course, seats_taken=12),
        "later": SessionFactory(course=course, opens_at=now + timezone.timedelta(days=9)),
        "cancelled": SessionFactory(course=course, cancelled_at=now),
        "without dates": SessionFactory(course=course, laid_out=False),
        "over": SessionFactory(course=course, first_on=saturday_in(-30)),
        "draft": SessionFactory(course=course, published_at=None),
    }
    page = client.get("/fr/cours/code-b/").content.decode()
    assert {name for name, session in made.items() if f'id="session-{session.pk}"' in page} == set(made) - {
        "over",
        "draft",
    }
    assert {name for name, session in made.items() if f'href="/fr/family/enroll/{session.pk}/"' in page} == {
        "places",
        "waiting",
    }
    rows = re.split(r'id="session-(\d+)"', page.split("<aside")[0])
    priced = {int(key) for key, row in zip(rows[1::2], rows[2::2], strict=True) if 'class="price"' in row}
    assert priced == {made[name].pk for name in ("places", "waiting", "later", "without dates")}


def test_a_course_page_costs_at_most_twelve_queries(client, course, site_tree, queries, instructor):
    before = CourseFactory(code="CODE-A")
    add_course_page(site_tree, before)
    ask_for(course, before)
    before.leads_to.add(course)
    add_lessons(site_tree, course)
    seen = []
    for wanted in (1, 3):
        for number in range(wanted):
            SessionFactory(course=course, first_on=saturday_in(wanted * 4 + number), instructors=[instructor])
        for language in ("fr", "ar"):
            client.get(f"/{language}/cours/code-b/")
            with queries() as asked:
                assert client.get(f"/{language}/cours/code-b/").status_code == 200
            seen.append(len(asked))
    assert len(set(seen)) == 1 and seen[0] <= 12, seen


def test_prerequisites_read_as_doors_any_of_which_is_enough(client, course, site_tree):
    before = CourseFactory(code="CODE-A", title_fr="Les petits conteurs")
    add_course_page(site_tree, before)
    ask_for(course, before)
    before.leads_to.add(course)
    page = client.get("/fr/cours/code-b/").content.decode()
    assert 'href="/fr/cours/code-a/"' in page and "Les petits conteurs" in page
    assert Prerequisite.objects.filter(course=course).count() == 2
    assert 'href="/fr/cours/code-b/"' in client.get("/fr/cours/code-a/").content.decode(), (
        "what comes next is linked"
    )


def test_a_missing_translation_reads_in_french_and_says_so(client, site_tree):
    only = CourseFactory(code="ONLY", title_fr="Seulement en français", summary_ar="ملخص")
    add_course_page(site_tree, only, languages=("fr",))
    response = client.get("/ar/cours/only/")
    page = response.content.decode()
    assert response.status_code == 200
    assert '<html lang="ar" dir="rtl"' in page
    assert '<h1 lang="fr" dir="ltr">Seulement en français</h1>' in page
    assert '<main id="main" tabindex="-1">' in page, "only the editor's words are French"
    assert "ملخص" in page


def test_a_lesson_page_shows_the_family_face_and_never_the_instructors(client, course, site_tree):
    add_lessons(site_tree, course)
    lesson = course.lessons.get(number=2)
    lesson.objective_fr, lesson.family_words_fr, lesson.hazards = (
        "Je sais répéter.",
        "Aujourd'hui, une boucle.",
        ["heat"],
    )
    lesson.kit = [{"per": "pair", "qty": 4, "fr": "Pions", "ar": "قطع", "en": "Counters"}]
    lesson.save()
    lesson.blocks.create(kind="tip", minutes=0, text_fr="Secret de l'animateur")
    page = client.get("/fr/cours/code-b/lecon-2/").content.decode()
    for words in (
        "Je sais répéter.",
        "une boucle",
        "4 × Pions",
        "/fr/cours/code-b/lecon-1/",
        "/fr/cours/code-b/lecon-3/",
    ):
        assert words in page
    assert "Secret" not in page


def test_a_line_of_the_kit_falls_back_to_french():
    assert kit_words({"per": "group", "qty": 1, "fr": "Ruban"}, "ar").startswith("Ruban")


def test_instructors_of_current_sessions_are_presented_without_address_or_telephone(
    client, course, site_tree, instructor
):
    team = StandardPage(title="L'équipe", slug="equipe", locale=site_tree.locales["fr"])
    site_tree.home["fr"].add_child(instance=team)
    team.add_child(
        instance=InstructorPage(
            title="Nadia", slug="nadia", role="Animatrice", user=instructor, locale=site_tree.locales["fr"]
        )
    )
    SessionFactory(course=course, instructors=[instructor])
    for address in ("/fr/cours/code-b/", "/fr/equipe/", "/ar/cours/code-b/"):
        assert "Nadia" in client.get(address).content.decode()
    alone = client.get("/fr/equipe/nadia/").content.decode()
    assert "La fabrique de jeux" in alone
    assert instructor.email not in alone and str(instructor.phone) not in alone


# ---- the finder


def test_three_answers_lead_to_the_catalogue_with_the_filters_in_the_address(client, site_tree, course):
    response = client.get("/ar/finder/?sent=1&age=8&day=&month=&year=&likes=build&when=sat")
    assert (response.status_code, response["Location"]) == (
        302,
        "/ar/cours/?age=8&track=PRINT&track=ROBOT&weekday=sat&places=1#found",
    )
    assert client.get(response["Location"]).status_code == 200


def test_a_birth_date_is_an_answer_too(client, site_tree, course):
    year = timezone.localdate().year - 8
    answer = client.get(f"/fr/finder/?sent=1&day=3&month=2&year={year}")
    assert answer["Location"] == f"/fr/cours/?born={year}-02-03&places=1#found"


@pytest.mark.parametrize(
    "answers", ["", "&age=", "&age=2", "&age=x", "&day=31&month=2&year=2018", "&day=1&month=1&year=2090"]
)
def test_an_answer_that_makes_no_sense_is_asked_again(client, site_tree, answers):
    response = client.get(f"/fr/finder/?sent=1{answers}")
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()


def test_the_finder_opens_without_a_question_answered(client, site_tree):
    assert client.get("/en/finder/").status_code == 200


# ---- paper and pictures


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_flyer_carries_a_qr_and_its_link_in_words(client, course, language):
    SessionFactory(course=course)
    page = client.get(f"/{language}/flyer/code-b/").content.decode()
    assert "<svg" in page and "viewBox" in page
    assert f"/{language}/cours/code-b/</bdi>" in page
    assert client.get(f"/{language}/flyer/nothing/").status_code == 404


@pytest.mark.parametrize("code", ["code-b", "active-labs"])
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_the_picture_for_sharing_is_a_light_jpeg_of_the_usual_size(client, course, language, code):
    response = client.get(f"/social/{language}/{code}.jpg")
    data = b"".join(response.streaming_content)
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.size) == ("JPEG", (1200, 630))
    assert len(data) < 300_000
    assert "max-age" in response["Cache-Control"]


def test_there_is_no_picture_of_what_does_not_exist(client, course):
    assert client.get("/social/fr/nothing.jpg").status_code == 404
    assert client.get("/social/xx/code-b.jpg").status_code == 404


# ---- for search engines


def test_one_sitemap_over_three_languages_with_alternates(client, course):
    root = ElementTree.fromstring(client.get("/sitemap.xml").content)
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    told = {url.find("s:loc", names).text: url for url in root.findall("s:url", names)}
    ends = [address.split("/", 3)[3] for address in told]
    assert {"fr/", "ar/", "en/", "fr/cours/code-b/", "ar/cours/code-b/", "en/cours/code-b/"} <= set(ends)
    links = next(url for address, url in told.items() if address.endswith("/ar/cours/code-b/")).findall(
        "x:link", names
    )
    assert {link.get("hreflang") for link in links} == {"fr", "ar", "en", "x-default"}


def test_drafts_are_not_in_the_sitemap(client, course):
    course.pages_made["en"].unpublish()
    assert "/en/cours/code-b/" not in client.get("/sitemap.xml").content.decode()
    assert client.get("/en/cours/code-b/").status_code == 200, "the French page stands in"


def test_a_shared_page_names_its_picture_its_language_and_its_translations(client, course):
    page = client.get("/ar/cours/code-b/").content.decode()
    assert 'property="og:image" content="http' in page and "/social/ar/code-b.jpg" in page
    assert 'property="og:locale" content="ar_MA"' in page
    for language in ("fr", "ar", "en", "x-default"):
        assert f'hreflang="{language}"' in page
