"""The family's basket: several children and sessions, one total, one confirmation."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from enrollments.forms.family.enroll import FittingForm
from enrollments.models import Child
from enrollments.money import refund_policy
from enrollments.places import basket, private_sessions, suggestions
from enrollments.staff.tabs import team_room
from enrollments.views.lock_timeouts import patiently
from enrollments.views.paging import page_of
from home.forms_only import form_of
from home.language.dates import key_in

KEY = "basket"


def pairs_of(request) -> list[tuple[int, int]]:
    """Return the basket of this HTTP session, in the order added."""
    return [(int(child), int(session)) for child, session in request.session.get(KEY, [])]


def items_in(request) -> int:
    """Return how many items this person's basket shows; 0 for a visitor."""
    if not request.user.is_authenticated:
        return 0
    return basket.count(pairs_of(request), request.user)


@require_safe
def basket_link(request):
    """The links of the reader alone, to the basket and to a room of the team: public pages are cached for
    everybody and fetch them apart.
    """
    room = team_room(request.user)
    context = {"count": items_in(request), "room": reverse(room) if room else ""}
    return render(request, "enrollments/family/basket_link.html", context)


@login_required
@form_of("enroll", "session_id")
@patiently
def basket_add(request, session_id):
    """Add the ticked children and this session to the basket."""
    session = get_object_or_404(private_sessions.visible_to(request.user), pk=session_id)
    ticked = filter(None, map(key_in, request.POST.getlist("children")))
    mine = Child.objects.in_care_of(request.user).filter(pk__in=list(ticked))
    if not mine:
        messages.error(request, _("Tick the child to enroll."))
        return redirect("enroll", session_id=session.pk)
    return _put_aside(request, [(child.pk, session.pk) for child in mine])


@login_required
@form_of("fitting")
@patiently
def basket_add_pairs(request):
    """Add several children and sessions at once (`pair`: child:session, from the suggestions page)."""
    said = [
        tuple(map(key_in, value.split(":"))) for value in request.POST.getlist("pair")[: basket.MOST_LINES]
    ]
    wished = [pair for pair in said if len(pair) == 2 and all(pair)]
    lines = basket.lines_of(wished, request.user, timezone.now())
    return _put_aside(request, [(line.child.pk, line.session.pk) for line in lines])


def _put_aside(request, pairs):
    kept = list(dict.fromkeys([*pairs_of(request), *pairs]))
    if len(kept) > basket.MOST_LINES:
        messages.error(request, _("Your basket is full. Confirm it first."))
    else:
        request.session[KEY] = kept
    return redirect("basket")


@login_required
@require_safe
def fitting_page(request):
    """Show the sessions my children can join now, each and together."""
    at = timezone.now()
    form = FittingForm(
        request.GET, children=Child.objects.in_care_of(request.user).order_by("birth_date", "pk")
    )
    asked = dict(form.asked)
    only, weekday = asked.pop("child", ""), asked.pop("weekday", "")
    found = suggestions.for_children(request.user, at, weekday=int(weekday) if weekday else None, **asked)
    context = {
        "groups": [(child, sessions[: suggestions.MOST_SHOWN], len(sessions)) for child, sessions in found],
        "form": form,
        "asked": form.asked,
        "together": [] if only else suggestions.together(found),
        "unknown": bool(form.errors),
        "query": urlencode(form.asked),
        "has_many": len(found) > 1,
    }
    for child, sessions in found:
        if str(child.pk) == only:
            page = page_of(sessions, request)
            context |= {
                "page_obj": page,
                "groups": [(child, page.object_list, len(page.object_list))],
                "has_many": False,
            }
    return render(request, "enrollments/family/fitting.html", context)


@login_required
@form_of("basket")
@patiently
def basket_remove(request, session_id, child_id):
    """Remove one item."""
    request.session[KEY] = [pair for pair in pairs_of(request) if pair != (child_id, session_id)]
    return redirect("basket")


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def basket_page(request):
    """Show all items, their obstacles and the total; confirm once."""
    at, pairs, missing = timezone.now(), pairs_of(request), []
    if request.method == "POST" and pairs:
        try:
            rows = basket.confirm(
                pairs, by=request.user, at=at, keep_what_fits=request.POST.get("mode") == "fits"
            )
        except basket.NotAll as refusal:
            missing = refusal.lines
        else:
            request.session[KEY] = []
            request.session["basket_done"] = rows[0].reference
            return redirect("enrollment", reference=rows[0].reference)
    elif request.method == "POST" and request.session.get("basket_done"):
        return redirect(
            "enrollment", reference=request.session["basket_done"]
        )  # the same button again: the same answer
    lines = basket.lines_of(pairs, request.user, at)
    for line in lines:
        line.bands = refund_policy.bands_ahead(line.session, line.joining.total, at)
    welcome = [line for line in lines if line.fits]
    context = {
        "lines": lines,
        "fitting": welcome,
        "total": basket.total(lines),
        "all_fit": bool(lines) and all(line.fits and not line.will_wait for line in lines),
        "missing": [(line.child, line.session) for line in missing],
    }
    return render(request, "enrollments/family/basket.html", context, status=409 if missing else 200)
