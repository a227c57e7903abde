"""What the make-up pages of a family and of the office share."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import Meeting
from enrollments.classes import makeups
from enrollments.models import Child, MakeUp

NO_LONGER = gettext_lazy("This class is no longer possible. Choose another one.")
REFUSALS = {
    makeups.Reason.FULL: gettext_lazy("There is no room left. Choose another class."),
    makeups.Reason.NOT_MISSED: NO_LONGER,
    makeups.Reason.NOT_EQUIVALENT: NO_LONGER,
    makeups.Reason.CLASH: NO_LONGER,
    makeups.Reason.AGAIN: NO_LONGER,
    makeups.Reason.OVER: NO_LONGER,
}


def make_up_page(request, child: Child, here: str, room: str):
    at, fault = timezone.now(), ""
    if request.method == "POST":
        missed_id, _dot, host_id = request.POST.get("choice", "").partition(".")
        try:
            missed, host = (Meeting.objects.get(pk=int(number)) for number in (missed_id, host_id))
            makeups.book(child, missed, host, by=request.user, at=at)
        except (ValueError, Meeting.DoesNotExist):
            fault = _("Choose one of the classes.")
        except makeups.Refused as refusal:
            fault = str(REFUSALS[refusal.code])
        else:
            messages.success(
                request, _("Done. %(child)s is expected there as a guest.") % {"child": child.first_name}
            )
            return redirect(here, child_id=child.pk)
    missed = [
        (meeting, makeups.hosts_for(child, meeting, at)) for meeting in makeups.missed_by(child, at)[:4]
    ]
    booked = MakeUp.objects.filter(child=child, cancelled_at=None, host__starts_at__gt=at)
    booked = booked.select_related("host__session__course", "host__room__venue", "missed").order_by(
        "host__starts_at"
    )
    context = {
        "child": child,
        "missed": missed,
        "booked": booked,
        "fault": fault,
        "room": room,
        "is_desk": here != "child_make_up",
    }
    return render(request, "enrollments/family/make_up.html", context, status=422 if fault else 200)


def cancel_make_up(request, child: Child, row_id: int, here: str):
    row = get_object_or_404(MakeUp, pk=row_id, child=child)
    if makeups.cancel(row, by=request.user, at=timezone.now()):
        messages.success(request, _("You have given up the guest place."))
    return redirect(here, child_id=child.pk)
