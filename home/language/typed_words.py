"""Words of the team that were typed in one language, for readers of the others."""

import re

from django.utils.functional import Promise, lazy
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from home.language.isolates import apart

NAMES = {"fr": lambda: _("in French"), "ar": lambda: _("in Arabic"), "en": lambda: _("in English")}
ARABIC = re.compile("[\u0620-\u064a]")


def language_typed(text: str) -> str:
    """Return the language of typed words: Arabic by its letters, otherwise that of the screen, or French."""
    if ARABIC.search(text):
        return "ar"
    shown = (get_language() or "fr")[:2]
    return shown if shown != "ar" else "fr"


def for_each_reader(typed: Promise | str) -> Promise | str:
    """Return typed words as each reader gets them: bare in their own language, otherwise as a quotation that
    names the language, its direction isolated (Unicode FSI and PDI).

    Call it where they are typed; what is translated already (a Promise) and nothing stay as they are.
    """
    if isinstance(typed, Promise) or not typed:
        return typed
    text, language = str(typed), language_typed(typed)

    def said() -> str:
        if language == (get_language() or "fr")[:2]:
            return text
        words = {"words": apart(text), "language": NAMES[language]()}
        return _("“%(words)s” (%(language)s)") % words

    return lazy(said, str)()
