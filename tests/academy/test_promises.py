"""What the demonstration's pages, questions and terms promise is what the product does, and is said alike
wherever it is said.
"""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.conf import settings
from django.utils import translation

from academy.demo.words import LANGUAGES, read
from enrollments.money import refund_policy
from enrollments.privacy import data_export, inventory, retention

DAY, YEAR = timedelta(days=1), timedelta(days=365)


def told(*path, language: str) -> str:
    """Return all texts of a part of pages.yaml in a language, in one string."""
    node = read("pages")
    for step in path:
        node = node[step] if not isinstance(step, str) or isinstance(node, dict) else _page(node, step)
    return "\n".join(_in(node, language))


def _page(pages: list[dict], slug: str) -> dict:
    return next(page for page in pages if page["slug"] == slug)


def _in(node, language: str):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == language and isinstance(value, str):
                yield value
            elif not isinstance(value, str):
                yield from _in(value, language)
    elif isinstance(node, list):
        for value in node:
            yield from _in(value, language)


def policy(code: str, language: str) -> str:
    return next(one for one in read("policies") if one["code"] == code)["texts"][language]["body"]


PRACTICAL, NOTICE = ("pages", "infos-pratiques"), ("pages", "mentions-legales")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_legal_notice_lists_every_holding(demonstration, client, language):
    page = unescape(client.get(f"/{language}/mentions-legales/").content.decode())
    with translation.override(language):
        for code, heading in inventory.HEADINGS.items():
            for words in (heading.what, heading.why, heading.until):
                assert str(words) in page, code
    other = client.get(f"/{language}/infos-pratiques/").content.decode()
    assert 'id="kept"' in page and 'id="kept"' not in other, "on the notice alone"


def test_the_periods_told_are_those_that_are_kept():
    periods = {
        "account": retention.ACCOUNT,
        "logins": timedelta(seconds=settings.SESSION_COOKIE_AGE),
        "child": retention.FILE,
        "guardians": retention.LINK,
        "safety": retention.NOTE,
        "incidents": retention.INCIDENT,
        "letters": retention.LETTER,
        "looks": retention.RECORD,
        "copies": data_export.LASTS,
        "backups": timedelta(days=settings.BACKUP_DAYS),
    }
    for code, period in periods.items():
        years, days = period // YEAR, period // DAY
        words = f"{years} years" if years else f"{days} days" if days > 1 else "24 hours"
        with translation.override("en"):
            assert words in str(inventory.HEADINGS[code].until), code
    told_in_policy = {
        "fr": ("trois ans", "quatre-vingt-dix jours", "trente jours", "cinq ans", "dix ans"),
        "ar": ("ثلاث سنوات", "تسعون يوما", "ثلاثون يوما", "خمس سنوات", "عشر سنوات"),
        "en": ("three years", "ninety days", "thirty days", "five years", "ten years"),
    }
    assert (retention.FILE // YEAR, retention.LETTER // DAY, retention.NOTE // DAY) == (3, 90, 30)
    for language, words in told_in_policy.items():
        text = policy("privacy", language)
        assert [word for word in words if word not in text] == [], language


SAID = {
    # where it is promised → the words of the one promise, in each language
    "a place is given up on its page or at the desk, and refunded by the policy": (
        lambda language: [told(*PRACTICAL, language=language), policy("terms", language)],
        {
            "fr": r"sur sa page.*l.accueil, qui le note.*une semaine avant la première séance.*la moitié",
            "ar": r"من صفحته.*الاستقبال الذي يسجل.*أسبوع قبل الحصة الأولى.*نصفه",
            "en": r"on its page.*desk, which records it.*a week before the first class.*half of it",
        },
    ),
    "an absence is said on the family page, by phone if need be": (
        lambda language: [
            told(*PRACTICAL, language=language),
            told("faq", language=language),
            policy("terms", language),
        ],
        {
            "fr": r"« Ma famille »[^.]*, (ou appelez-nous|ou par téléphone)",
            "ar": r"«أسرتي»[^.]*، أو (اتصلوا بنا|بالهاتف)",
            "en": r"under \"My family\"[^.]*, or (call us|by phone)",
        },
    ),
    "a second parent comes by a guardian's invitation": (
        lambda language: [told("faq", language=language)],
        {
            "fr": r"invitez l.autre depuis",
            "ar": r"ادعوا الطرف الآخر من ملف الطفل",
            "en": r"invite the other from",
        },
    ),
    "health is written in the safety note alone; no form asks for it": (
        lambda language: [
            told(*PRACTICAL, language=language),
            told(*NOTICE, language=language),
            policy("privacy", language),
        ],
        {
            "fr": r"La santé ne s.écrit que dans la note de sécurité.*aucun formulaire ne la demande",
            "ar": r"لا يُكتب شيء عن الصحة إلا في بطاقة السلامة.*لا تطلبها أي استمارة",
            "en": r"Health is written in the safety note.*no form asks for it",
        },
    ),
    "a picture is published with the consent of a guardian of each child in it": (
        lambda language: [
            told(*PRACTICAL, language=language),
            told(*NOTICE, language=language),
            told("faq", language=language),
            policy("photo-website", language),
        ],
        {
            "fr": r"un responsable légal de chaque enfant qui y figure",
            "ar": r"ولي أمر كل طفل يظهر فيها",
            "en": r"a guardian of each child in it",
        },
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("promise", SAID)
def test_a_promise_is_said_alike_wherever_it_is_said(promise, language):
    places, words = SAID[promise]
    for number, text in enumerate(places(language)):
        plain = text.replace("\xa0", " ").replace("\n", " ")
        assert re.search(words[language], plain), (number, words[language])
    assert (timedelta(days=7), 2) == (refund_policy.ALL_UNTIL, 1 / refund_policy.HALF)


GONE = {
    "fr": r"jamais d.image|par WhatsApp ou à l.accueil|relie le second compte|dans un formulaire",
    "ar": r"لا تنشر الأكاديمية أبدا|عبر واتساب أو في الاستقبال|يربط الحساب الثاني|في أي استمارة\.",
    "en": r"never publishes a picture|by WhatsApp or at the|ties the second account|health in a form",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_promised_that_another_page_denies(language):
    texts = [
        told(*PRACTICAL, language=language),
        told(*NOTICE, language=language),
        told("faq", language=language),
    ]
    assert [found.group() for text in texts for found in re.finditer(GONE[language], text)] == []
