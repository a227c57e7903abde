"""A busy page instead of an error when a lock is waited for too long."""

from functools import wraps

from django.db import OperationalError
from django.shortcuts import render

from enrollments.views.resubmission import typed_in


def patiently(view):
    """Decorate a view that waits for a lock: on timeout (3 s), return 503 with Retry-After and a page that
    resubmits the form.
    """

    @wraps(view)
    def patient(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except OperationalError:
            response = render(
                request, "enrollments/family/busy.html", {"kept": typed_in(request)}, status=503
            )
            response["Retry-After"] = "3"
            return response

    patient.answers_when_busy = True  # for the test over all routes
    return patient
