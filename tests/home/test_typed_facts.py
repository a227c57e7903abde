"""What counts as a price, a date, an age or a place that was typed, and what does not."""

import pytest

from home.cms.gate import readability
from home.cms.gate.typed_facts import ages, dates, places, prices

PRICES = [
    ("Le cours coûte 250 MAD.", ["250 MAD"]),
    ("250 DH par séance", ["250 DH"]),
    ("1\u00a0200,00\u00a0DH le trimestre", ["1\u00a0200,00\u00a0DH"]),
    ("entre 250 et 300 dirhams", ["300 dirhams"]),
    ("MAD 1200 a term, or 110 €", ["MAD 1200", "110 €"]),
    ("الثمن 250 د.م.", ["250 د.م."]),
    ("الثمن ٢٥٠ درهما", ["٢٥٠ درهما"]),
    ("300\u2009DH", ["300\u2009DH"]),
    ("ثلاثة دراهم", []),
    ("1 dhow, 3D, 2018", []),
    ("12 madrasas et 5 DHT11", []),
    ("250 دم", []),  # blood
]
DATES = [
    ("Rentrée le 12 mars 2027.", ["12 mars 2027"]),
    ("le 1er avril", ["1er avril"]),
    ("12/03/2027 ou 2027-03-12", ["12/03/2027", "2027-03-12"]),
    ("le 12/03", ["le 12/03"]),
    ("sam. 5 déc. ou 12 jan. 2027", ["5 déc.", "12 jan. 2027"]),
    ("Dec 7, 7 Sept. 2027", ["Dec 7", "7 Sept. 2027"]),
    ("MARS 2027", ["MARS 2027"]),
    ("from 12 March, March 12th, 2027 or March 2027", ["12 March", "March 12th, 2027", "March 2027"]),
    ("يوم 12 مارس 2027", ["12 مارس 2027"]),
    ("في ٥ دجنبر", ["٥ دجنبر"]),
    ("ابتداء من شتنبر 2027", ["شتنبر 2027"]),
    ("Né en 2018, il a deux ans", []),
    ("micro:bit v2, Python 3.11.2, Scratch 3.0, version 1.2.30", []),
    ("Mission Mars 2027", []),  # a planet: French writes the month without a capital
    ("la moitié, 1/2 ou 3/4", []),
    ("192.168.1.10", []),
    ("You may use 3D", []),
    ("32/01/2027 et 12/13/2027", []),
]
AGES = [
    ("Pour les 8-10 ans", ["8-10 ans"]),
    ("de 7 à 8\u00a0ans", ["7 à 8\u00a0ans"]),
    ("Dès 9 ans, à partir de 12 ans", ["Dès 9 ans", "à partir de 12 ans"]),
    ("À 12 ans, dès 9ans", ["À 12 ans", "dès 9ans"]),
    ("For children aged 9 to 11", ["aged 9 to 11"]),
    ("a 9-year-old, 9–11 years", ["9-year-old", "9–11 years"]),
    ("من 8 إلى 10 سنوات", ["من 8 إلى 10 سنوات"]),
    ("للأطفال ٨-١٠ سنوات", ["٨-١٠ سنوات"]),
    ("ابتداء من 9 سنوات، وفي سن 12", ["ابتداء من 9 سنوات", "سن 12"]),
    ("un robot de deux ans, un club né en 2018", []),
    ("plus de 10 ans d'expérience", []),
    ("Elle enseigne depuis 8 ans", []),
    ("des formations de 20 à 30 ans", []),  # no child of ours
    ("2 à 18 ans", []),  # below the youngest age that a band may have
    ("منذ 8 سنوات", []),
    ("page 12, 3D", []),
]


@pytest.mark.parametrize(("text", "found"), PRICES)
def test_an_amount_of_money_is_found_in_three_languages(text, found):
    assert prices(text) == found


@pytest.mark.parametrize(("text", "found"), DATES)
def test_a_day_or_a_month_of_a_year_is_found_in_three_languages(text, found):
    assert dates(text) == found


@pytest.mark.parametrize(("text", "found"), AGES)
def test_the_age_of_a_child_is_found_in_three_languages(text, found):
    assert ages(text) == found


def test_a_date_of_the_past_is_history_from_the_year_before_the_first_that_counts():
    text = "février 2018, 12/03/2025, 12 mars 2026 et le 3 mai"
    assert dates(text, history=2026) == ["12 mars 2026", "3 mai"]


def test_a_venue_is_found_by_its_whole_name_whatever_the_spaces_and_capitals():
    names = ["Technopark", "Technopark de Tanger", "تكنوبارك طنجة", ""]
    assert places("Au TECHNOPARK  de\u00a0Tanger.", names) == ["Technopark de Tanger"]
    assert places("في تكنوبارك طنجة", names) == ["تكنوبارك طنجة"]
    assert places("Technoparks de Tangerine", names) == []


# ---- readability

EASY = {
    "fr": "Le robot va au bout. Il prend la balle. Puis il revient. " * 4,
    "ar": "يمشي الروبوت إلى الباب. يأخذ الكرة. ثم يعود. " * 5,
    "en": "The robot goes to the end. It takes the ball. Then it comes back. " * 4,
}
HARD = {
    "fr": "La programmation algorithmique multidimensionnelle nécessite indubitablement l'appropriation "
    "progressive de connaissances mathématiques complémentaires particulièrement approfondies " * 3,
    "ar": "تستلزمون الاستراتيجيات المستقبليات والاستكشافات المتعددات للخوارزميات والمصطلحات المتخصصات " * 5,
    "en": "Multidimensional algorithmic programming necessitates comprehensive mathematical understanding "
    "encompassing complementary sophisticated representations " * 4,
}


@pytest.mark.parametrize("language", EASY)
def test_short_sentences_are_easy_and_long_words_are_hard_in_each_language(language):
    assert not readability.is_hard(EASY[language], language, up_to_age=8)
    assert readability.is_hard(HARD[language], language)


@pytest.mark.parametrize(("age", "limit"), [(8, 45), (9, 50), (11, 50), (12, 55), (14, 55), (None, 60)])
def test_the_limit_depends_on_the_age_of_the_readers(age, limit):
    sentence = " ".join(["mot"] * limit)  # one sentence without a long word: its LIX is its length
    assert not readability.is_hard(sentence, "fr", up_to_age=age)
    assert readability.is_hard(sentence + " mot", "fr", up_to_age=age)


def test_a_short_text_is_not_measured():
    words = " ".join(["mot"] * (readability.FEWEST - 1))
    assert readability.lix(words, "fr") is None
    assert readability.lix(words + " mot", "fr") == readability.FEWEST


def test_a_long_word_has_more_than_six_letters_and_in_arabic_five_without_the_article():
    filler = ". ".join(["mot mot mot mot mot"] * 6)
    assert readability.lix(filler, "fr") == 5
    assert readability.lix(filler.replace("mot", "maison"), "fr") == 5
    assert readability.lix(filler.replace("mot", "maisons"), "fr") == 105
    assert readability.lix(filler.replace("mot", "الروبوت"), "ar") == 5
    assert readability.lix(filler.replace("mot", "والروبوتات"), "ar") == 105
