"""Numbers and short words on which a line does not break."""

import pytest

from home.language.unbroken import unbroken


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("+212 6 12 34", "+212\xa06\xa012\xa034"),
        ("RIB 000 780 01 <b>", "RIB 000\xa0780\xa001 &lt;b&gt;"),
        ("un e-mail à 9 h", "un e-\u2060mail à 9 h"),
        ("rendez-vous, L-9", "rendez-vous, L-9"),
    ],
)
def test_a_line_does_not_break_within(words, kept):
    assert unbroken(words) == kept
