"""An incident note written at the desk; managers are told at once."""

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from enrollments.classes import incidents, roster
from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, role_required
from enrollments.views.class_access import open_meeting
from enrollments.views.lock_timeouts import patiently
from home.language.typed_dates import MomentField


class IncidentForm(forms.Form):
    happened_at = MomentField(label=gettext_lazy("When"))
    what = forms.CharField(
        label=gettext_lazy("What happened"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=gettext_lazy("Only what you saw and heard. Do not guess, and do not name other children."),
    )
    done = forms.CharField(
        label=gettext_lazy("What was done"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
    told = forms.CharField(
        label=gettext_lazy("Who was told, and how"),
        max_length=300,
        widget=forms.TextInput(attrs={"dir": "auto"}),
        help_text=gettext_lazy("For example, the mother, by phone, at 15:20."),
    )

    def clean_happened_at(self):
        moment = self.cleaned_data["happened_at"]
        if moment > timezone.now():
            raise forms.ValidationError(_("This time is in the future."))
        return moment


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def class_incident(request, meeting_id, child_id):
    """Write the report; managers and guardians with full rights are notified immediately."""
    at = timezone.now()
    meeting = open_meeting(request, meeting_id, at)
    line = next((line for line in roster.lines(meeting) if line.child.pk == child_id), None)
    if line is None:
        raise Http404
    form = IncidentForm(request.POST if request.method == "POST" else None, initial={"happened_at": at})
    if form.is_valid():
        incidents.write(line.child, meeting, **form.cleaned_data, by=request.user, at=at)
        messages.success(request, _("Recorded. We will notify the managers and the guardians."))
        return redirect("desk_child", meeting_id=meeting.pk, child_id=child_id)
    context = {"meeting": meeting, "line": line, "form": form}
    return render(
        request, "enrollments/desk/incident.html", context, status=422 if request.method == "POST" else 200
    )
