"""The words nearest to a misspelled one: as few slips as possible, and none for short words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from home.language.spelling import nearest, slips

KNOWN = ["python", "robotique", "robot", "scratch", "impression", "jeu", "سكراتش", "بايثون"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("pyton", ["python"]),  # a letter missed
        ("pythonn", ["python"]),  # added
        ("pithon", ["python"]),  # changed
        ("pytohn", ["python"]),  # swapped
        ("phyton", ["python"]),  # two slips in six letters
        ("robo", ["robotique", "robot"]),  # begun
        ("robt", ["robot"]),
        ("inpresion", ["impression"]),
        ("xcratsh", []),  # two slips, and another first letter
        ("pyth", ["python"]),
        ("pto", []),
        ("jue", []),  # too short to be corrected
        ("سكراش", ["سكراتش"]),
        ("", []),
    ],
)
def test_the_nearest_words(typed, found):
    assert nearest(typed, KNOWN) == found


@given(one=st.text(max_size=12), other=st.text(max_size=12))
def test_slips_are_the_same_both_ways_and_none_between_equals(one, other):
    assert slips(one, one, 2) == 0
    assert slips(one, other, 30) == slips(other, one, 30)
    assert (slips(one, other, 2) <= 2) == (slips(one, other, 30) <= 2)
