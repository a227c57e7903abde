"""Formats of dates, times and money: French, Moroccan Arabic, English."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation
from django.utils.html import conditional_escape
from hypothesis import given
from hypothesis import strategies as st

from home.language import dates

LANGUAGES = ("fr", "ar", "en")


def said(language, ask, *values):
    with translation.override(language):
        return str(ask(*values))


DAY = date(2026, 12, 5)


@pytest.mark.parametrize(
    ("ask", "value", "fr", "ar", "en"),
    [
        (dates.day_words, DAY, "samedi 5 décembre 2026", "السبت 5 دجنبر 2026", "Saturday 5 December 2026"),
        (dates.day_short, DAY, "sam. 5 déc.", "السبت 5 دجنبر", "Sat 5 Dec"),
        (dates.date_words, DAY, "5 décembre 2026", "5 دجنبر 2026", "5 December 2026"),
        (dates.weekday_words, 5, "samedi", "السبت", "Saturday"),
        (dates.weekday_words, 0, "lundi", "الاثنين", "Monday"),
        (dates.clock_words, time(15, 5), "15:05", "15:05", "15:05"),
    ],
)
def test_days_and_hours_read_as_they_are_said_in_morocco(ask, value, fr, ar, en):
    assert [said(language, ask, value) for language in LANGUAGES] == [fr, ar, en]


def test_the_first_of_a_month_is_an_ordinal_in_french_alone():
    first = date(2026, 12, 1)
    assert said("fr", dates.day_words, first) == "mardi 1er décembre 2026"
    assert said("fr", dates.day_short, first) == "mar. 1er déc."
    assert said("fr", dates.date_words, first) == "1er décembre 2026"
    assert said("fr", dates.date_words, date(2026, 12, 11)) == "11 décembre 2026"
    assert said("ar", dates.date_words, first) == "1 دجنبر 2026"
    assert said("en", dates.date_words, first) == "1 December 2026"


@pytest.mark.parametrize(
    ("month", "name"), [(7, "يوليوز"), (8, "غشت"), (9, "شتنبر"), (11, "نونبر"), (12, "دجنبر")]
)
def test_arabic_months_are_those_of_morocco(month, name):
    assert name in said("ar", dates.date_words, date(2026, month, 1))


def test_an_instant_is_told_on_the_academys_clock_before_and_after_september_2026():
    before, after = datetime(2026, 9, 19, 14, tzinfo=UTC), datetime(2026, 9, 20, 14, tzinfo=UTC)
    assert (dates.clock_words(before), dates.clock_words(after)) == ("15:00", "14:00")
    late = datetime(2026, 9, 18, 23, 30, tzinfo=UTC)  # half past midnight of the 19th in Tangier
    assert said("fr", dates.day_words, late) == "samedi 19 septembre 2026"


@pytest.mark.parametrize(
    ("amount", "fr", "en"),
    [
        (1200, "1 200,00 DH", "1,200.00 MAD"),
        (Decimal("0"), "0,00 DH", "0.00 MAD"),
        (Decimal("1600.5"), "1 600,50 DH", "1,600.50 MAD"),
        (Decimal("0.005"), "0,01 DH", "0.01 MAD"),  # half up, once
        (Decimal("0.0049"), "0,00 DH", "0.00 MAD"),
        (Decimal("1234567.895"), "1 234 567,90 DH", "1,234,567.90 MAD"),
        (Decimal("-170"), "\N{MINUS SIGN}170,00 DH", "\N{MINUS SIGN}170.00 MAD"),  # no hyphen
    ],
)
def test_money_reads_in_dirhams(amount, fr, en):
    plain = [
        said(language, dates.money_words, amount).replace("\N{NO-BREAK SPACE}", " ") for language in LANGUAGES
    ]
    assert plain == [fr, f"\N{LEFT-TO-RIGHT ISOLATE}{fr}\N{POP DIRECTIONAL ISOLATE}", en]


def test_no_amount_is_said_with_no_words():
    assert dates.money_words(None) == ""


@given(amount=st.decimals(0, 999_999, places=2, allow_nan=False), language=st.sampled_from(LANGUAGES))
def test_an_amount_never_breaks_over_two_lines(amount, language):
    assert " " not in said(language, dates.money_words, amount)


def test_a_count_out_of_a_whole_keeps_its_order_in_arabic():
    assert said("fr", dates.out_of, 11, 12) == "11\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}12"
    run = said("ar", dates.out_of, 11, 12)
    assert (run[0], run[-1]) == ("\N{LEFT-TO-RIGHT ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}")


def test_a_range_of_hours_stays_whole_in_arabic():
    assert said("fr", dates.hours_words, time(14), time(15, 30)) == "14:00–15:30"
    assert (
        said("ar", dates.hours_words, time(14), time(15, 30))
        == "\N{LEFT-TO-RIGHT ISOLATE}14:00–15:30\N{POP DIRECTIONAL ISOLATE}"
    )


def test_what_a_person_typed_is_escaped_inside_its_isolate():
    assert dates.ltr("<b>06") == '<bdi dir="ltr">&lt;b&gt;06</bdi>'


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_hours_do_not_break_at_their_dash_on_a_page_and_are_plain_text_elsewhere(language):
    with translation.override(language):
        run = dates.hours_words(time(12, 15), time(13, 45))
        page = Template("{{ run }}|{% autoescape off %}{{ run }}{% endautoescape %}").render(
            Context({"run": run})
        )
        spelled = dates.spelled_words(date(2026, 12, 5), time(12, 15), time(13, 45))
        assert page == f"{run.replace('–', dates.JOINER + '–' + dates.JOINER)}|{run}"
        assert dates.JOINER not in spelled and conditional_escape(spelled).count(dates.JOINER) == 2
        assert conditional_escape(dates.Hours("a<b – c")) == "a&lt;b – c"


def test_a_text_on_one_line_keeps_its_no_break_spaces():
    assert dates.one_line(" Impression prête\xa0:\n\t Adam\u2028 \xa0", 80) == "Impression prête\xa0: Adam"
    assert dates.one_line("a\0\ud800b" * 50, 3) == "aba"
