"""The public page behind a certificate's code: initials, course, month, valid or revoked. Nobody signs in."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from enrollments.learning import certificates
from home.language.dates import month_words
from home.tries import count_value, tried

TRIES, WINDOW = 20, 600  # different unknown codes per network address in that many seconds


@require_safe
def certificate_check(request, code):
    """Say whether a certificate is valid, however often codes were mistyped at this address: a school's
    many readers share one. An unknown, an altered and an erased code get the same 404; after twenty that
    could have been codes, 429 for a while.

    No store and no search engine: academy.middleware, for the whole room and its failures.
    """
    certificate = certificates.find(code)
    if certificate is None:
        if not certificates.is_code(code):
            raise Http404
        if tried("certificate", request) >= TRIES:
            response = render(request, "429.html", status=429)
            response["Retry-After"] = str(WINDOW)
            return response
        count_value("certificate", request, certificates.read(code), seconds=WINDOW)
        raise Http404
    context = {"certificate": certificate, "month": month_words(certificate.completed_on)}
    return render(request, "enrollments/links/certificate.html", context)
