"""What the pages about giving up or changing a place share: a guardian's own, and the desk's at a guardian's
request. The consequences are shown first.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import Session
from courses.standing import standing
from enrollments.models import Enrollment, Guardianship
from enrollments.money import receipts, refund_policy
from enrollments.places import private_sessions, waiting_list, withdrawal
from enrollments.places.eligibility import know, obstacles
from home.account import User

State = Enrollment.State
REFUSALS = {
    withdrawal.Reason.OVER: gettext_lazy("This place has already ended."),
    withdrawal.Reason.FINISHED: gettext_lazy("The session has ended: its places can no longer be changed."),
    withdrawal.Reason.FULL: gettext_lazy("That place is no longer available. Nothing has changed here."),
    withdrawal.Reason.INADMISSIBLE: gettext_lazy(
        "That place is no longer available. Nothing has changed here."
    ),
    withdrawal.Reason.NOT_GUARDIAN: gettext_lazy("Choose the guardian who asks."),
}
MOST_MOVES = 20


@dataclass(frozen=True)
class PlaceRoom:
    """Where the page stands. `ties`: the guardians who may have asked the desk; None on a guardian's own."""

    base: str
    leave: str
    move: str
    ties: list[Guardianship] | None = None

    @property
    def is_desk(self) -> bool:
        return self.ties is not None


FAMILY = PlaceRoom("enrollments/family/base.html", "place_leave", "place_move")


def desk_room(row: Enrollment) -> PlaceRoom:
    """Return the desk's pages of this place: only guardians with full rights can ask for a change."""
    child = row.child
    ties = Guardianship.objects.full().filter(child=child).select_related("guardian").order_by("pk")
    return PlaceRoom(
        "enrollments/office/base.html", "office_place_leave", "office_place_move", ties=list(ties)
    )


def _asked(request, room: PlaceRoom) -> Guardianship | None:
    """Return the guardian chosen on the desk's page; the only one is chosen beforehand."""
    said = request.POST.get("asked_by", "")
    if not said and request.method != "POST" and room.ties and len(room.ties) == 1:
        return room.ties[0]
    return next((tie for tie in room.ties or () if str(tie.pk) == said), None)


def _page(
    request, row: Enrollment, room: PlaceRoom, asked: Guardianship | None, at: datetime
) -> dict[str, Any]:
    own = reverse("enrollment", args=[row.reference])
    return {
        "row": row,
        "session": row.session,
        "base": room.base,
        "is_desk": room.is_desk,
        "ties": room.ties,
        "asked": asked,
        "move_url": reverse(room.move, args=[row.pk]),
        "back_url": reverse("office_place", args=[row.pk]) if room.is_desk else own,
        "is_live": row.state in Enrollment.LIVE,
        "is_finished": row.is_finished(at),
        "is_seated": row.state == State.SEATED,
    }


def leave_page(request, row: Enrollment, room: PlaceRoom):
    """Show the refund and the consequences, then withdraw; `act=keep` at the desk takes a withdrawal back."""
    at, fault = timezone.now(), ""
    refund, asked = refund_policy.band_at(row.session, row.price, at), _asked(request, room)
    if request.method == "POST" and room.is_desk and asked is None:
        fault = _("Choose the guardian who asks.")
    elif request.method == "POST" and row.state == State.SEATED and _is_less(refund.amount, request.POST):
        fault = _("The refund has changed while the page was open. Please read it again.")
    elif request.method == "POST":
        told = {"by": request.user, "at": at, "asked_by": asked.guardian if asked else None}
        keeps = room.is_desk and request.POST.get("act") == "keep"
        try:
            row = withdrawal.take_back(row, **told) if keeps else withdrawal.withdraw(row, **told)
        except withdrawal.Refused as refusal:
            fault = str(REFUSALS[refusal.code])
            row.refresh_from_db()
        else:
            _say_left(request, row, kept=keeps)
            return redirect("office_place", row_id=row.pk) if room.is_desk else redirect("family")
    context = _page(request, row, room, asked, at) | {
        "fault": fault,
        "bands": refund_policy.bands_ahead(row.session, row.price, at),
        "now": refund,
        "money": receipts.settlement_of(row, refund.amount, () if room.is_desk else [request.user])
        if row.state == State.SEATED
        else None,
        "someone_waits": row.session.waiting_count > 0,
        "others": [one for one in waiting_list.entry_of(row) if one.pk != row.pk],
    }
    context |= _kept(row, room, asked, request.user, at)
    return render(request, "enrollments/family/leave_place.html", context, status=409 if fault else 200)


def _kept(
    row: Enrollment, room: PlaceRoom, asked: Guardianship | None, user: User, at: datetime
) -> dict[str, object]:
    """Return until when the place would be held, and whether that depends on the guardian who asks."""
    if not room.is_desk:
        return {"kept_until": withdrawal.may_be_taken_back_until(row, user, at)}
    askers = [asked] if asked else room.ties or []
    ends = [withdrawal.may_be_taken_back_until(row, tie.guardian, at) for tie in askers]
    some = [end for end in ends if end]
    return {"kept_until": some[0] if some else None, "may_be_kept": 0 < len(some) < len(ends)}


def _say_left(request, row: Enrollment, *, kept: bool) -> None:
    if kept:
        messages.success(request, _("%(child)s keeps the place.") % {"child": row.child.first_name})
    elif row.leaves_at:
        messages.info(request, _("Saved. We will hold the place for a day and tell the other guardians."))
    else:
        messages.success(request, _("Done. The place has been given up."))


def _is_less(amount: Decimal, posted) -> bool:
    """Return whether the refund is now less than the page said it was (`refund`, MAD)."""
    try:
        return amount < Decimal(posted.get("refund", ""))
    except InvalidOperation:
        return False


def move_page(request, row: Enrollment, room: PlaceRoom):
    """Show other sessions of the course with a place for this child; one press moves, or nothing changes."""
    at, fault, asked = timezone.now(), "", _asked(request, room)
    fitting = _sessions_to_move_to(row, request.user, at)
    if request.method == "POST" and room.is_desk and asked is None:
        fault = _("Choose the guardian who asks.")
    elif request.method == "POST":
        to = next((session for session in fitting if str(session.pk) == request.POST.get("session")), None)
        try:
            if to is None:
                gone = withdrawal.Reason.FINISHED if row.is_finished(at) else withdrawal.Reason.FULL
                raise withdrawal.Refused(gone)
            new = withdrawal.move(row, to, by=request.user, at=at, asked_by=asked.guardian if asked else None)
        except withdrawal.Refused as refusal:
            fault = " ".join(found.words for found in refusal.obstacles) or str(REFUSALS[refusal.code])
            row.refresh_from_db()
            fitting = _sessions_to_move_to(row, request.user, at)
        else:
            messages.success(
                request, _("%(child)s is now in the other session.") % {"child": row.child.first_name}
            )
            if room.is_desk:
                return redirect("office_place", row_id=new.pk)
            return redirect("enrollment", reference=new.reference)
    context = _page(request, row, room, asked, at) | {"fitting": fitting, "fault": fault}
    return render(request, "enrollments/family/move_place.html", context, status=409 if fault else 200)


def _sessions_to_move_to(row: Enrollment, user: User, at: datetime) -> list[Session]:
    """Return sessions of the same course with a seat nobody waits for and no obstacles for this child."""
    if row.state != State.SEATED or row.is_finished(at):
        return []
    today = timezone.localdate(at)
    rows = (
        private_sessions.visible_to(user)
        .current(today)
        .filter(course=row.session.course_id, cancelled_at=None, waiting_count=0)
    )
    sessions = [
        session
        for session in rows.exclude(pk=row.session_id)
        .exclude(first_on=None)
        .with_facts()
        .order_by("first_on")[:MOST_MOVES]
        if session.free
    ]
    known = know([row.child], sessions, at)
    known.leave_out(row)
    found = [
        session for session in sessions if not obstacles(child=row.child, session=session, at=at, known=known)
    ]
    for session in found:
        session.standing = standing(session, at)
        session.new_price = withdrawal.price_after_move(row, session, at)
        session.difference = session.new_price - row.price
    return found
