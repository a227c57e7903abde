"""The language in which an editor is writing: the page's, not the one of the CMS.

The page's form says it to each chooser it opens, in a header (home/static/home/cms.js).
"""

from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from home.language.table import LANGUAGES

HEADER = "X-Words-Language"
_written: ContextVar[str | None] = ContextVar("written", default=None)


class WordsLanguage:
    """Middleware: in the CMS, the language of words is what the page's form says, or unknown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/cms/"):
            return self.get_response(request)
        said = request.headers.get(HEADER, "")
        token = _written.set(said if said in LANGUAGES else "")
        try:
            return self.get_response(request)
        finally:
            _written.reset(token)


def writes_in(language: str) -> None:
    """Note the language of the page whose form this request shows or saves."""
    if _written.get() is not None:
        _written.set(language)


def words_language() -> str:
    """Return the language of the words that are written or read here; empty if unknown."""
    written = _written.get()
    return (get_language() or "") if written is None else written
