"""A missed class is made up in another group: by a guardian, or by the desk for a family that telephones."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from courses.models import Meeting
from enrollments.classes import makeups
from enrollments.models import Child, MakeUp, ReadRecord
from enrollments.permissions import FRONT_DESK, MANAGER, role_required
from enrollments.privacy import access_log
from enrollments.views.ways import patiently


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def child_make_up(request, child_id):
    """What was missed, and where it may be made up; one press seats the child as a guest."""
    child = get_object_or_404(Child.objects.in_care_of(request.user), pk=child_id)
    return _make_up(request, child, "child_make_up", "enrollments/family/base.html")


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_make_up(request, child_id):
    """The same at the desk, for a family that telephones; looking is recorded."""
    child = get_object_or_404(Child.objects.for_staff(request.user), pk=child_id)
    access_log.record_read(ReadRecord.What.FILE, children=[child], by=request.user, at=timezone.now())
    return _make_up(request, child, "office_make_up", "enrollments/office/base.html")


def _make_up(request, child: Child, here: str, room: str):
    at, fault = timezone.now(), ""
    if request.method == "POST":
        missed_id, _dot, host_id = request.POST.get("choice", "").partition(".")
        try:
            missed, host = (Meeting.objects.get(pk=int(number)) for number in (missed_id, host_id))
            makeups.book(child, missed, host, by=request.user, at=at)
        except (ValueError, Meeting.DoesNotExist):
            fault = _("Choose one of the classes.")
        except makeups.Refused as refusal:
            fault = {"full": _("There is no room any more: choose another class.")}.get(
                refusal.code, _("This class is no longer possible: choose another one.")
            )
        else:
            messages.success(request, _("Done: %(child)s is expected there as a guest.") % {"child": child.first_name})
            return redirect(here, child_id=child.pk)
    missed = [(meeting, makeups.hosts_for(child, meeting, at)) for meeting in makeups.missed_by(child, at)[:4]]
    booked = MakeUp.objects.filter(child=child, cancelled_at=None, host__starts_at__gt=at)
    booked = booked.select_related("host__session__course", "host__room__venue", "missed").order_by("host__starts_at")
    context = {
        "child": child,
        "missed": missed,
        "booked": booked,
        "fault": fault,
        "room": room,
        "is_desk": here != "child_make_up",
    }
    return render(request, "enrollments/family/make_up.html", context, status=422 if fault else 200)


@login_required
@require_POST
def make_up_cancel(request, child_id, row_id):
    """Give the guest's place back."""
    child = get_object_or_404(Child.objects.in_care_of(request.user), pk=child_id)
    return _cancel(request, child, row_id, "child_make_up")


@role_required(FRONT_DESK, MANAGER)
@require_POST
def office_make_up_cancel(request, child_id, row_id):
    """The same at the desk."""
    return _cancel(request, get_object_or_404(Child.objects.for_staff(request.user), pk=child_id), row_id, "office_make_up")


def _cancel(request, child: Child, row_id: int, here: str):
    row = get_object_or_404(MakeUp, pk=row_id, child=child)
    if makeups.cancel(row, by=request.user, at=timezone.now()):
        messages.success(request, _("The guest's place is given back."))
    return redirect(here, child_id=child.pk)
