"""Staff messages to families: recipients are shown first, sending can be undone for 30 seconds, undelivered
ones are listed.
"""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from courses.models import Session
from enrollments.classes import messages as family_messages
from enrollments.forms.desk.messages import READY, MessageForm, with_ready_text
from enrollments.models import Message, ReadRecord
from enrollments.permissions import INSTRUCTOR, MANAGER, has_role, role_required
from enrollments.privacy import access_log
from enrollments.views.lock_timeouts import patiently
from home.forms_only import form_of


def _session(request, session_id: int, at) -> Session:
    """Return a session whose families this user may write to; 404 otherwise,
    as for one that does not exist.
    """
    session = get_object_or_404(Session.objects.published().with_facts(), pk=session_id)
    if not family_messages.may_write(request.user, session, at):
        raise Http404
    return session


def _room(user) -> str:
    """Return the page's layout: the desk's for instructors, the office's for managers."""
    return "enrollments/desk/base.html" if has_role(user, INSTRUCTOR) else "enrollments/office/base.html"


@role_required(INSTRUCTOR, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def write_message(request, session_id):
    """Write, preview with the recipients, send. `ready` adds a prepared text to what is typed."""
    at = timezone.now()
    session = _session(request, session_id, at)
    children = family_messages.children_of(session, at=at)
    meetings = list(session.meetings.filter(cancelled_at=None, ends_at__gt=at).order_by("starts_at")[:8])
    adds = request.POST.get("ready", "")
    form = MessageForm(
        request.POST if request.method == "POST" and not adds else None,
        children=children,
        meetings=meetings,
        initial=with_ready_text(request.POST, adds),
    )
    context, status = (
        {
            "session": session,
            "form": form,
            "ready": READY,
            "has_readers": bool(children),
            "room": _room(request.user),
        },
        200,
    )
    if form.is_bound:
        status = 422
        if form.is_valid():
            said = form.said
            if request.POST.get("act") != "send":
                found = family_messages.readers(session, said["child"], said["meeting"], at=at)
                context |= {
                    "readers": found,
                    "texts": said["texts"],
                    "unreached": [person for person in found if not person.email],
                }
                status = 200
            else:
                try:
                    message = family_messages.write(session, **said, by=request.user, at=at)
                except family_messages.NobodyToRead:
                    form.add_error(None, _("Nobody would receive it: no child has a place."))
                else:
                    return redirect("desk_message", message_id=message.pk)
    return render(request, "enrollments/desk/write.html", context, status=status)


def _message(request, message_id: int, at) -> Message:
    """Return a message of a session this user may write to now; who wrote it and was taken off the session
    since reads it no longer, as it names the families.
    """
    message = get_object_or_404(
        Message.objects.select_related("session__course", "session__room__venue", "session__term", "meeting"),
        pk=message_id,
    )
    _session(request, message.session_id, at)
    return message


@role_required(INSTRUCTOR, MANAGER)
@require_safe
def message_page(request, message_id):
    """Show the message and who received it, with the undo button while possible."""
    at = timezone.now()
    message = _message(request, message_id, at)
    rows = family_messages.delivery(message)
    access_log.record_read(
        ReadRecord.What.ROSTER,
        children=[row.child_id for row in rows if row.child_id],
        by=request.user,
        at=at,
    )
    left = max(0, round((family_messages.undo_until(message) - at).total_seconds()))
    texts = [
        (code, getattr(message, f"text_{code}"))
        for code in ("fr", "ar", "en")
        if getattr(message, f"text_{code}")
    ]
    context = {
        "message": message,
        "session": message.session,
        "rows": rows,
        "left": left,
        "texts": texts,
        "room": _room(request.user),
    }
    return render(request, "enrollments/desk/message.html", context)


@role_required(INSTRUCTOR, MANAGER)
@form_of("desk_message", "message_id")
@patiently
def undo_message(request, message_id):
    """Undo sending."""
    at = timezone.now()
    if family_messages.undo(_message(request, message_id, at), at=at):
        messages.success(request, _("Sending cancelled. Nobody will receive it."))
    else:
        messages.error(request, _("Too late: it is already being sent."))
    return redirect("desk_message", message_id=message_id)
