"""Words typed by the team in one language, as readers of the others get them."""

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy

from home.language.typed_words import for_each_reader


@pytest.mark.parametrize(
    ("screen", "typed", "reader", "read"),
    [
        ("fr", "La salle est prise", "fr", "La salle est prise"),
        ("fr", "La salle est prise", "ar", "«\u2068La salle est prise\u2069» (بالفرنسية)"),
        ("ar", "La salle est prise", "fr", "La salle est prise"),
        ("fr", "القاعة مشغولة", "ar", "القاعة مشغولة"),
        ("fr", "القاعة مشغولة", "en", "“\u2068القاعة مشغولة\u2069” (in Arabic)"),
        ("en", "The room is taken", "fr", "«\xa0\u2068The room is taken\u2069\xa0» (en anglais)"),
    ],
)
def test_typed_words_are_a_quotation_in_another_language(screen, typed, reader, read):
    with translation.override(screen):
        words = for_each_reader(typed)
    with translation.override(reader):
        assert str(words) == read


def test_what_is_translated_already_and_nothing_stay_as_they_are():
    assert for_each_reader("") == ""
    lazy = gettext_lazy("the weather")
    assert for_each_reader(lazy) is lazy
    assert for_each_reader(once := for_each_reader("Panne")) is once
