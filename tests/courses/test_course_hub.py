"""The overview of a course: publish its pages together or not at all, see them before others do."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupPagePermission, Page, PageLogEntry

from courses.models import Course, CoursePage, LessonPage
from courses.pages.publish_together import publish_together
from courses.pages.publishing import problems
from home.cms import schedule
from home.cms.gate.problems import Severity
from tests.factories import CourseFactory, LessonFactory, SessionFactory, StaffFactory, add_course_page, ready


@pytest.fixture
def course(logged_in, manager) -> Course:
    """A course with one lesson, whose pages are drafts."""
    course = CourseFactory(lessons=1)
    said = {"form_key": str(uuid4()), "act": "create", "course": course.pk}
    said |= {f"lead_{code}": f"Essayer {code}" for code in ("fr", "ar", "en")}
    logged_in(manager).post(reverse("course_pages:new"), said)
    return course


def hub(course: Course) -> str:
    return reverse("course_pages:hub", args=[course.pk])


def states(client, course) -> dict[str, str]:
    return {state.language: state.state for state in client.get(hub(course)).context["states"]}


def rewrite(course, language: str, **fields) -> CoursePage:
    """Save a draft of a page, as its form does."""
    page = CoursePage.objects.get(course=course, locale__language_code=language)
    draft = page.get_latest_revision_as_object()
    for name, value in fields.items():
        setattr(draft, name, value)
    draft.save_revision()
    return page


def every(state: str) -> dict[str, str]:
    return dict.fromkeys(("fr", "ar", "en"), state)


def words_of(answer) -> str:
    return answer.content.decode().replace("&#x27;", "'").replace("\u00a0", " ")


# ---- publishing


def test_one_button_publishes_the_three(course, logged_in, editor, client):
    client = logged_in(editor)
    assert states(client, course) == every("draft")
    client.post(hub(course), {"go_live_at": ""})
    assert states(client, course) == every("live")
    assert not LessonPage.objects.live().exists()
    for page in CoursePage.objects.filter(course=course):
        assert client.get(page.url).status_code == 200
        assert PageLogEntry.objects.filter(page=page.pk, action="wagtail.publish", user=editor).count() == 1


def test_the_pages_of_the_lessons_too_when_that_is_ticked(course, logged_in, editor):
    client, ticked = logged_in(editor), {"go_live_at": "", "lessons": "on"}
    refused = client.post(hub(course), ticked).context["refused"]
    assert {type(problem.page) for problem in refused} == {LessonPage}, "no objective, and minutes to fill"
    assert not CoursePage.objects.live().exists()
    ready(course.lessons.get())
    client.post(hub(course), ticked)
    assert (CoursePage.objects.live().count(), LessonPage.objects.live().count()) == (3, 3)


def test_all_or_none_and_what_is_missing_is_said_with_a_link(course, logged_in, editor):
    page, client = rewrite(course, "ar", lead=" "), logged_in(editor)
    answer = client.post(hub(course), {"go_live_at": ""})
    assert not CoursePage.objects.live().exists()
    form = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert [problem.link for problem in answer.context["refused"]] == [f"{form}#:w:contentpath=lead"]
    assert f'href="{form}#:w:contentpath=lead"' in words_of(client.get(hub(course)))


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, []),
        ({"lead": ""}, ["lead"]),
        ({"title": ""}, ["title"]),
        ({"title": "", "lead": "\n"}, ["title", "lead"]),
        ({"lead": "x" * 501}, ["lead"]),
    ],
)
def test_what_keeps_a_page_from_being_published(change, fields, course):
    page = CoursePage.objects.filter(course=course).first()
    for name, value in change.items():
        setattr(page, name, value)
    stops = [problem for problem in problems(page) if problem.severity is not Severity.WARNS]
    assert sorted({problem.field for problem in stops}) == sorted(fields)


def test_a_later_draft_is_published_and_an_unchanged_page_is_left_alone(course, logged_in, editor):
    client = logged_in(editor)
    client.post(hub(course), {"go_live_at": ""})
    before = dict(CoursePage.objects.values_list("pk", "last_published_at"))
    page = rewrite(course, "en", title="Second title")
    assert states(client, course) == every("live") | {"en": "changed"}
    client.post(hub(course), {"go_live_at": ""})
    after = dict(CoursePage.objects.values_list("pk", "last_published_at"))
    assert {key for key in after if after[key] != before[key]} == {page.pk}
    assert CoursePage.objects.get(pk=page.pk).title == "Second title"


def test_pages_are_planned_for_one_moment_and_a_new_plan_takes_its_place(course, logged_in, editor):
    client, day = logged_in(editor), timezone.localtime() + timedelta(days=10)
    for moment in (day + timedelta(days=5), day):
        client.post(hub(course), {"go_live_at": f"{moment:%d/%m/%Y} 18:00"})
    assert states(client, course) == every("planned")
    assert f"{day.day} " in words_of(client.get(hub(course)))
    at = day.replace(hour=18, minute=1)
    with time_machine.travel(at.timestamp(), tick=False):
        assert len(schedule.due(at)) == 3 == schedule.run(at)
    assert CoursePage.objects.live().count() == 3


def test_a_page_that_would_end_first_is_not_planned(course, logged_in, editor):
    day = timezone.localtime() + timedelta(days=10)
    rewrite(course, "en", expire_at=day - timedelta(days=1))
    answer = logged_in(editor).post(hub(course), {"go_live_at": f"{day:%d/%m/%Y} 18:00"})
    (problem,) = answer.context["refused"]
    assert problem.page.locale.language_code == "en" and "prendrait fin avant" in problem.sentence


def test_a_lesson_no_longer_taught_holds_nothing_back(course, logged_in, editor):
    course.lessons.update(is_retired=True)
    logged_in(editor).post(hub(course), {"go_live_at": "", "lessons": "on"})
    assert (CoursePage.objects.live().count(), LessonPage.objects.live().count()) == (3, 0)


def test_who_edits_one_language_reads_no_draft_of_another(course, logged_in):
    person = StaffFactory(role="Editors")
    person.groups.clear()
    group = Group.objects.create(name="French only")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    french = CoursePage.objects.get(course=course, locale__language_code="fr")
    for kind in ("change_page", "add_page"):
        right = Permission.objects.get(codename=kind)
        GroupPagePermission.objects.create(group=group, page=french, permission=right)
    person.groups.add(group)
    rewrite(course, "ar", lead="")
    client = logged_in(person)
    shown = {state.language: state.problems for state in client.get(hub(course)).context["states"]}
    assert shown["ar"] == ()
    frame = {code: reverse("course_pages:frame", args=[course.pk, code]) for code in ("fr", "ar")}
    assert client.get(frame["fr"]).status_code == 200
    assert client.get(frame["ar"]).status_code == 302, "Wagtail's answer to who may not"


def test_a_plan_is_replaced_by_publishing_now(course, logged_in, editor):
    client = logged_in(editor)
    day = timezone.localtime() + timedelta(days=10)
    client.post(hub(course), {"go_live_at": f"{day:%d/%m/%Y} 18:00"})
    client.post(hub(course), {"go_live_at": ""})
    assert states(client, course) == every("live")
    assert schedule.due(day + timedelta(days=1)) == []


@pytest.mark.parametrize("typed", ["01/01/2020 10:00", "bientôt", "05/02/2027"])
def test_a_moment_that_is_past_or_cannot_be_read_publishes_nothing(typed, course, logged_in, editor):
    answer = logged_in(editor).post(hub(course), {"go_live_at": typed})
    assert answer.context["form"].errors["go_live_at"] and f'value="{typed}"' in words_of(answer)
    assert not CoursePage.objects.live().exists()


def test_pressed_twice_it_says_that_nothing_waits(course, logged_in, editor):
    client = logged_in(editor)
    client.post(hub(course), {"go_live_at": ""})
    revisions = CoursePage.objects.get(locale__language_code="fr").revisions.count()
    answer = client.post(hub(course), {"go_live_at": ""}, follow=True)
    assert "rien à publier" in words_of(answer)
    assert CoursePage.objects.get(locale__language_code="fr").revisions.count() == revisions


def test_a_page_that_somebody_else_has_locked_keeps_the_others(course, logged_in, editor, manager):
    Page.objects.filter(pk__in=CoursePage.objects.filter(locale__language_code="ar")).update(
        locked=True, locked_by=manager, locked_at=timezone.now()
    )
    answer = logged_in(editor).post(hub(course), {"go_live_at": ""})
    assert [problem.page.language for problem in answer.context["refused"]] == ["ar"]
    assert not CoursePage.objects.live().exists()


def test_who_may_edit_but_not_publish_sees_no_button_and_publishes_nothing(course, logged_in, editor):
    right = Permission.objects.get(codename="publish_page")
    GroupPagePermission.objects.filter(group__in=editor.groups.all(), permission=right).delete()
    client = logged_in(editor)
    page = client.get(hub(course))
    assert page.status_code == 200 and not page.context["may_publish"]
    assert 'name="go_live_at"' not in words_of(page)
    client.post(hub(course), {"go_live_at": ""})
    with pytest.raises(PermissionDenied):
        publish_together(CoursePage.objects.all(), by=editor)
    assert not CoursePage.objects.live().exists()


def test_without_a_page_in_every_language_there_is_nothing_to_publish(logged_in, editor, site_tree):
    course, client = CourseFactory(), logged_in(editor)
    add_course_page(site_tree, course, languages=("fr",))
    assert states(client, course) == {"fr": "live", "ar": "none", "en": "none"}
    assert 'name="go_live_at"' not in words_of(client.get(hub(course)))
    assert client.post(hub(course), {"go_live_at": ""}).status_code == 302


def test_a_course_without_pages_has_an_overview(logged_in, editor):
    course, client = CourseFactory(), logged_in(editor)
    assert states(client, course) == every("none")
    assert client.get(reverse("course_pages:preview", args=[course.pk])).status_code == 200


def test_the_overview_asks_as_many_queries_for_one_lesson_as_for_three(course, logged_in, editor, queries):
    client, counts = logged_in(editor), []
    SessionFactory(course=course)
    client.get(hub(course))
    for _round in range(2):
        with queries() as seen:
            client.get(hub(course))
        counts.append(len(seen))
        for _more in range(2):
            SessionFactory(course=course)
            LessonFactory(course=course, number=course.lessons.count() + 1)
    assert counts[0] == counts[1]


# ---- ways to it, and from it


def test_the_form_of_a_page_leads_to_the_overview_and_that_to_every_form(course, logged_in, editor):
    client = logged_in(editor)
    for page in CoursePage.objects.filter(course=course):
        form = reverse("wagtailadmin_pages:edit", args=[page.pk])
        assert f'href="{hub(course)}"' in words_of(client.get(form))
        assert f'href="{form}"' in words_of(client.get(hub(course)))


def test_the_list_of_courses_leads_to_the_overview(course, logged_in, editor):
    assert f'href="{hub(course)}"' in words_of(logged_in(editor).get(reverse("courses:index")))


def test_the_overview_names_sessions_in_their_state(course, logged_in, editor):
    session = SessionFactory(course=course, published_at=None)
    said = words_of(logged_in(editor).get(hub(course)))
    assert reverse("sessions:inspect", args=[session.pk]) in said and "Non publiée" in said


def test_a_manager_adds_a_session_of_this_course_from_the_overview(course, logged_in, manager):
    client, address = logged_in(manager), f"{reverse('sessions:add')}?course={course.pk}"
    assert f'href="{address}"' in words_of(client.get(hub(course)))
    assert f'<option value="{course.pk}" selected' in words_of(client.get(address))
    assert client.get(f"{reverse('sessions:add')}?course=x").status_code == 200


def test_save_and_go_to_the_next_language(course, logged_in, editor):
    client = logged_in(editor)
    pages = {page.language: page for page in CoursePage.objects.filter(course=course)}
    following = {"fr": "ar", "ar": "en", "en": "fr"}
    language = {"fr": "en arabe", "ar": "en anglais", "en": "en français"}
    for code, page in pages.items():
        url = reverse("wagtailadmin_pages:edit", args=[page.pk])
        form = words_of(client.get(url))
        assert 'name="action-next-language"' in form and f"Enregistrer et continuer {language[code]}" in form
        data = {"title": f"Autre {code}", "slug": page.slug, "course": course.pk, "lead": "", "makes": "null"}
        data |= {"for_whom": "", "after": "", "body-count": 0, "action-next-language": "x"}
        data |= {"comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0}
        answer = client.post(url, data)
        target = pages[following[code]]
        assert answer["Location"] == reverse("wagtailadmin_pages:edit", args=[target.pk])
        page.refresh_from_db()
        assert page.get_latest_revision_as_object().title == f"Autre {code}"
        assert not page.live


# ---- previews


def frame(client, course, look: str, language: str = "fr", **query):
    url = reverse("course_pages:frame", args=[course.pk, language])
    return client.get(url, {"look": look} | query)


def test_a_draft_is_seen_as_a_visitor_of_its_language_sees_it(course, logged_in, editor):
    rewrite(course, "ar", title="عنوان جديد")
    said = words_of(frame(logged_in(editor), course, "visitor", "ar"))
    assert "عنوان جديد" in said and 'lang="ar" dir="rtl"' in said
    assert "/cms/" not in said and "paper.css" not in said


def test_a_preview_on_paper_has_the_rules_of_print(course, logged_in, editor):
    client = logged_in(editor)
    sheet = reverse("course_pages:paper_css")
    assert sheet in words_of(frame(client, course, "paper"))
    rules = client.get(sheet).content.decode()
    assert "@media all" in rules and "@media print" not in rules


def test_another_day_shows_the_sessions_of_that_day(course, logged_in, editor):
    session, client = SessionFactory(course=course), logged_in(editor)
    shown = words_of(frame(client, course, "visitor"))
    after = session.last_on + timedelta(days=1)
    gone = words_of(frame(client, course, "later", day=f"{after:%Y-%m-%d}"))
    assert "Pas de dates en ce moment" in gone and "Pas de dates en ce moment" not in shown


def test_a_day_that_cannot_be_read_is_said(course, logged_in, editor):
    url = reverse("course_pages:preview", args=[course.pk])
    answer = logged_in(editor).get(url, {"look": "later", "day": "31/02/2027"})
    assert "n’existe pas" in words_of(answer) and 'value="31/02/2027"' in words_of(answer)
    assert frame(answer.client, course, "later", day="31/02/2027").status_code == 200


@pytest.mark.parametrize("look", ["visitor", "parent", "instructor", "child", "paper", "phone", "later", "x"])
def test_every_look_has_a_frame(look, course, logged_in, editor):
    client = logged_in(editor)
    page = client.get(reverse("course_pages:preview", args=[course.pk]), {"look": look, "language": "en"})
    assert page.status_code == 200 and "<iframe" in words_of(page)
    assert frame(client, course, look, "en").status_code == 200


@pytest.mark.parametrize(
    ("band", "said"),
    [
        ("B", "9-11 ans : un enfant de 9 ans peut venir."),
        ("C", "12-14 ans : un enfant de 9 ans ne peut pas venir."),
    ],
)
def test_a_parent_of_a_child_of_nine_is_told_whether_it_may_join(band, said, logged_in, editor, site_tree):
    course = CourseFactory(band=band)
    add_course_page(site_tree, course)
    url = reverse("course_pages:preview", args=[course.pk])
    assert said in words_of(logged_in(editor).get(url, {"look": "parent"}))


def test_instructor_and_child_get_their_faces_of_each_lesson(course, logged_in, editor):
    LessonFactory(course=course, number=2, title_ar="الدرس الثاني")
    client = logged_in(editor)
    for look in ("instructor", "child"):
        said = words_of(frame(client, course, look, "ar", lesson=2))
        assert "الدرس الثاني" in said and 'dir="rtl"' in said
        assert "الدرس 1" in words_of(frame(client, course, look, "ar"))
        assert frame(client, course, look, "ar", lesson=77).status_code == 200


def test_a_language_without_a_page_has_no_frame(logged_in, editor, site_tree):
    course = CourseFactory()
    add_course_page(site_tree, course, languages=("fr",))
    assert frame(logged_in(editor), course, "visitor", "ar").status_code == 404
