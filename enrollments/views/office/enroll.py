"""A child enrolled at the desk, and a rule waived by a manager."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from courses.models import Session
from courses.standing import standing
from courses.timetable.joining_price import joining_price
from enrollments.forms.office.places import WaiverForm
from enrollments.permissions import FRONT_DESK, MANAGER, has_role, role_required
from enrollments.places import admission, overrides
from enrollments.places.eligibility import know, obstacles
from enrollments.views.child_access import known_child
from enrollments.views.lock_timeouts import patiently
from enrollments.views.office.places import State
from enrollments.views.paging import page_of

# ---- enrolling at the front desk


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def enroll_child(request, child_id):
    """Enroll for a family at the front desk or on the phone: possible sessions first, then the others with
    their obstacles.
    """
    child, at = known_child(request.user, child_id), timezone.now()
    today, status = timezone.localdate(at), 200
    wish = request.GET.get("all") == "1"
    rows = (
        Session.objects.published()
        .current(today)
        .filter(cancelled_at=None)
        .exclude(first_on=None)
        .with_facts()
    )
    age = child.age_on(today)
    if not wish:
        rows = rows.filter(course__band__min_age__lte=age + 1, course__band__max_age__gte=age)
    sessions = list(rows.order_by("first_on", "starts", "pk")[:200])
    fault = ""
    if request.method == "POST":
        chosen = next(
            (session for session in sessions if str(session.pk) == request.POST.get("session")), None
        )
        if chosen is None:
            raise Http404
        try:
            made = admission.enroll(child=child, session=chosen, by=request.user, at=at)
        except admission.NotAdmissible as refusal:
            status, fault = 409, " ".join(found.words for found in refusal.obstacles)
        else:
            seated = made.state == State.SEATED
            messages.success(
                request,
                (
                    _("The child has a place: %(reference)s.")
                    if seated
                    else _("On the waiting list: %(reference)s.")
                )
                % {"reference": made.reference},
            )
            return redirect("office_child", child_id=child.pk)
    known = know([child], sessions, at)
    for session in sessions:
        session.obstacles, session.standing = (
            obstacles(child=child, session=session, at=at, known=known),
            standing(session, at),
        )
        session.joining = joining_price(session, at)
    sessions.sort(key=lambda session: bool(session.obstacles))
    page = page_of(sessions, request)
    context = {
        "child": child,
        "age": age,
        "page_obj": page,
        "all": wish,
        "fault": fault,
        "is_manager": has_role(request.user, MANAGER),
    }
    return render(request, "enrollments/office/enroll.html", context, status=status)


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def waive(request, child_id, session_id):
    """Waive one obstacle for this child in this session, with a recorded reason."""
    child = known_child(request.user, child_id)
    session, at = get_object_or_404(Session.objects.with_facts(), pk=session_id), timezone.now()
    found = obstacles(child=child, session=session, at=at)
    form = WaiverForm(request.POST or None, initial={"code": found[0].code if found else ""})
    if form.is_valid():
        overrides.waive(
            child,
            session,
            form.cleaned_data["code"],
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=at,
        )
        messages.success(request, _("Waived. The child can be enrolled now."))
        return redirect("office_enroll", child_id=child.pk)
    context = {"child": child, "session": session, "form": form, "obstacles": found}
    return render(
        request, "enrollments/office/waive.html", context, status=422 if request.method == "POST" else 200
    )
