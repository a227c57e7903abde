"""Report an absence or lateness, by a guardian in two taps."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.models import Meeting
from enrollments.classes import register
from enrollments.models import Child
from enrollments.views.class_access import refusal_words
from enrollments.views.lock_timeouts import patiently
from home.forms_only import form_of


@login_required
@form_of("family")
@patiently
def announce(request, meeting_id, child_id):
    """Save absent, late or nothing; the register shows it immediately."""
    child = get_object_or_404(Child.objects.in_care_of(request.user), pk=child_id)
    meeting = get_object_or_404(Meeting.objects.filter(session__published_at__isnull=False), pk=meeting_id)
    what = request.POST.get("what", "")
    try:
        register.announce(child, meeting, what=what, by=request.user, at=timezone.now())
    except register.Refused as refusal:
        if refusal.code is register.Reason.NOT_EXPECTED:
            raise Http404 from None
        messages.error(request, refusal_words(refusal.code))
    else:
        told = {
            "absent": _("Thank you. We have recorded that %(child)s will be absent."),
            "late": _("Thank you. We have recorded that %(child)s will be late."),
            "": _("We have recorded that %(child)s will come."),
        }
        messages.success(request, told[what] % {"child": child.first_name})
    return redirect("family")
