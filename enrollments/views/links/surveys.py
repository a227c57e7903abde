"""The three questions when a course ends, answered from the link in their email. No sign-in needed."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from enrollments.classes import surveys
from enrollments.forms.surveys import SurveyForm
from enrollments.views.lock_timeouts import patiently


@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def survey(request, token):
    """Show the questions behind an email's link, which answers once; viewing the page changes nothing.

    A used, an expired and a deleted link get the same page, which says nothing about a session or a family. A
    token that we have not signed is no link of ours: 404.
    """
    if not surveys.is_ours(token):
        raise Http404
    link, at = surveys.find(token), timezone.now()
    if link is None or not surveys.is_open(link, at):
        return _closed(request)
    form = SurveyForm(request.POST or None)
    context = {"form": form, "session": link.session, "course": link.session.course}
    if form.is_valid():
        if surveys.answer(link, **form.cleaned_data, at=at):
            return render(request, "enrollments/links/survey_thanks.html", context)
        return _closed(request)
    status = 422 if request.method == "POST" else 200
    return render(request, "enrollments/links/survey.html", context, status=status)


def _closed(request):
    return render(request, "enrollments/links/survey_ended.html", status=410)
