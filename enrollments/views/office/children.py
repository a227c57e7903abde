"""A child's file in the office: each access is recorded and shown to the family; the page says what callers
may be told (domain §7).
"""

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from enrollments.families import directory, guardian_accounts, guardians, pickup
from enrollments.families.children import correct_birth_date
from enrollments.forms.office.families import BarredForm, BirthDateForm, GuardianForm
from enrollments.learning import term_report
from enrollments.models import Barring, Child, Guardianship, PickupPerson, ReadRecord, SafetyNote
from enrollments.permissions import FRONT_DESK, MANAGER, has_role, role_required
from enrollments.privacy import access_log, erasure
from enrollments.views.child_access import known_child
from enrollments.views.lock_timeouts import patiently
from enrollments.views.pickup_form import settle_collection
from home.forms_only import form_of


@role_required(FRONT_DESK, MANAGER)
@require_safe
def office_child(request, child_id):
    """Show whom to call, who collects, requests and places. The access is recorded."""
    child, at = known_child(request.user, child_id), timezone.now()
    access_log.record_read(ReadRecord.What.FILE, children=[child], by=request.user, at=at)
    is_manager = has_role(request.user, MANAGER)
    ties = (
        Guardianship.objects.filter(child=child).select_related("guardian", "child").order_by("since", "pk")
    )
    places = child.enrollments.select_related("session__course", "session__room__venue").order_by("-pk")
    context = {
        "child": child,
        "age": child.age_on(timezone.localdate(at)),
        "ties": ties,
        "is_manager": is_manager,
        "persons": PickupPerson.objects.filter(child=child),
        "has_note": SafetyNote.objects.filter(child=child).exists(),
        "barred": Barring.objects.filter(child=child, lifted_at=None) if is_manager else [],
        "places": places[:20],
        "certificates": child.certificates.all(),
        "terms": term_report.terms_of(child, at),
        "twins": directory.twins_of(child),
        "spoken": [label for value, label in Child.Language.choices if value in child.languages],
    }
    return render(request, "enrollments/office/child.html", context)


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_collection(request, child_id):
    """Edit the pick-up list for a guardian who is present or was called back; all guardians with full rights
    are notified.
    """
    child = known_child(request.user, child_id)
    access_log.record_read(ReadRecord.What.FILE, children=[child], by=request.user, at=timezone.now())
    return settle_collection(request, child, room="office")


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_guardian_add(request, child_id):
    """Add a guardian at the request of one with full rights; show an account that may be theirs first.

    All guardians with full rights are notified.
    """
    child, at = known_child(request.user, child_id), timezone.now()
    form, known = GuardianForm(request.POST or None), None
    if form.is_valid():
        told = form.cleaned_data
        tie = {"relation": told.pop("relation"), "rights": told.pop("rights")}
        same = Q(phone=told["phone"]) | (Q(email=told["email"].lower()) if told["email"] else Q(pk=None))
        known = directory.families().filter(same).order_by("pk").first()
        answer = request.POST.get("known", "")
        try:
            if known and answer == str(known.pk):
                guardians.add_at_desk(child, guardian=known, by=request.user, at=at, **tie)
            elif known is None or answer == "other":
                with transaction.atomic():
                    opened = guardian_accounts.open_account(**told, at=at)
                    guardians.add_at_desk(child, guardian=opened, by=request.user, at=at, **tie)
            else:
                answer = "asked"
        except guardian_accounts.AccountExists:
            answer = "asked"
            form.add_error(
                "email",
                _("This address already has an account. Choose that person, or leave out the address."),
            )
        if answer != "asked":
            messages.success(request, _("Added. We will email every guardian with full rights."))
            return redirect("office_child", child_id=child.pk)
    context = {"form": form, "child": child, "known": known}
    return render(
        request,
        "enrollments/office/guardian_add.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


@role_required(FRONT_DESK, MANAGER)
@form_of("office_child", "child_id")
@patiently
def office_spoken(request, child_id):
    """Record that the front desk talked with a guardian about safety."""
    child = known_child(request.user, child_id)
    if pickup.note_spoken(child, by=request.user, at=timezone.now()):
        messages.success(request, _("Saved: you have talked with a guardian."))
    return redirect("office_child", child_id=child.pk)


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_birth_date(request, child_id):
    """Correct a birth date; places are kept, and the page says so."""
    child = known_child(request.user, child_id)
    form = BirthDateForm(
        request.POST or None, instance=Child(birth_date=child.birth_date), today=timezone.localdate()
    )
    if form.is_valid():
        correct_birth_date(child, birth_date=form.cleaned_data["birth_date"], at=timezone.now())
        messages.success(request, _("Corrected."))
        return redirect("office_child", child_id=child.pk)
    seated = child.enrollments.live().select_related("session__course")
    context = {"form": form, "child": child, "places": seated}
    return render(
        request,
        "enrollments/office/birth_date.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_barred(request, child_id):
    """Add a pick-up ban: managers only, with the document seen."""
    child, at = known_child(request.user, child_id), timezone.now()
    form = BarredForm(request.POST or None, child=child, today=timezone.localdate(at))
    if form.is_valid():
        told = form.cleaned_data
        told["guardian"] = told["guardian"].guardian if told["guardian"] else None
        pickup.bar(child, **told, by=request.user, at=at)
        messages.success(request, _("Saved. The file is now protected."))
        return redirect("office_child", child_id=child.pk)
    context = {"form": form, "child": child}
    return render(
        request, "enrollments/office/barred.html", context, status=422 if request.method == "POST" else 200
    )


@role_required(MANAGER)
@form_of("office_child", "child_id")
@patiently
def office_lift(request, child_id, barring_id):
    """Lift a pick-up ban."""
    barring = get_object_or_404(Barring, pk=barring_id, child_id=child_id, child__erased_at=None)
    pickup.lift(barring, by=request.user, at=timezone.now())
    messages.success(
        request, _("The ban has been lifted. The file stays protected until you decide otherwise.")
    )
    return redirect("office_child", child_id=child_id)


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_erase(request, child_id):
    """Erase a child's file, by a manager, when other guardians cannot or will not answer; the consequences
    are shown first.
    """
    child, at, fault = known_child(request.user, child_id), timezone.now(), ""
    if request.method == "POST":
        try:
            erasure.erase_child(child, by=request.user, at=at)
        except erasure.Refused:
            fault = "enrolled"
        else:
            messages.success(request, _("The file has been deleted."))
            return redirect("office_people")
    context = {
        "child": child,
        "in_the_way": erasure.in_the_way([child], at),
        "to_agree": erasure.still_to_agree(child),
    }
    return render(request, "enrollments/office/erase.html", context, status=409 if fault else 200)


@role_required(MANAGER)
@form_of("office_child", "child_id")
@patiently
def office_protected(request, child_id):
    """Protect or unprotect a file."""
    child, wish = known_child(request.user, child_id), request.POST.get("protected")
    if wish not in {"yes", "no"}:
        raise Http404
    pickup.protect(child, protected=wish == "yes")
    messages.success(
        request, _("The file is protected.") if wish == "yes" else _("The file is no longer protected.")
    )
    return redirect("office_child", child_id=child.pk)
