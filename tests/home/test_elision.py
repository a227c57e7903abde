"""Names after "de" and "que" in French."""

import re

import pytest
from babel.messages.pofile import read_po
from django.utils import translation

from academy.messages import path_of
from home.language.elision import of_name, that_name


@pytest.mark.parametrize(
    ("name", "of", "that"),
    [
        ("Adam", "d’Adam", "qu’Adam"),
        ("Élias", "d’Élias", "qu’Élias"),
        ("E\u0301lias", "d’E\u0301lias", "qu’E\u0301lias"),
        ("INÈS", "d’INÈS", "qu’INÈS"),
        ("Œnone", "d’Œnone", "qu’Œnone"),
        ("Hicham", "d’Hicham", "qu’Hicham"),
        ("Hélène", "d’Hélène", "qu’Hélène"),
        ("Hans", "de Hans", "que Hans"),
        ("Hans-Peter", "de Hans-Peter", "que Hans-Peter"),
        ("Oussama", "d’Oussama", "qu’Oussama"),
        ("Ouafae", "de Ouafae", "que Ouafae"),
        ("Yasmine", "de Yasmine", "que Yasmine"),
        ("Yves", "d’Yves", "qu’Yves"),
        ("Salma", "de Salma", "que Salma"),
        ("سلمى", "de سلمى", "que سلمى"),
        ("A", "d’A", "qu’A"),
        ("H.", "d’H.", "qu’H."),
        ("Y", "de Y", "que Y"),
        ("", "de ", "que "),
    ],
)
def test_french_elides_before_a_vowel_and_a_mute_h(name, of, that):
    with translation.override("fr"):
        assert (of_name(name), that_name(name)) == (of, that)
    for language in ("ar", "en"):
        with translation.override(language):
            assert (of_name(name), that_name(name)) == (name, name)


# What is no name of a person: figures, days, hours, and what is in quotation marks.
OTHERS = {
    "age", "amount", "at", "count", "day", "from", "full", "hour", "hours", "max", "min", "minutes", "missed",
    "number", "percent", "price", "rhythm", "term", "until", "usual", "when", "limit_value", "show_value",
    "begins", "infill", "wall",
}  # fmt: skip
BEFORE_NAME = re.compile(r"\b(?:d|qu)(?:e |’|')(?:<[^>]*>)?%\((\w+)\)s", re.I)


def test_no_french_sentence_puts_de_or_que_before_a_name():
    """The name comes with its preposition: of_child, that_child (home/language/elision.py)."""
    wrong = []
    with path_of("fr").open("rb") as file:
        for message in read_po(file, locale="fr"):
            said = message.string if isinstance(message.string, list | tuple) else [message.string]
            wrong += [text for text in said for key in BEFORE_NAME.findall(text or "") if key not in OTHERS]
    assert wrong == []


def test_control_a_name_after_de_is_seen():
    assert BEFORE_NAME.findall("Le dossier de %(child)s, ce que <bdi>%(name)s</bdi> dit") == ["child", "name"]
