"""Sizes of files, in one family of units."""

import pytest
from django.utils import translation

from home.language.sizes import size_words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "0,1 ko"),
        (11_536, "11,3 ko"),
        (1000 * 1024 - 1, "1000,0 ko"),
        (1000 * 1024, "1,0 Mo"),
        (25 * 1024**2, "25,0 Mo"),
    ],
)
def test_french_says_ko_and_mo(count, words):
    with translation.override("fr"):
        assert size_words(count) == words.replace(" ", "\N{NO-BREAK SPACE}")


def test_each_language_has_its_own_units():
    for language, unit in (("en", "MB"), ("ar", "ميغابايت")):
        with translation.override(language):
            assert size_words(3_000_000).endswith(f"\N{NO-BREAK SPACE}{unit}")
