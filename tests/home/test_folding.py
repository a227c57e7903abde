"""Folding of search words, the same for index and query."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from home.language.folding import fold, folded_words, stem


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("Robots", "robot", "fr"),
        ("programmation", "programmations", "fr"),
        ("Déplacé", "deplace", "fr"),
        ("l'imprimante", "imprimantes", "fr"),
        ("games", "game", "en"),
        ("printing", "print", "en"),
        ("stories", "story", "en"),
        ("الروبوت", "روبوت", "ar"),
        ("والروبوت", "روبوت", "ar"),
        ("بالروبوت", "روبوت", "ar"),
        ("بَرْمَجَة", "برمجة", "ar"),
        ("البرمجة", "برمجه", "ar"),
        ("ألعاب", "العاب", "ar"),
        ("طباعـــة", "الطباعة", "ar"),
        ("إلى", "الي", "ar"),
        ("Scratch", "scratch", "ar"),
    ],
)
def test_words_that_mean_the_same_fold_alike(one, other, language):
    assert folded_words(one, language) == folded_words(other, language)


@pytest.mark.parametrize(
    ("one", "other", "language"), [("robot", "roman", "fr"), ("برمجة", "طباعة", "ar"), ("game", "gate", "en")]
)
def test_other_words_stay_apart(one, other, language):
    assert folded_words(one, language) != folded_words(other, language)


def test_small_words_are_left_out():
    assert folded_words("le robot de la maison", "fr") == folded_words("robot maison", "fr")
    assert folded_words("the robot of my house", "en") == folded_words("robot house", "en")
    assert folded_words("من الروبوت إلى البيت", "ar") == folded_words("روبوت بيت", "ar")


@pytest.mark.parametrize("nothing", ["", "   ", "…!?", "le la les", "\x00", "\u200f"])
def test_nothing_folds_to_nothing(nothing):
    assert folded_words(nothing, "fr") == []


def test_a_short_word_keeps_its_letters():
    assert stem("الا", "ar") == "الا"


@given(text=st.text(max_size=200), language=st.sampled_from(["fr", "ar", "en"]))
def test_whatever_is_typed_folds_and_folding_twice_changes_nothing(text, language):
    assert fold(fold(text)) == fold(text)
    assert all(isinstance(word, str) and word for word in folded_words(text, language))
