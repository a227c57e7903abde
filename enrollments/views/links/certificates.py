"""The public page behind a certificate's code: initials, course, month, valid or revoked. Nobody signs in."""

from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from enrollments.learning import certificates
from enrollments.models.certificates import grouped
from home.language.dates import month_words
from home.tries import count_value, tried

TRIES, WINDOW = 20, 600  # different unknown codes per network address in that many seconds


@require_safe
def certificate_code(request):
    """Ask for the code; a typed one leads to its certificate."""
    code = "".join(sign for sign in certificates.read(request.GET.get("code", "")) if sign.isalnum())
    return redirect("certificate_check", code=code) if code else _asked(request)


def _asked(request, wrong: str = ""):
    """Show the box for the code; after a wrong one with what was typed, else the same page after each."""
    page, status = "enrollments/links/certificate_code.html", 404 if wrong else 200
    typed = grouped(certificates.read(wrong))
    return render(request, page, {"is_wrong": bool(wrong), "typed": typed}, status=status)


@require_safe
def certificate_check(request, code):
    """Say whether a certificate is valid, however often codes were mistyped at this address: a school's
    many readers share one. An unknown, an altered and an erased code get the same 404, where it can be typed
    again; after twenty that could have been codes, 429 for a while.

    No store and no search engine: academy.middleware, for the whole room and its failures.
    """
    certificate = certificates.find(code)
    if certificate is None:
        if not certificates.is_code(code):
            return _asked(request, code)
        if tried("certificate", request) >= TRIES:
            response = render(request, "429.html", status=429)
            response["Retry-After"] = str(WINDOW)
            return response
        count_value("certificate", request, certificates.read(code), seconds=WINDOW)
        return _asked(request, code)
    context = {
        "certificate": certificate,
        "is_replaced": certificates.replacement_of(certificate) is not None,
        "month": month_words(certificate.completed_on),
    }
    return render(request, "enrollments/links/certificate.html", context)
