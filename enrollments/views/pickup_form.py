"""The form of who collects a child, for guardians and for the office."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from enrollments.families import pickup
from enrollments.forms.fields import as_word
from enrollments.forms.pickup import CollectionForm, PersonFormSet
from enrollments.views.redirects import back_to


def status_of(request) -> int:
    """Return 422 for a form shown again with errors."""
    return 422 if request.method == "POST" else 200


def settle_collection(request, child, *, room: str):
    """Handle the pick-up form for families or the office; redirect to the child's file there."""
    here, file = ("child_collection", "child") if room == "family" else ("office_collection", "office_child")
    if not pickup.may_arrange(request.user, child):
        return _arranged_by_phone(request, child, room, file)
    listed = [{"name": p.name, "relation": p.relation, "phone": p.phone} for p in child.pickup_persons.all()]
    told = {
        "may_go_alone": as_word(child.may_go_alone),
        "emergency_name": child.emergency_name,
        "emergency_relation": child.emergency_relation,
        "emergency_phone": child.emergency_phone,
    }
    form = CollectionForm(request.POST or None, initial=told)
    # The listed values are not compared: the same form resubmitted has the same list.
    persons = (
        PersonFormSet(request.POST, prefix="person")
        if request.method == "POST"
        else PersonFormSet(initial=listed, prefix="person")
    )
    if request.method == "POST" and form.is_valid() and persons.is_valid():
        kept = [
            row.cleaned_data
            for row in persons.forms
            if row.cleaned_data.get("name") and not row.cleaned_data.get("DELETE")
        ]
        if len(kept) > pickup.MOST_PERSONS:
            form.add_error(None, _("You can add 6 people at most."))
        else:
            emergency = {
                part: form.cleaned_data[f"emergency_{part}"] for part in ("name", "relation", "phone")
            }
            alone = form.cleaned_data["may_go_alone"]
            try:
                pickup.settle_collection(
                    child,
                    persons=kept,
                    may_go_alone=alone,
                    emergency=emergency,
                    by=request.user,
                    at=timezone.now(),
                )
            except pickup.ArrangedByPhone:  # decided while the form was open
                return _arranged_by_phone(request, child, room, file)
            messages.success(
                request, _("We have saved who collects %(child)s.") % {"child": child.first_name}
            )
            if "more" in request.POST:
                return redirect(here, child_id=child.pk)
            return HttpResponseRedirect(back_to(request, reverse(file, args=[child.pk])))
    context = {
        "form": form,
        "persons": persons,
        "child": child,
        "next": back_to(request, ""),
        "most": pickup.MOST_PERSONS,
    }
    context |= {"base": f"enrollments/{room}/base.html", "file": reverse(file, args=[child.pk])}
    return render(request, "enrollments/family/collection.html", context, status=status_of(request))


def _arranged_by_phone(request, child, room: str, file: str):
    """Return the page that sends to the phone instead of the form."""
    context = {
        "child": child,
        "base": f"enrollments/{room}/base.html",
        "file": reverse(file, args=[child.pk]),
    }
    return render(request, "enrollments/family/collection_by_phone.html", context, status=status_of(request))
