"""Children nobody has seen: listed by class, ticked off the call list once an adult was spoken to."""

from datetime import datetime
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
from enrollments.models import Presence, ReadRecord
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
    said_by = request.POST.get("said_by", "")
    if said_by not in Presence.SpokenWith:
        messages.error(request, _("Say first with whom you spoke."))
        return redirect("office_calls")
    shown = {key for typed in request.POST.getlist("child") if (key := key_in(typed)) is not None}
    group = next((one for one in missing_children.missing_by_class(at) if one.meeting == meeting), None)
    if group is None or group.is_taken or not shown <= {row.child_id for row in group.rows}:
        messages.error(request, _("The register has changed. Look at the list again."))
        return redirect("office_calls")
    count = register.spoken_about_all(meeting, shown, by=request.user, at=at, said_by=said_by)
    words = ngettext("%(count)s child accounted for.", "%(count)s children accounted for.", count)
    messages.success(request, words % {"count": count})
    return redirect("office_calls")


@role_required(FRONT_DESK, MANAGER)
@form_of("office_calls")
@patiently
def answer_taken_back(request, meeting_id):
    """Undo an answer about the children of a class, some minutes after it was given."""
    meeting = get_object_or_404(Meeting.objects.filter(session__published_at__isnull=False), pk=meeting_id)
    said_at = parse_instant(request.POST.get("said_at", ""))
    if said_at is None:
        raise Http404
    try:
        count = register.take_back(meeting, said_at=said_at, by=request.user, at=timezone.now())
    except register.Refused:
        messages.error(request, _("This answer is too old to be undone."))
        return redirect("office_calls")
    if not count:
        messages.info(request, _("This has changed in the meantime. Check again."))
        return redirect("office_calls")
    words = ngettext(
        "Undone: %(count)s child is on the list again.",
        "Undone: %(count)s children are on the list again.",
        count,
    )
    messages.success(request, words % {"count": count})
    return redirect("office_calls")


def parse_instant(typed: str) -> datetime | None:
    """Return the instant that a form sent back; None for what is none."""
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return found if found.tzinfo else None


@role_required(FRONT_DESK, MANAGER)
@never_cache
@require_safe
def missing_now(request):
    """Return the section of missing children if it differs from the one shown (`seen`); otherwise nothing,
    so that an open page renews itself without losing its place.
    """
    at = timezone.now()
    section = section_of(request.user, at)
    if section["missing_digest"] == request.GET.get("seen"):
        return HttpResponse(status=204)
    return render(request, "enrollments/office/missing_children.html", section)


def read_groups(user, at) -> list[missing_children.MissingFrom]:
    """Return the missing children by class, with whom to phone; the view is recorded."""
    groups = missing_children.missing_by_class(at)
    children = [row.child for group in groups for row in group.rows]
    pickup.note_contacts(children)
    prefetch_related_objects([group.meeting for group in groups], "instructors", "session__instructors")
    access_log.record_read(ReadRecord.What.FILE, children=children, by=user, at=at)
    return groups


def section_of(user, at) -> dict:
    """Return what the section's template reads, with a short text that changes with it."""
    groups, answered = read_groups(user, at), missing_children.answered(at)
    said = [(one.meeting.pk, one.is_taken, one.since, [row.child_id for row in one.rows]) for one in groups]
    said_since = [(one.meeting.pk, one.at, one.count) for one in answered]
    digest = sha256(repr((said, said_since)).encode()).hexdigest()[:12]
    return {"missing": groups, "answered": answered, "missing_digest": digest}
