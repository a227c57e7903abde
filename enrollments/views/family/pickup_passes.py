"""A pickup pass for one day: given and ended by a guardian."""

from datetime import date

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from enrollments.classes import pickup_passes
from enrollments.families import pickup
from enrollments.forms.fields import plain_name
from enrollments.models import Child, PickupPass
from enrollments.views.lock_timeouts import patiently
from home.forms_only import form_of
from home.language.dates import day_words, one_line

REFUSALS = {
    pickup_passes.Reason.DAY: gettext_lazy("Choose a day on which the child has a class."),
    pickup_passes.Reason.MANY: gettext_lazy("You already have 3 open passes. End one of them first."),
    pickup_passes.Reason.TWICE: gettext_lazy("This adult already has a pass for that day."),
    pickup_passes.Reason.VOID: gettext_lazy("You cannot create this pass here. Please call us."),
    pickup_passes.Reason.GONE: gettext_lazy("This is no longer possible."),
}


class PassForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name of this adult"),
        max_length=150,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "As on their identity document, which we will check. We never record its number."
        ),
    )
    on = forms.TypedChoiceField(
        label=gettext_lazy("Class day"),
        widget=forms.RadioSelect,
        coerce=date.fromisoformat,
        error_messages={"invalid_choice": REFUSALS[pickup_passes.Reason.DAY]},
    )

    def __init__(self, *args, days, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["on"].choices = [(day.isoformat(), day_words(day)) for day in days]

    def clean_name(self):
        return plain_name(one_line(self.cleaned_data["name"], 150))


def pass_words(request, token: str) -> str:
    """Return the message that takes a pass to its adult. Like the link, it says no child, place or hour."""
    said = {
        "link": request.build_absolute_uri(reverse("pickup_pass", args=[token])),
        "name": request.user.get_short_name(),
    }
    return (
        _(
            "Hello, here is your pass to collect a child, for one day:\n%(link)s\n"
            "Show it with your identity card.\n%(name)s"
        )
        % said
    )


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def child_pass(request, child_id):
    """Create a pass; its link is shown once, to send to that adult."""
    child = get_object_or_404(Child.objects.in_care_of(request.user), pk=child_id)
    at = timezone.now()
    today = timezone.localdate(at)
    days = pickup_passes.class_days(child, at)
    first = {"on": days[0].isoformat()} if days else {}
    form = PassForm(request.POST if request.method == "POST" else None, days=days, initial=first)
    message, status = "", 200
    by_phone = not pickup.may_arrange(request.user, child)
    if request.method == "POST":
        status = 422
        if form.is_valid() and not by_phone:
            try:
                given, token = pickup_passes.give(child, **form.cleaned_data, by=request.user, at=at)
            except pickup_passes.Refused as refusal:
                form.add_error(None, REFUSALS[refusal.code])
            except pickup.ArrangedByPhone:  # decided while the form was open
                by_phone = True
            else:
                message, status = pass_words(request, token), 200
                form = PassForm(days=days, initial={"on": given.on.isoformat()})
    passes = pickup_passes.open_passes(child, today)
    context = {"child": child, "form": form, "message": message, "passes": passes, "has_days": bool(days)}
    context["by_phone"] = by_phone
    return render(request, "enrollments/family/pass.html", context, status=status)


@login_required
@form_of("child_pass", "child_id")
@patiently
def end_pass(request, child_id, pass_id):
    """Cancel the pass."""
    child = get_object_or_404(Child.objects.in_care_of(request.user), pk=child_id)
    row = get_object_or_404(PickupPass, pk=pass_id, child=child)
    try:
        if pickup_passes.revoke(row, by=request.user, at=timezone.now()):
            messages.success(request, _("The pass has been cancelled."))
    except pickup.ArrangedByPhone:
        pass  # the page says it
    return redirect("child_pass", child_id=child.pk)
