"""The contact form: sent to the academy's mailbox only.

No sign-in, cookie or token; limited by address and length.
"""

from email.utils import parseaddr

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from home.contact.forms import ContactForm
from home.models import AcademySettings, ContactPage
from home.signals import words_received
from home.tries import count_try

PER_ADDRESS, PER_HOUR = 10, 3600  # submissions in that many seconds
LARGEST = 64_000  # form size in bytes: four thousand letters in any script, with room to spare


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
        if count_try("contact", request, seconds=PER_HOUR) > PER_ADDRESS:
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
