"""Every page of ours that takes a form answers a lock held for too long with a page that sends it again."""

from django.db import OperationalError
from django.http import HttpResponse
from django.urls import URLPattern, get_resolver

from enrollments.views.lock_timeouts import patiently
from tests.table import TABLE

TAKES_A_FORM = set("kwr")


def views(patterns):
    """Yield (name, view) of every route that leads to a view of enrollments."""
    for pattern in patterns:
        if not isinstance(pattern, URLPattern):
            yield from views(pattern.url_patterns)
        elif pattern.callback.__module__.startswith("enrollments.views"):
            yield pattern.name, pattern.callback


def test_every_route_that_takes_a_form_is_guarded():
    ours = [
        (name, view)
        for name, view in views(get_resolver().url_patterns)
        if TAKES_A_FORM & set(TABLE[name][2])
    ]
    assert len(ours) > 100, "the table is read"
    assert [name for name, view in ours if not hasattr(view, "answers_when_busy")] == []


def test_the_page_sends_the_form_again_as_it_was_typed(rf, academy_settings, parent):
    @patiently
    def held(request):
        if request.POST["first_name"] == "Salma":
            raise OperationalError("lock timeout")
        return HttpResponse("saved")

    request = rf.post("/fr/family/", {"first_name": "Salma", "days": ["1", "2"], "password": "zersecret"})
    request.user, request.session = parent, {}
    answer = held(request)
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "3")
    assert 'value="Salma"' in page and page.count('name="days"') == 2 and "zersecret" not in page
