"""The public page behind a certificate's code: initials, course, month, valid or revoked. Nobody signs in."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from enrollments.learning import certificates
from home.language.dates import month_words
from home.tries import count_value, is_known, let_through, tried

TRIES, WINDOW = 20, 600  # different wrong codes per network address in that many seconds


@require_safe
def certificate_check(request, code):
    """Say whether a certificate is valid. An unknown, an altered and an erased code get the same 404; after
    twenty of them, only codes already checked from this address are answered for a while.

    No store and no search engine: academy.middleware, for the whole room and its failures.
    """
    read = certificates.read(code)
    if tried("certificate", request) >= TRIES and not is_known("certificate", request, read):
        response = render(request, "429.html", status=429)
        response["Retry-After"] = str(WINDOW)
        return response
    certificate = certificates.find(code)
    if certificate is None:
        count_value("certificate", request, read, seconds=WINDOW)
        raise Http404
    let_through("certificate", request, read, seconds=WINDOW)
    context = {"certificate": certificate, "month": month_words(certificate.completed_on)}
    return render(request, "enrollments/links/certificate.html", context)
