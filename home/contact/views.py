"""The contact form: sent to the academy's mailbox only.

No sign-in, cookie or token; limited by address and length.
"""

import hashlib
from email.utils import parseaddr

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from home.contact.forms import ContactForm
from home.models import AcademySettings, ContactPage
from home.signals import words_received

PER_ADDRESS, PER_HOUR = 10, 3600
LARGEST = 64_000  # form size in bytes: four thousand letters in any script, with room to spare


def client_address(request) -> str:
    """Return the visitor's address behind the declared number of proxies (settings.PROXY_COUNT); anything
    beyond is not trusted.
    """
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    count = settings.PROXY_COUNT
    return hops[-count] if 0 < count <= len(hops) else request.META.get("REMOTE_ADDR", "")


def too_many(request) -> bool:
    """Count this submission; True past ten an hour from one address. Only a hash of the address is stored."""
    digest = hashlib.sha256(f"{settings.SECRET_KEY}{client_address(request)}".encode()).hexdigest()[:32]
    key = f"contact:{digest}"
    if cache.add(key, 1, PER_HOUR):
        return False
    try:
        return cache.incr(key) > PER_ADDRESS
    except ValueError:  # it expired between the two queries
        return False


@csrf_exempt  # an open form without authority: a token would set a cookie on a public page
@require_http_methods(["GET", "POST"])
def send(request):
    """Pass the message to the academy's outbox and confirm, whatever its mail server does; or show errors and
    keep the input.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        return HttpResponse(status=413)
    pages = ContactPage.objects.live()
    own = {page.language: page for page in pages}
    page = own.get(get_language()) or own.get(settings.LANGUAGE_CODE)
    if page is None:
        raise Http404
    form = ContactForm(request.POST or None)
    context = page.get_context(request, form=form) | {"form": form, "sent": False}
    status = 200
    if request.method == "POST" and form.is_valid():
        if too_many(request):
            response = render(request, "429.html", status=429)
            response["Retry-After"] = str(PER_HOUR)
            return response
        if not form.is_from_a_machine:
            academy = AcademySettings.for_request(request)
            words_received.send(
                ContactForm,
                to=academy.email or parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
                email=form.cleaned_data["email"],
                subject=gettext("Message from the site: %(name)s") % {"name": form.cleaned_data["name"]},
                message=form.cleaned_data["message"],
                language=get_language()[:2],
                at=timezone.now(),
            )
        context["sent"] = True
    elif request.method == "POST":
        status = 422
    response = render(request, page.template, context, status=status)
    response["Cache-Control"] = "no-store"  # it contains personal text
    return response
