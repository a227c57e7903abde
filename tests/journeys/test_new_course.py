"""A new course in three languages, in French, from the first page of the CMS to three live pages.

A click is a press of the mouse or of Enter on a link or a button; Tab and typing are free.
"""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from courses.models import Course, CoursePage, Lesson
from tests.factories import AgeBandFactory, CourseFactory, StaffFactory, TrackFactory, add_course_page
from tests.journeys.conftest import DESKTOP, PHONE
from tests.photos import taken, upload

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TABLE = "Deux\tاثنان\tTwo\t45\nUn\tواحد\tOne\t60\tFaire un jeu"
PASTE = """
(box, words) => {
  const data = new DataTransfer();
  data.setData('text/plain', words);
  box.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
}
"""


class Editor:
    """The screen of somebody who works in the CMS, counting clicks."""

    def __init__(self, page):
        self.page, self.clicks = page, 0

    def click(self, name: str, role="link"):
        self.page.get_by_role(role, name=name, exact=True).first.click()
        self.clicks += 1

    def type(self, *words: str):
        """Type into the box that has the focus, then into those that follow."""
        for text in words:
            self.page.keyboard.insert_text(text)
            self.page.keyboard.press("Tab")

    def choose(self, name: str, option: str):
        """Choose by the keyboard in the list that has the focus: its first letters."""
        assert self.page.evaluate("document.activeElement.name") == name
        self.page.keyboard.type(option)
        self.page.keyboard.press("Tab")


def test_a_new_course_is_live_in_three_languages_with_a_few_clicks(
    academy_settings, site_tree, new_page, log_in
):
    TrackFactory(), AgeBandFactory()
    manager = StaffFactory(role="Programme managers")
    page = log_in(new_page(size=DESKTOP), manager.email)
    page.goto(reverse("wagtailadmin_home"))
    work = Editor(page)
    work.click("Nouveau cours…")
    page.locator('[name="code"]').click()
    work.clicks += 1
    work.type("CODE-D")
    work.choose("track", "Prog")
    work.choose("band", "9")
    work.type("1200", "8", "60")
    page.keyboard.press("Tab")  # a course that has no pages yet: not this one
    work.type("Jeux en Python", "ألعاب بلغة بايثون", "Games in Python")
    work.type("Un premier jeu.", "لعبة أولى.", "A first game.")
    work.type("Un jeu", "لعبة", "A game")
    page.locator('[name="lessons-0-title_fr"]').evaluate(PASTE, TABLE)
    page.wait_for_selector('[name="lessons-1-title_fr"][value="Un"]')
    page.get_by_role("button", name="Descendre la leçon 1").click()
    work.clicks += 1
    with page.expect_file_chooser() as chooser:
        page.locator('[name="picture"]').click()
        work.clicks += 1
    file = upload(taken(), "robot.jpg")
    chooser.value.set_files({"name": file.name, "mimeType": "image/jpeg", "buffer": file.read()})
    for code, words in {"fr": "Un robot", "ar": "روبوت", "en": "A robot"}.items():
        page.fill(f'[name="alt_{code}"]', words)
    work.click("Créer les trois brouillons", "button")
    page.wait_for_url(re.compile(r"/cms/course-pages/\d+/$"))
    course = Course.objects.get()
    assert list(Lesson.objects.order_by("number").values_list("title_fr", "title_ar")) == [
        ("Un", "واحد"),
        ("Deux", "اثنان"),
    ]
    work.click("Publier les trois", "button")
    expect(page.locator(".messages")).to_contain_text("3 pages sont en ligne.")
    hub = page.url
    for name, title in (
        ("Français", "Jeux en Python"),
        ("العربية", "ألعاب بلغة بايثون"),
        ("English", "Games in Python"),
    ):
        page.get_by_role("link", name=f"Voir\u00a0: {name}").click()
        work.clicks += 1
        expect(page.locator("h1")).to_have_text(title)
        page.goto(hub)
    assert work.clicks <= 12, work.clicks
    assert CoursePage.objects.live().filter(course=course).count() == 3


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_the_screens_fit_a_telephone_and_have_no_barrier(
    language, academy_settings, site_tree, new_page, log_in, complaints_of_axe
):
    course = CourseFactory(lessons=1)
    add_course_page(site_tree, course)
    editor = StaffFactory(role="Programme managers", language=language)
    page = log_in(new_page(size=PHONE, language=language), editor.email)
    for address in (
        reverse("course_pages:new"),
        reverse("course_pages:hub", args=[course.pk]),
        reverse("course_pages:preview", args=[course.pk]),
    ):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], address
        assert complaints_of_axe(page) == [], address
