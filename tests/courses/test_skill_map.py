"""The map of skills: columns by what builds on what, mirrored for Arabic, nothing on top of anything."""

from itertools import combinations

import pytest

from courses.models import Skill
from courses.skill_map import ROOM, WIDE, grow, lay_out, wrapped
from tests.factories import SkillFactory

pytestmark = pytest.mark.django_db


def build(**below):
    """Return the skills of these codes, each with what it builds on, loaded as the pages load them."""
    made = {code: SkillFactory(code=code, name_fr=f"Savoir {code}") for code in below}
    for code, firsts in below.items():
        made[code].builds_on.set([made[first] for first in firsts])
    return list(
        Skill.objects.filter(pk__in=[skill.pk for skill in made.values()]).prefetch_related("builds_on")
    )


def drawn(skills, *, is_rtl=False):
    found = lay_out(skills, {skill.pk: "vu" for skill in skills}, font=None, is_rtl=is_rtl)
    return found, {box.skill.code: box for box in found.boxes}


def test_a_skill_stands_in_the_column_after_the_last_it_builds_on():
    skills = build(SEQ=[], EVT=["SEQ"], LOOP=["SEQ"], COND=["EVT", "LOOP"], ALONE=[])
    _found, at = drawn(skills)
    assert at["SEQ"].x == at["ALONE"].x < at["EVT"].x == at["LOOP"].x < at["COND"].x


def test_arabic_reads_the_mirror_image():
    skills = build(SEQ=[], EVT=["SEQ"], LOOP=["SEQ"])
    found, at = drawn(skills)
    turned, mirrored = drawn(skills, is_rtl=True)
    assert turned.width == found.width
    for code, box in at.items():
        assert mirrored[code].x == found.width - box.x - WIDE and mirrored[code].y == box.y
        assert mirrored[code].start > mirrored[code].x + WIDE / 2, "its words begin at the right"
    (one, *_more), (turned_one, *_more) = found.links, turned.links
    assert (turned_one.x, turned_one.to_x) == (found.width - one.x, found.width - one.to_x)


def test_boxes_never_overlap_and_stay_inside():
    skills = build(A=[], B=[], C=["A"], D=["A"], E=["A", "B"], F=["C", "E"], G=["B"], H=["F", "A"], I=[])
    found, at = drawn(skills)
    for one, other in combinations(at.values(), 2):
        assert one.x != other.x or abs(one.y - other.y) >= one.height
    assert all(
        box.x > 0 and box.x + WIDE < found.width and box.y + box.height < found.height for box in at.values()
    )
    numbers = [number for link in found.links for number in (link.x, link.y, link.to_x, link.to_y)]
    assert all(type(number) is int for number in numbers), "French would write 1,5"


def test_a_link_that_another_way_says_is_not_drawn():
    skills = build(LOOP=[], COND=["LOOP"], TEXT=["LOOP", "COND"])
    found, at = drawn(skills)
    assert len(found.links) == 2
    assert {link.to_x for link in found.links} == {at["COND"].x, at["TEXT"].x}


def test_what_builds_on_another_track_has_its_place_and_no_link():
    skills = build(OTHER=[], SEQ=["OTHER"], EVT=["SEQ"])
    mine = [skill for skill in skills if skill.code != "OTHER"]
    found, at = drawn(mine)
    assert at["SEQ"].x < at["EVT"].x and len(found.links) == 1


def test_skills_that_build_on_nothing_fill_rows():
    found, at = drawn(build(**{code: [] for code in "ABCDEFG"}))
    assert (
        len({box.x for box in at.values()}) == 5
        and len({box.y for box in at.values()}) == 2
        and not found.links
    )


def test_six_columns_fit_into_a_page():
    chain = build(A=[], B=["A"], C=["B"], D=["C"], E=["D"], F=["E"])
    found, at = drawn(chain)
    assert found.width <= ROOM and len({box.x for box in at.values()}) == 6
    assert at["A"].x + at["A"].width < at["B"].x
    assert drawn(chain[:5])[1]["A"].width == WIDE, "narrower only where it must be"


def shape(branches):
    return [(one.skill.code, [skill.code for skill in one.also], shape(one.branches)) for one in branches]


def test_on_a_narrow_screen_each_skill_stands_once_under_one_it_builds_on():
    skills = build(SEQ=[], EVT=["SEQ"], LOOP=["SEQ"], COND=["EVT", "LOOP"], TEXT=["LOOP", "COND"], ALONE=[])
    text = ("TEXT", [], [])
    below = [("EVT", [], [("COND", ["LOOP"], [text])]), ("LOOP", [], [])]
    assert sorted(shape(grow(skills))) == [("ALONE", [], []), ("SEQ", [], below)]


def test_a_circle_in_old_data_ends():
    skills = build(A=["B"], B=["A"], C=["B"])
    assert len(drawn(skills)[0].boxes) == 3
    assert len(str(shape(grow(skills))).split("'")) // 2 >= 3, "none is lost"


@pytest.mark.parametrize(
    ("words", "lines"),
    [("Se repérer avec x et y", 2), ("Anticonstitutionnellement", 1), ("", 0)],
)
def test_names_are_wrapped_at_words(words, lines):
    found = wrapped(words, 120, None)
    assert len(found) == lines and " ".join(found) == words
