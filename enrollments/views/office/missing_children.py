"""Children nobody has seen: listed by class, ticked off the call list once an adult was spoken to."""

from hashlib import sha256

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from courses.models import Meeting
from enrollments.classes import missing_children, register
from enrollments.families import pickup
from enrollments.models import ReadRecord
from enrollments.permissions import FRONT_DESK, MANAGER, role_required
from enrollments.privacy import access_log
from enrollments.views.lock_timeouts import patiently
from enrollments.views.redirects import back_to
from home.forms_only import form_of
from home.language.dates import key_in


@role_required(FRONT_DESK, MANAGER)
@form_of("office_calls")
@patiently
def child_found(request, meeting_id, child_id):
    """Record that the office talked with an adult about an unaccounted child."""
    at = timezone.now()
    meeting = get_object_or_404(Meeting.objects.filter(session__published_at__isnull=False), pk=meeting_id)
    try:
        register.spoken(meeting, child_id, by=request.user, at=at)
    except register.Refused:
        raise Http404 from None
    messages.success(request, _("Saved: you have talked to an adult."))
    return redirect(back_to(request, reverse("office_calls")))


@role_required(FRONT_DESK, MANAGER)
@form_of("office_calls")
@patiently
def class_found(request, meeting_id):
    """Record one answer for the children of a class whose register was not taken: those the page showed,
    while nothing has changed since.
    """
    at = timezone.now()
    meeting = get_object_or_404(Meeting.objects.filter(session__published_at__isnull=False), pk=meeting_id)
    shown = {key for typed in request.POST.getlist("child") if (key := key_in(typed)) is not None}
    group = next((one for one in missing_children.missing_by_class(at) if one.meeting == meeting), None)
    if group is None or group.is_taken or not shown <= {row.child_id for row in group.rows}:
        messages.error(request, _("The register has changed. Look at the list again."))
        return redirect("office_calls")
    count = register.spoken_about_all(meeting, shown, by=request.user, at=at)
    words = ngettext("%(count)s child accounted for.", "%(count)s children accounted for.", count)
    messages.success(request, words % {"count": count})
    return redirect("office_calls")


@role_required(FRONT_DESK, MANAGER)
@never_cache
@require_safe
def missing_now(request):
    """Return the section of missing children if it differs from the one shown (`seen`); otherwise nothing,
    so that an open page renews itself without losing its place.
    """
    at = timezone.now()
    groups = read_groups(request.user, at)
    if digest_of(groups) == request.GET.get("seen"):
        return HttpResponse(status=204)
    return render(request, "enrollments/office/missing_children.html", context_of(groups))


def read_groups(user, at) -> list[missing_children.MissingFrom]:
    """Return the missing children by class, with whom to phone; the view is recorded."""
    groups = missing_children.missing_by_class(at)
    children = [row.child for group in groups for row in group.rows]
    pickup.note_contacts(children)
    prefetch_related_objects([group.meeting for group in groups], "instructors", "session__instructors")
    access_log.record_read(ReadRecord.What.FILE, children=children, by=user, at=at)
    return groups


def digest_of(groups: list[missing_children.MissingFrom]) -> str:
    """Return a short text that changes with the list."""
    said = [(group.meeting.pk, group.is_taken, [row.child_id for row in group.rows]) for group in groups]
    return sha256(repr(said).encode()).hexdigest()[:12]


def context_of(groups: list[missing_children.MissingFrom]) -> dict:
    """Return what the section's template reads."""
    return {"missing": groups, "missing_digest": digest_of(groups)}
