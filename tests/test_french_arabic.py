"""French and Arabic as they are written in Morocco: a turn of phrase that was met and replaced does not come
back.

A rule is a pattern, what to write instead, one example it must find and one it must leave alone. It holds for
the catalogues, and, unless it says otherwise, for the content the project brings (academy/demo).
"""

import re
from collections.abc import Iterator
from functools import cache
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
from babel.messages.pofile import read_po

from academy import messages
from academy.demo.words import FOLDER, read


class Rule(NamedTuple):
    pattern: str
    instead: str
    found: str
    passed: str
    content: bool = True  # whether it holds for academy/demo too


NAME = r"%\((child|name|by|names|children)\)s"
FRENCH = [
    Rule(r"[^\W\d_]'[^\W_]|[^\W\d_]'[%«]", "’", "l'enfant", "l’enfant"),
    Rule("[ \u202f](?=[:;?!»])", "a no-break space (U+00A0)", "Quand ?", "Quand\xa0?"),
    Rule("«(?!\xa0)", "a no-break space (U+00A0)", "« Scratch\xa0»", "«\xa0Scratch\xa0»"),
    Rule(
        r"(?<![\w/])[^\W\d_]{3,}[;?!»]|(?<![\w/])[^\W\d_]{3,}: ",
        "a no-break space (U+00A0)",
        "Enfant: Adam",
        "Enfant\xa0: Adam",
    ),
    Rule(
        rf"\b(de|que|d’|qu’) ?{NAME}",
        "a noun, a colon and the name",
        "La place de %(child)s",
        "Enfant\xa0: %(child)s",
    ),
    Rule(
        r"\b[Ll]ettres?\b(?!, espaces)|\b[Cc]ourriers?\b(?! indésirable)",
        "e-mail, message",
        "prévenus par lettre",
        "prévenus par e-mail",
        content=False,
    ),
    Rule(r"\b[Rr]endue?s?\b", "remboursé, libéré", "Tout est rendu.", "Tout est remboursé."),
    Rule(r"n’est dû\b", "rien à payer", "Rien n’est dû.", "Rien à payer."),
    Rule(r"\bpremier cours\b", "première séance", "avant le premier cours", "avant la première séance"),
    Rule(r"\b[Ii]ntervenante?s?\b", "animateur·rice", "l’intervenant", "l’animateur ou l’animatrice"),
    Rule(r"\b[Oo]ffres?\b", "proposition", "L’offre a expiré.", "La proposition a expiré."),
    Rule(r"\b[Ss]econd facteur\b", "double vérification", "Second facteur", "Double vérification"),
    Rule(r"SHA-256", "code de contrôle", "Empreinte (SHA-256)", "Code de contrôle"),
    Rule(
        r"\b[Rr]esponsables?\b(?! léga)",
        "responsable légal (a guardian), direction (a manager)",
        "un responsable",
        "un responsable légal",
        content=False,
    ),
    Rule(r"\bVide\xa0:", "Laissez vide", "Vide\xa0: partout.", "Laissez vide."),
    Rule(
        r"\b(répond|répondre|répondez|réponde) (aussi )?(de|d’un|d’eux)\b",
        "suivre",
        "répondre de lui",
        "suivre",
    ),
    Rule(r"gourde", "bouteille d’eau", "une gourde", "une bouteille d’eau"),
]
ARABIC = [
    Rule("\u064b", "no tanwin on an alif", "شكرًا", "شكرا"),
    Rule(r"[ء-ي] ?, |(?<!^نعم),(?=[ء-ي])", "،", "نعم, شكرا", "نعم، شكرا"),
    Rule(
        rf"(التخلي عن|استرجاع|حجز) (ال)?مكان|مكان (متاح|محفوظ|معروض|محجوز)"
        rf"|[لب]ـ? ?{NAME} مكان|أماكنكم|الأماكن المشغولة",
        "مقعد",
        "التخلي عن المكان",
        "التخلي عن المقعد",
    ),
    Rule(
        r"(?<![ء-ي])(ال)?ولي(?![ء-ي]| أمر| الأمر)|(?<![ء-ي])(ال)?أولياء(?! أمر| الأمر| الأمور)",
        "ولي الأمر",
        "اتصلوا بالأولياء، ولي",
        "اتصلوا بولي الأمر",
    ),
    Rule(r"(?<![ء-ي])(ال)?بالغ(ين|ون|ا)?(?![ء-ي])", "راشد", "شخص بالغ", "شخص راشد"),
    Rule(r"عائل[ةت]|عائلات", "أسرة", "عائلتكم", "أسرتكم"),
    Rule(r"بيانات", "معطيات", "بياناتي", "معطياتي", content=False),
    Rule(r"تصريح(ا|ات)?(?![ء-ي]| ب)|تصاريح", "إذن", "تصريح ليوم واحد", "إذن ليوم واحد"),
    Rule(r"(ورقة|مذكرة) (ال)?سلامة", "بطاقة السلامة", "ورقة السلامة", "بطاقة السلامة"),
    Rule(r"(وثيقة|بطاقة|رقم) (ال)?هوية", "بطاقة التعريف", "وثيقة هوية", "بطاقة التعريف"),
    Rule(rf"(?<![ء-ي])[لب]ـ? ?{NAME}", "باسم", "لـ %(child)s مقعد", "مقعد باسم %(child)s"),
    Rule(r"(?<![ء-ي])اسأل(?![ء-ي])", "اسألوا", "اسأل الاستقبال", "اسألوا الاستقبال", content=False),
    Rule(r"(?<![ء-ي])[نيس]درّ?س(ها)?(?![ء-ي])", "المؤطرون", "من يدرس", "المؤطرون"),
    Rule(r"مصفاة|مصافي", "معيار", "دون مصفاة", "دون معيار", content=False),
    Rule(r"(?<![ء-ي])سُجّ?ل:", "سجلنا", "سُجل: شكرا", "سجلنا ذلك"),
    Rule(r"لا شيء مستحق|واجب الأداء قبل", "ليس عليكم أي أداء", "لا شيء مستحق.", "ليس عليكم أي أداء."),
    Rule(r"لأخذ (طفل|%)|يأخذ الطفل|استلام الطفل", "اصطحاب", "من يأتي لأخذ %(child)s", "من يصطحب %(child)s"),
    Rule(r"(?<![ء-ي])فضول", "حب الاستطلاع", "فضولي اليوم", "حب استطلاع", content=False),
    Rule(r"عامل (ال)?تحقق", "التحقق بخطوتين", "عامل التحقق الثاني", "التحقق بخطوتين"),
]
RULES = [("fr", rule) for rule in FRENCH] + [("ar", rule) for rule in ARABIC]


@cache
def catalogue(language: str) -> list[str]:
    """Return every translated sentence of a language, plural forms one by one."""
    text = messages.path_of(language).read_text(encoding="utf-8")
    found = read_po(StringIO(text), locale=language)
    return [
        form
        for one in found
        if one.id
        for form in ([one.string] if isinstance(one.string, str) else one.string)
    ]


@cache
def content(language: str) -> list[str]:
    """Return every text of academy/demo in a language, the French typeset as it is loaded."""
    names = [
        path.relative_to(FOLDER).with_suffix("").as_posix() for path in sorted(Path(FOLDER).rglob("*.yaml"))
    ]
    return [text for name in names for text in _texts(read(name), language)]


def _texts(node: object, language: str, inside: bool = False) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _texts(value, language, inside or key == language)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value, language, inside)
    elif inside and isinstance(node, str):
        yield node


@pytest.mark.parametrize(("language", "rule"), RULES, ids=range(len(RULES)))
def test_what_was_replaced_does_not_come_back(language, rule):
    said = catalogue(language) + (content(language) if rule.content else [])
    assert [text for text in said if re.search(rule.pattern, text)] == [], f"write {rule.instead}"


@pytest.mark.parametrize(("language", "rule"), RULES, ids=range(len(RULES)))
def test_each_rule_finds_its_example_and_leaves_the_other_alone(language, rule):
    assert re.search(rule.pattern, rule.found) and not re.search(rule.pattern, rule.passed)


GROUPS = re.compile(r"(?<![\w)])\+?\d+(?:[ /\-–]\+?\d+)+|\d+:\d+-\d+:\d+")
ISOLATED = re.compile("\u2066[^\u2066\u2069]*\u2069")
LAW = "09-08"  # shown as it is in Arabic texts of Morocco


def test_numbers_in_arabic_sentences_are_isolated():
    """A group of numbers between Arabic words is turned round: "06 12 34 56 78" reads "78 56 34 12 06"."""
    for text in catalogue("ar"):
        bare = ISOLATED.sub("", text).replace(LAW, "")
        assert not GROUPS.search(bare), text
        assert text.count("\u2066") == text.count("\u2069"), text


def test_a_language_has_its_own_comma_and_colon():
    from django.utils import translation

    from home.language.lists import labelled, listed

    said = {}
    for code in ("fr", "ar", "en"):
        with translation.override(code):
            said[code] = (listed(["A", "B"]), labelled("A", "B"))
    assert said == {"fr": ("A, B", "A\xa0: B"), "ar": ("A، B", "A: B"), "en": ("A, B", "A: B")}


def test_no_template_joins_words_with_a_latin_comma():
    templates = Path(__file__).resolve().parent.parent / "templates"
    between = re.compile(r'join:", "|not forloop\.last %\}, \{%|add:", "|add:": "|%\}: \{\{')
    found = [
        path.name for path in templates.rglob("*.html") if between.search(path.read_text(encoding="utf-8"))
    ]
    assert found == [], "use the filters of home/language/lists.py"
