"""Say in words what a box of day and time holds, while it is being typed."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from home.language.dates import clock_words, day_words
from home.language.typed_dates import moment_words, read_day, read_moment, read_time


def _moment(text: str) -> datetime:
    moment = read_moment(text)
    return moment if moment.tzinfo else timezone.make_aware(moment)


READ = {
    "day": lambda text: day_words(read_day(text)),
    "moment": lambda text: moment_words(_moment(text)),
    "time": lambda text: clock_words(read_time(text)),
}


@require_safe
def date_words(request: HttpRequest) -> HttpResponse:
    """Answer with the words for a day (unless told), moment or time (`kind`, `text`), or with why it is
    unreadable.
    """
    read, text = READ.get(request.GET.get("kind", "day")), request.GET.get("text", "")
    if read is None:
        raise Http404
    try:
        words = read(text) if text.strip() else ""
    except ValidationError as fault:
        words = " ".join(fault.messages)
    return HttpResponse(words, content_type="text/plain; charset=utf-8")
