"""Parts of public pages that are kept while the process lives: made of what they show, and nothing else."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import timezone, translation

from courses.catalogue.browse import Card, FilterBox
from courses.catalogue.course_cards import Told
from courses.catalogue.filters import Filters
from courses.catalogue.session_rows import FACTS, SessionRow, current_lines, with_place
from courses.models import Session
from home.templatetags.kept import _rendered, part
from tests.factories import CourseFactory, SessionFactory, add_course_page

pytestmark = pytest.mark.django_db
CARD, ROW = "courses/catalogue_card.html", "courses/session_row.html"
READ = {"pk", "first_on", "last_on", "weekday", "starts", "ends", "language", "price", "beginners_welcome"}


class Watched:
    """A session that notes what is read of it."""

    def __init__(self, session: Session, read: set[str]):
        self.session, self.read = session, read

    def __getattr__(self, name: str):
        if name == "rhythm":  # words of its own, made of what is read below
            return Session.rhythm.fget(self)
        self.read.add(name)
        return getattr(self.session, name)


@pytest.fixture
def row() -> SessionRow:
    session = SessionFactory(beginners_welcome=True)
    [line] = current_lines(with_place(Session.objects.filter(pk=session.pk).listed(), "fr"), timezone.now())
    return line


@pytest.fixture
def told() -> Told:
    return Told(1, "CODE-A", "Les petits conteurs", "", "/fr/cours/code-a/", "Une histoire", "Un conte",
                "CODE", "Code", "code", 1, "A", "7–8 ans", "Les curieux", 7, 8, 12, 90, 1600)  # fmt: skip


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_a_row_shows_nothing_of_its_session_that_does_not_tell_two_rows_apart(row, told, language):
    read: set[str] = set()
    watched = SessionRow(Watched(row.session, read), row.standing, row.venue, row.city, row.started)
    with translation.override(language):
        render_to_string(ROW, {"shown": watched})
        render_to_string(CARD, {"shown": Card(told, (watched,), 0, told.price, False)})
    assert read == READ
    assert FACTS(row.session) == tuple(getattr(row.session, name) for name in (
        "pk", "first_on", "last_on", "weekday", "starts", "ends", "language", "price", "beginners_welcome"
    ))  # fmt: skip


def test_rows_that_look_the_same_are_equal_and_others_are_not(row):
    again = SessionRow(row.session, row.standing, row.venue, row.city, row.started)
    assert again == row and hash(again) == hash(row) and row != "row"
    assert replace(row, standing=replace(row.standing, words="Plus que 2 places")) != row
    assert all(replace(row, **{name: "autre"}) != row for name in ("venue", "city", "started"))
    other = Session.objects.get(pk=row.session.pk)
    other.price += 100
    assert replace(row, session=other) != row


def test_each_word_of_a_course_and_of_its_card_makes_another_card(told, row):
    card = Card(told, (row,), 0, told.price, False)
    for field in fields(Told):
        assert replace(card, course=replace(told, **{field.name: "autre"})) != card
    assert replace(card, lines=()) != card and replace(card, more=1) != card


def test_a_part_is_made_once_for_a_language_and_shows_what_changes_at_once(told, row):
    card = Card(told, (row,), 0, told.price, False)
    _rendered.cache_clear()
    with translation.override("fr"):
        first = part(CARD, card)
        assert part(CARD, replace(card)) is first
        assert "1&nbsp;700" in part(CARD, replace(card, lowest=1700)).replace("\u00a0", "&nbsp;").replace(
            "\u202f", "&nbsp;"
        )
    with translation.override("ar"):
        assert part(CARD, card) != first
    assert _rendered.cache_info().hits == 1


def test_what_a_visitor_typed_is_not_kept(client, site_tree):
    course = CourseFactory(code="CODE-A", track="CODE", band="A")
    add_course_page(site_tree, course)
    SessionFactory(course=course, first_on=timezone.localdate() + timedelta(days=30))
    _rendered.cache_clear()
    client.get("/fr/cours/?age=7")  # the card of the course, and the box of that age
    kept = _rendered.cache_info().currsize
    assert kept == 2
    for typed in ("?q=zerrobot", "?q=robot", "?born=2018-05-17", "?born=2018-05-18"):
        assert client.get(f"/fr/cours/{typed}").status_code == 200
    assert FilterBox("/fr/cours/", Filters(q="zerrobot"), ()).is_typed
    assert _rendered.cache_info().currsize == kept
    client.get("/fr/cours/?age=8")
    assert _rendered.cache_info().currsize == kept + 1, (
        "the box of an age is, the boxes of typed words were not"
    )
