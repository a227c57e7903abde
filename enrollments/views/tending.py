"""The office and the places: the call list, one place with its history, a child enrolled at the desk, the nightly check."""

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.models import Session
from courses.standing import standing
from enrollments.classes import roster
from enrollments.forms.tending import PriorityForm, RemovalForm, WaiverForm, reason_words
from enrollments.letters import delivery, outbox
from enrollments.models import Enrollment, PlaceCheck, PlaceEvent, ReadRecord
from enrollments.permissions import FRONT_DESK, MANAGER, has_role, role_required
from enrollments.places import admission, overrides, waiting_list, withdrawal
from enrollments.places.eligibility import know, obstacles
from enrollments.places.positions import positions
from enrollments.privacy import access_log
from enrollments.views.files import known_child
from enrollments.views.ways import page_of, patiently

State = Enrollment.State


# ---- the call list


@role_required(FRONT_DESK, MANAGER)
@require_safe
def calls(request):
    """Whom to telephone: about children who are looked for, those absent twice, then about places, soonest end first."""
    at = timezone.now()
    waiting_list.settle_due(at)
    page = page_of(waiting_list.call_list(at).prefetch_related("child__guardianships__guardian"), request)
    access_log.record_read(ReadRecord.What.FILE, children=[row.child_id for row in page.object_list], by=request.user, at=at)
    lost, twice = roster.looked_for(at), roster.absent_twice(at)
    seen = [row.child_id for row in (*lost, *twice)]
    access_log.record_read(ReadRecord.What.FILE, children=seen, by=request.user, at=at)
    prefetch_related_objects([row.child for row in (*lost, *twice)], "guardianships__guardian")
    return render(
        request, "enrollments/office/calls.html", {"page_obj": page, "lost": lost, "twice": twice, "unreached": _unreached(at)}
    )


def _unreached(at) -> list:
    """News of a class that reached nobody yet, with a conversation whose words are prepared; fifty at most."""
    return outbox.delivery(outbox.unreached(at)[:50], lambda row: f"{row.subject}\n\n{delivery.masked_body(row)}")


@role_required(FRONT_DESK, MANAGER)
@require_POST
@patiently
def call_answer(request, row_id):
    """I call now; yes; no; no answer."""
    row, at, answer = get_object_or_404(Enrollment, pk=row_id), timezone.now(), request.POST.get("answer")
    acts = {"call": waiting_list.call, "yes": waiting_list.accept, "no": waiting_list.decline, "none": waiting_list.no_answer}
    if answer not in acts:
        raise Http404
    try:
        acts[answer](row, by=request.user, at=at)
    except waiting_list.Refused as refusal:
        words = " ".join(found.words for found in refusal.obstacles)
        messages.error(request, words or _("This offer is over: the place went to the next who waits."))
    else:
        done = {
            "call": _("Twenty minutes are kept for this call."), "yes": _("The child has the place."),
            "no": _("Noted. The next one is in line."), "none": _("Noted. The next one is in line."),
        }  # fmt: skip
        messages.success(request, done[answer])
    return redirect("office_calls")


@role_required(FRONT_DESK, MANAGER)
@require_safe
def checks(request):
    """What the nightly check of the places found."""
    return render(request, "enrollments/office/checks.html", {"checks": PlaceCheck.objects.all()[:30]})


# ---- one place


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def place(request, row_id):
    """One place: how it came to be, and what a manager may do with it, each with a reason."""
    row = get_object_or_404(
        Enrollment.objects.select_related("child", "session__course", "session__room__venue").filter(child__erased_at=None),
        pk=row_id,
    )
    at, is_manager, act = timezone.now(), has_role(request.user, MANAGER), request.POST.get("act", "")
    removal = RemovalForm(request.POST if act == "remove" else None)
    priority = PriorityForm(request.POST if act == "priority" else None, initial={"priority": row.priority})
    if request.method == "POST" and not is_manager:
        raise Http404
    form = {"remove": removal, "priority": priority}.get(act)
    if form is not None and form.is_valid():
        told = form.cleaned_data
        try:
            if act == "remove":
                withdrawal.remove(row, by=request.user, reason=told["reason"], at=at)
                if told["words"]:
                    overrides.add_note(row, told["words"], by=request.user, at=at)
            else:
                overrides.set_priority(row, told["priority"], reason=told["reason"], by=request.user, at=at)
        except (withdrawal.Refused, overrides.Refused):
            messages.error(request, _("This place is over already."))
        else:
            messages.success(request, _("Noted. Whoever is served by it is told by letter."))
        return redirect("office_place", row_id=row.pk)
    access_log.record_read(ReadRecord.What.FILE, children=[row.child_id], by=request.user, at=at)
    events = list(PlaceEvent.objects.filter(enrollment_ref=row.pk).order_by("pk"))
    labels = dict(State.choices)
    for event in events:
        event.reason_words, event.to_words = reason_words(event.reason), labels.get(event.to_state, event.to_state)
    context = {
        "row": row, "session": row.session, "events": events, "is_manager": is_manager, "is_live": row.state in Enrollment.LIVE,
        "removal": removal, "priority": priority, "notes": row.notes.all(), "position": positions([row.session_id]).get(row.pk, 0),
    }  # fmt: skip
    return render(request, "enrollments/office/place.html", context, status=422 if request.method == "POST" else 200)


# ---- a child enrolled at the desk


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def enroll_child(request, child_id):
    """For a family at the desk or on the telephone: the sessions that fit first, then those that do not, with what is in the way."""
    child, at = known_child(request.user, child_id), timezone.now()
    today, status = timezone.localdate(at), 200
    wish = request.GET.get("all") == "1"
    rows = Session.objects.published().current(today).filter(cancelled_at=None).exclude(first_on=None).with_facts()
    age = child.age_on(today)
    if not wish:
        rows = rows.filter(course__band__min_age__lte=age + 1, course__band__max_age__gte=age)
    sessions = list(rows.order_by("first_on", "starts", "pk")[:200])
    fault = ""
    if request.method == "POST":
        chosen = next((session for session in sessions if str(session.pk) == request.POST.get("session")), None)
        if chosen is None:
            raise Http404
        try:
            made = admission.enroll(child=child, session=chosen, by=request.user, at=at)
        except admission.NotAdmissible as refusal:
            status, fault = 409, " ".join(found.words for found in refusal.obstacles)
        else:
            seated = made.state == State.SEATED
            messages.success(
                request, (_("The child has a place: %(reference)s.") if seated else _("On the waiting list: %(reference)s."))
                % {"reference": made.reference},
            )  # fmt: skip
            return redirect("office_child", child_id=child.pk)
    known = know([child], sessions, at)
    for session in sessions:
        session.obstacles, session.standing = obstacles(child=child, session=session, at=at, known=known), standing(session, at)
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
    """Let this child pass one obstacle of this session, for a reason that is kept."""
    child = known_child(request.user, child_id)
    session, at = get_object_or_404(Session.objects.with_facts(), pk=session_id), timezone.now()
    found = obstacles(child=child, session=session, at=at)
    form = WaiverForm(request.POST or None, initial={"code": found[0].code if found else ""})
    if form.is_valid():
        overrides.waive(child, session, form.cleaned_data["code"], reason=form.cleaned_data["reason"], by=request.user, at=at)
        messages.success(request, _("Waived. The child may be enrolled now."))
        return redirect("office_enroll", child_id=child.pk)
    context = {"child": child, "session": session, "form": form, "obstacles": found}
    return render(request, "enrollments/office/waive.html", context, status=422 if request.method == "POST" else 200)
