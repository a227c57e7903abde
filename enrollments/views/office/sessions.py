"""The sessions with their counts, the roster of one with whom to call, and classes without an instructor."""

from datetime import date

from django.db.models import prefetch_related_objects
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from courses.models import Meeting, Session, Term
from courses.standing import standing
from courses.timetable import bulk_changes, teaching
from enrollments.classes import roster
from enrollments.classes.schedule import class_meetings, desk_days
from enrollments.models import Enrollment, ReadRecord
from enrollments.permissions import FRONT_DESK, MANAGER, has_role, role_required
from enrollments.places.positions import positions
from enrollments.privacy import access_log
from enrollments.views.paging import page_of
from home.database.replica import reads_replica


@role_required(FRONT_DESK, MANAGER)
@require_safe
def sessions(request):
    """Show every session of a term: places, waiting list, status; fifty per page."""
    at = timezone.now()
    today = timezone.localdate(at)
    terms = list(Term.objects.all())
    wish = request.GET.get("term", "")
    term = next((term for term in terms if str(term.pk) == wish), None)
    rows = Session.objects.with_facts().order_by("first_on", "starts", "pk")
    rows = rows.filter(term=term) if term else rows.current(today)
    page = page_of(rows, request)
    for session in page.object_list:
        session.standing = standing(session, at)
    is_manager = has_role(request.user, MANAGER)
    context = {
        "page_obj": page,
        "terms": terms,
        "term": term,
        "is_manager": is_manager,
        "on_closures": bulk_changes.count_on_closures(at) if is_manager else 0,
        "readable": readable_sessions(request.user, today),
    }
    return render(request, "enrollments/office/sessions.html", context)


def readable_sessions(user, today: date):
    """Return the ids of sessions whose roster this user may read: all for managers, those with a class on one
    of `desk_days` for the front desk.
    """
    if has_role(user, MANAGER):
        return set(Session.objects.values_list("pk", flat=True))
    return set(Meeting.objects.filter(on__range=desk_days(today)).values_list("session_id", flat=True))


@role_required(FRONT_DESK, MANAGER)
@require_safe
@reads_replica
def untaught(request):
    """Show the classes to come that nobody teaches, the soonest first, and where to name somebody."""
    at = timezone.now()
    page = page_of(teaching.without_instructor(at), request)
    context = {
        "page_obj": page,
        "open": set(
            class_meetings(request.user, at)
            .filter(pk__in=[meeting.pk for meeting in page.object_list])
            .values_list("pk", flat=True)
        ),
        "is_manager": has_role(request.user, MANAGER),
    }
    return render(request, "enrollments/office/untaught.html", context)


@role_required(FRONT_DESK, MANAGER)
@require_safe
def session_roster(request, session_id):
    """Show a session's children with their guardians' phones, then the waiting list, fifty per page."""
    at = timezone.now()
    today = timezone.localdate(at)
    if session_id not in readable_sessions(request.user, today):
        raise Http404
    session = get_object_or_404(Session.objects.with_facts(), pk=session_id)
    waiting = Enrollment.objects.filter(session=session, state__in=["offered", "waiting"]).select_related(
        "child"
    )
    page = page_of(waiting.prefetch_related("child__guardianships__guardian"), request)
    queue = positions([session.pk])
    for row in page.object_list:
        row.place_in_queue, row.age = queue.get(row.pk, 0), row.child.age_on(today)
    rows = roster.seated(session)
    shown = [row.child_id for row in (*rows, *page.object_list)]
    access_log.record_read(ReadRecord.What.ROSTER, children=shown, by=request.user, at=at)
    prefetch_related_objects(rows, "child__guardianships__guardian")
    for row in rows:
        row.age, row.ties = row.child.age_on(today), row.child.guardianships.all()
    context = {"session": session, "standing": standing(session, at), "rows": rows, "page_obj": page}
    return render(request, "enrollments/office/roster.html", context)
