"""A new course: one form makes its data, its lessons and a draft page in every language, or nothing."""

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import translation
from wagtail.models import Page

from courses.models import Course, CoursePage, Lesson, LessonPage
from courses.pages import new_course
from home.models import Picture
from tests.factories import AgeBandFactory, CourseFactory, TrackFactory, add_course_page
from tests.photos import taken, upload

NEW = "course_pages:new"
TITLES = {"fr": "Jeux en Python", "ar": "ألعاب بلغة بايثون", "en": "Games in Python"}


def typed(**changes) -> dict:
    """Return what a manager types for a course without lessons and picture."""
    said = {"form_key": str(uuid4()), "act": "create", "code": "CODE-D", "price": "1200"}
    said |= {"track": TrackFactory().pk, "band": AgeBandFactory().pk, "meetings_count": "8", "minutes": ""}
    for code, title in TITLES.items():
        said |= {f"title_{code}": title, f"lead_{code}": f"{title}.", f"makes_{code}": "<jeu> & co"}
    return said | changes


def pages() -> dict[str, CoursePage]:
    return {page.language: page for page in CoursePage.objects.all()}


def words_of(answer) -> str:
    return answer.content.decode().replace("&#x27;", "'").replace("&quot;", '"')


# ---- what is made


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_one_form_makes_the_course_its_lessons_and_three_drafts(language, logged_in, manager):
    manager.language = language
    manager.save()
    table = "Un\tواحد\tOne\t90\tFaire\tفعل\tDo\nDeux\tاثنان\tTwo\n"
    with translation.override(language):
        answer = logged_in(manager).post(reverse(NEW), typed(pasted=table))
    course = Course.objects.get()
    assert answer["Location"] == reverse("course_pages:hub", args=[course.pk])
    assert (course.code, course.minutes, course.meetings_count) == ("CODE-D", 90, 8)
    assert {code: getattr(course, f"title_{code}") for code in TITLES} == TITLES
    assert [(lesson.number, lesson.title_fr, lesson.title_ar) for lesson in course.lessons.all()] == [
        (1, "Un", "واحد"),
        (2, "Deux", "اثنان"),
    ]
    assert [
        (block.minutes, block.text_fr, block.text_ar) for block in course.lessons.get(number=1).blocks.all()
    ] == [(90, "Faire", "فعل")]
    made = pages()
    assert {code: (page.title, page.slug, page.live) for code, page in made.items()} == {
        code: (title, "jeux-en-python", False) for code, title in TITLES.items()
    }
    assert {page.get_parent().specific.language for page in made.values()} == set(TITLES)
    assert all(page.get_parent().specific.language == code for code, page in made.items())
    assert len({page.translation_key for page in made.values()}) == 1
    assert all(page.latest_revision and page.owner == manager for page in made.values())
    assert made["ar"].makes == "<p>&lt;jeu&gt; &amp; co</p>"
    lessons = LessonPage.objects.order_by("lesson__number", "pk")
    assert {(page.language, page.title) for page in lessons} == {
        ("fr", "Un"), ("ar", "واحد"), ("en", "One"), ("fr", "Deux"), ("ar", "اثنان"), ("en", "Two"),
    }  # fmt: skip
    assert len({page.translation_key for page in lessons}) == 2


def test_without_a_number_of_classes_there_is_one_a_lesson(logged_in, manager):
    logged_in(manager).post(reverse(NEW), typed(meetings_count="", pasted="Un\nDeux\nTrois"))
    assert Course.objects.get().meetings_count == 3
    assert {page.language for page in LessonPage.objects.all()} == {"fr"}


def test_the_address_is_numbered_when_a_page_has_it(logged_in, manager, site_tree):
    add_course_page(site_tree, CourseFactory(code="JEUX-EN-PYTHON"), languages=("ar",))
    logged_in(manager).post(reverse(NEW), typed())
    made = CoursePage.objects.filter(course__code="CODE-D")
    assert {page.slug for page in made} == {"jeux-en-python-2"} and made.count() == 3


def test_a_picture_is_on_every_page_with_the_alternative_text_of_its_language(logged_in, manager):
    said = {f"alt_{code}": f"robot {code}" for code in TITLES}
    file = upload(taken(), "robot.jpg")
    logged_in(manager).post(reverse(NEW), typed(picture=file, **said))
    picture = Picture.objects.get()
    assert (picture.alt_fr, picture.uploaded_by_user) == ("robot fr", manager)
    for code, page in pages().items():
        shown = page.body[0].value["picture"]
        assert (shown.pk, shown.contextual_alt_text) == (picture.pk, f"robot {code}")


def test_lessons_come_in_the_order_of_their_numbers(logged_in, manager):
    rows = {
        "lessons-0-position": "3", "lessons-0-title_fr": "Dernière",
        "lessons-1-position": "1", "lessons-1-title_fr": "Première",
        "lessons-2-position": "2", "lessons-2-title_fr": "",
        "lessons-3-position": "", "lessons-3-title_fr": "Sans numéro",
    }  # fmt: skip
    logged_in(manager).post(reverse(NEW), typed(**rows))
    assert list(Lesson.objects.order_by("number").values_list("number", "title_fr")) == [
        (1, "Première"),
        (2, "Dernière"),
        (3, "Sans numéro"),
    ]


# ---- who may


def test_an_editor_makes_pages_for_a_course_that_has_none(logged_in, editor):
    course, client = CourseFactory(lessons=2), logged_in(editor)
    page = client.get(reverse(NEW))
    assert 'name="code"' not in words_of(page) and 'name="pasted"' not in words_of(page)
    said = {"form_key": str(uuid4()), "act": "create", "course": course.pk, "code": "X", "pasted": "Un"}
    client.post(reverse(NEW), said | {"title_fr": "Autre titre"})
    made = pages()
    assert {code: page.title for code, page in made.items()} == {
        "fr": "Autre titre", "ar": course.title_ar, "en": course.title_en,
    }  # fmt: skip
    assert made["en"].lead == course.summary_en
    assert (Course.objects.count(), Lesson.objects.count()) == (1, 2)
    course.refresh_from_db()
    assert (course.title_fr, LessonPage.objects.count()) == (f"Cours {course.code}", 6)


@pytest.mark.parametrize("act", ["get", "post"])
@pytest.mark.parametrize("who", ["parent", "instructor", "front_desk"])
def test_others_find_no_such_screen(who, act, logged_in, request, site_tree):
    client, course = logged_in(request.getfixturevalue(who)), CourseFactory()
    for url in (reverse(NEW), reverse("course_pages:hub", args=[course.pk])):
        assert getattr(client, act)(url, typed()).status_code == 404
    assert not CoursePage.objects.exists()


def test_who_may_write_no_page_of_a_language_makes_no_course(logged_in, editor, site_tree):
    from wagtail.models import GroupPagePermission

    GroupPagePermission.objects.filter(page=site_tree.home["ar"]).delete()
    client = logged_in(editor)
    assert client.get(reverse(NEW)).status_code == 302
    assert reverse(NEW) not in words_of(client.get(reverse("wagtailadmin_home")))
    assert client.post(reverse(NEW), typed(course=CourseFactory().pk)).status_code == 302
    assert not CoursePage.objects.exists()


def test_the_menu_leads_to_it(logged_in, editor):
    assert reverse(NEW) in words_of(logged_in(editor).get(reverse("wagtailadmin_home")))


# ---- sent twice, refused, half done


def test_the_same_form_sent_twice_makes_one_course(logged_in, manager):
    said, client = typed(pasted="Un"), logged_in(manager)
    first, second = client.post(reverse(NEW), said), client.post(reverse(NEW), said)
    assert first["Location"] == second["Location"]
    assert (Course.objects.count(), CoursePage.objects.count(), Lesson.objects.count()) == (1, 3, 1)


def test_a_code_that_somebody_else_took_is_refused_and_what_was_typed_is_kept(logged_in, manager):
    CourseFactory(code="code-d")
    answer = logged_in(manager).post(reverse(NEW), typed(pasted="Un\tواحد"))
    said = words_of(answer)
    assert answer.status_code == 200 and "code-d existe déjà" in said
    assert 'value="CODE-D"' in said and TITLES["ar"] in said and 'value="واحد"' in said
    assert not CoursePage.objects.exists()


def test_a_course_that_got_pages_in_the_meantime_is_not_given_more(logged_in, editor, site_tree):
    course = CourseFactory()
    add_course_page(site_tree, course)
    answer = logged_in(editor).post(
        reverse(NEW), {"form_key": str(uuid4()), "act": "create", "course": course.pk, "title_fr": "Gardé"}
    )
    assert "a déjà des pages" in words_of(answer) and 'value="Gardé"' in words_of(answer)
    assert CoursePage.objects.count() == 3
    with pytest.raises(new_course.HasPages):
        empty = dict.fromkeys(TITLES, "")
        new = new_course.NewCourse(titles=empty, leads=empty, makes=empty, course=course)
        new_course.begin(new, by=editor, form_key="x")


def test_an_expired_form_is_answered_with_all_that_was_typed(manager, site_tree):
    client = Client(enforce_csrf_checks=True)
    client.force_login(manager, backend="academy.signed_in.ModelBackend")
    said = typed(pasted="Un\tواحد\r\nDeux", without_files="", picture=upload(taken(), "robot.jpg"))
    answer = client.post(reverse(NEW), said, headers={"origin": "http://testserver"})
    assert answer.status_code == 403 and TITLES["ar"] in words_of(answer)
    assert "Un\tواحد" in words_of(answer)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": ""}, "code"),
        ({"code": "A B"}, "code"),
        ({"price": "-1"}, "price"),
        ({"price": ""}, "price"),
        ({"track": ""}, "track"),
        ({"title_ar": ""}, "title_ar"),
        ({"title_en": "x" * 121}, "title_en"),
        ({"lead_fr": ""}, "lead_fr"),
        ({"meetings_count": ""}, "meetings_count"),
        ({"minutes": "5"}, "minutes"),
        ({"minutes": "99999"}, "minutes"),
        ({"meetings_count": "99999"}, "meetings_count"),
    ],
)
def test_what_is_missing_or_wrong_is_said_at_its_field(change, field, logged_in, manager):
    answer = logged_in(manager).post(reverse(NEW), typed(**change))
    assert list(answer.context["form"].errors) == [field]
    assert answer.context["form"]["title_fr"].value() == TITLES["fr"]
    assert not Course.objects.exists() and not CoursePage.objects.exists()


def test_a_price_of_nothing_is_a_price(logged_in, manager):
    logged_in(manager).post(reverse(NEW), typed(price="0"))
    assert Course.objects.get().price == 0


def test_a_picture_without_its_texts_is_refused_and_kept_for_the_next_try(logged_in, manager):
    client, file = logged_in(manager), upload(taken(), "robot.jpg")
    said = typed()
    answer = client.post(reverse(NEW), said | {"picture": file})
    assert list(answer.context["form"].errors) == ["alt_fr", "alt_ar", "alt_en"]
    kept = Picture.objects.get()
    assert f'name="kept_picture" value="{kept.pk}"' in words_of(answer)
    texts = {f"alt_{code}": f"robot {code}" for code in TITLES}
    said |= {"kept_picture": kept.pk, "shows_children": "on", "release": "D-7"}
    client.post(reverse(NEW), said | texts)
    kept.refresh_from_db()
    assert (kept.alt_ar, Picture.objects.count()) == ("robot ar", 1)
    assert (kept.shows_children, kept.release) == (True, "D-7")
    assert pages()["fr"].body[0].value["picture"].pk == kept.pk


def test_a_picture_of_somebody_else_is_not_taken_for_the_kept_one(logged_in, manager, editor):
    theirs = Picture.objects.create(title="x", file=upload(taken(), "a.jpg"), uploaded_by_user=editor)
    logged_in(manager).post(reverse(NEW), typed(kept_picture=theirs.pk, alt_fr="volé"))
    theirs.refresh_from_db()
    assert theirs.alt_fr == "" and len(pages()["fr"].body) == 0


def test_a_fault_in_the_middle_leaves_nothing(manager):
    """A title that no page of Arabic can have, found after the French page was written."""
    titles = TITLES | {"ar": ""}
    new = new_course.NewCourse(
        titles=titles,
        leads=TITLES,
        makes=TITLES,
        facts=new_course.NewFacts("CODE-D", TrackFactory(), AgeBandFactory(), 1, 60, 0),
        lessons=[new_course.NewLesson(titles, titles, 30)],
    )
    before = Page.objects.count()
    with pytest.raises(ValidationError, match="vide"):
        new_course.begin(new, by=manager, form_key="x")
    assert (Course.objects.count(), Lesson.objects.count(), Page.objects.count()) == (0, 0, before)


def test_the_database_refuses_a_second_course_of_a_code(manager):
    facts = new_course.NewFacts("CODE-D", TrackFactory(), AgeBandFactory(), 1, 60, 0)
    new = new_course.NewCourse(titles=TITLES, leads=TITLES, makes=TITLES, facts=facts)
    new_course.begin(new, by=manager, form_key="x")
    with pytest.raises(IntegrityError):
        new_course.begin(new, by=manager, form_key="y")
