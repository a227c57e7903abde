"""Families in the office: find, register, issue cards, pass on messages."""

import io
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from enrollments.families import directory, guardian_accounts, login_cards, quoted_numbers
from enrollments.families.children import TooManyChildren, add_child, usual_facts
from enrollments.forms.office.families import ContactForm, DeskChildForm, FamilyForm
from enrollments.letters import delivery, outbox
from enrollments.models import Guardianship, Letter
from enrollments.permissions import FRONT_DESK, MANAGER, role_required
from enrollments.views.lock_timeouts import patiently
from enrollments.views.paging import PER_PAGE, page_of
from enrollments.views.redirects import back_to
from home.forms_only import form_of


@role_required(FRONT_DESK, MANAGER)
@require_safe
def office_people(request):
    """Show the search box, and messages for guardians without an address."""
    asked = request.GET.get("q", "").replace("\0", "").strip()
    found = directory.search(asked) if asked else directory.families().none()
    due = Letter.objects.filter(next_try_at__lte=timezone.now())  # one that is held may still be withheld
    waiting = due.filter(channel=Letter.Channel.DESK, state=Letter.State.QUEUED).select_related(
        "recipient", "child"
    )
    page, today = page_of(found, request), timezone.localdate()
    for child in (child for person in page.object_list for child in person.known_children):
        child.age = child.age_on(today)
    context = {
        "asked": asked[:100],
        "quoted": quoted_numbers.find(asked),
        "page_obj": page,
        "waiting": waiting.order_by("written_at", "pk")[:PER_PAGE],
        "figures": directory.figures_of(asked),
        "fewest": directory.FEWEST_FIGURES,
        "query": urlencode({"q": asked}),
    }
    return render(request, "enrollments/office/people.html", context)


def family_account(user_id: int):
    """Return a family's account; 404 for team members who are not guardians."""
    return get_object_or_404(directory.families(), pk=user_id)


@role_required(FRONT_DESK, MANAGER)
@require_safe
def office_person(request, user_id):
    """Show a guardian's contact details, children, messages sent and messages to pass on."""
    person = family_account(user_id)
    ties = (
        Guardianship.objects.filter(guardian=person)
        .select_related("child")
        .order_by("child__birth_date", "pk")
    )
    at = timezone.now()
    today = timezone.localdate(at)
    for tie in ties:
        tie.age = tie.child.age_on(today)
    written = list(
        Letter.objects.filter(recipient=person).exclude(kind=Letter.ACCOUNT).select_related("child")[:20]
    )
    for letter in written:
        letter.is_held = letter.next_try_at > at  # it may still be withheld: nobody tells it yet
        letter.body = delivery.masked_body(letter)  # no link that would act in the recipient's name
    context = {
        "person": person,
        "ties": ties,
        "letters": written,
        "may_have_card": login_cards.may_have_card(person),
    }
    return render(request, "enrollments/office/person.html", context)


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_new_family(request):
    """Open a guardian's account; an existing one is opened instead, a known phone number is shown first."""
    form = FamilyForm(request.POST or None)
    known = None
    if form.is_valid():
        told = form.cleaned_data
        known = directory.families().filter(phone=told["phone"]).first()
        if known is None or request.POST.get("anyway") == str(known.pk):
            try:
                person = guardian_accounts.open_account(**told, at=timezone.now())
            except guardian_accounts.AccountExists as there:
                if not directory.families().filter(pk=there.user.pk).exists():
                    form.add_error(
                        "email",
                        _(
                            "This address belongs to a team member, so it cannot be used for a family "
                            "account."
                        ),
                    )
                else:
                    messages.info(request, _("This address already has an account. Here it is."))
                    return redirect("office_person", user_id=there.user.pk)
            else:
                messages.success(request, _("The account is open. Now add the child."))
                return redirect("office_child_add", user_id=person.pk)
    context = {"form": form, "known": known}
    return render(
        request,
        "enrollments/office/new_family.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_person_change(request, user_id):
    """Correct a guardian's name, number or language."""
    person = family_account(user_id)
    told = {
        "name": person.name,
        "phone": person.phone,
        "language": person.language,
    }
    form = ContactForm(request.POST or None, initial=told)
    if form.is_valid():
        guardian_accounts.change_contact(person, **form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, _("Corrected."))
        return redirect("office_person", user_id=person.pk)
    context = {"form": form, "person": person}
    return render(
        request,
        "enrollments/office/person_change.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_child_add(request, user_id):
    """Add a child for this guardian, with full rights. Idempotent."""
    person = family_account(user_id)
    form = DeskChildForm(request.POST or None, today=timezone.localdate(), initial=usual_facts(person))
    if form.is_valid():
        try:
            before = set(Guardianship.objects.filter(guardian=person).values_list("child", flat=True))
            child = add_child(**form.cleaned_data, by=person)
        except TooManyChildren:
            form.add_error(None, _("An account can have 12 children at most. Ask a manager."))
        else:
            if child.pk in before:
                words = _("%(child)s is already in this family. Here is the file.")
            else:
                words = _("%(child)s has been added.")
            messages.success(request, words % {"child": child.first_name})
            return redirect("office_child", child_id=child.pk)
    context = {"form": form, "person": person}
    return render(
        request, "enrollments/office/child_add.html", context, status=422 if request.method == "POST" else 200
    )


@role_required(FRONT_DESK, MANAGER)
@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def office_card(request, user_id):
    """Print a sign-in code for somebody without an address: shown once, in their language."""
    person = family_account(user_id)
    if not login_cards.may_have_card(person):
        raise Http404
    context = {"person": person, "days": login_cards.LASTS.days}
    if request.method == "POST":
        card, token = login_cards.issue(person, by=request.user, at=timezone.now())
        with override(person.language):
            link = settings.SITE_URL + reverse("login_card", args=[token])
        import segno  # needed by few pages

        drawing = io.BytesIO()
        segno.make(link, error="m").save(
            drawing, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2, nl=False
        )
        context |= {"card": card, "code": mark_safe(drawing.getvalue().decode()), "link": link}
    return render(request, "enrollments/office/card.html", context)


@role_required(FRONT_DESK, MANAGER)
@form_of("office_calls")
@patiently
def office_told(request, letter_id):
    """Record that a message was passed on, and by whom."""
    letter = get_object_or_404(Letter, pk=letter_id, recipient__isnull=False)
    if letter.is_sealed:
        raise Http404
    if outbox.mark_told(letter, by=request.user, at=timezone.now()):
        messages.success(request, _("Saved: the message has been given."))
    else:
        messages.info(request, _("The message had already been given."))
    return HttpResponseRedirect(back_to(request, reverse("office_person", args=[letter.recipient_id])))
