"""A practice class of invented children to learn the register, open any day. Saves nothing."""

import json
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from enrollments.classes import roster
from enrollments.models import Child, Presence
from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, role_required
from enrollments.views.class_access import counts_of, first_marks, more_marks, shown_counts
from enrollments.views.lock_timeouts import patiently
from home.forms_only import form_of

NAMES = (
    ("Adam", "Exemple"),
    ("Aya", "Exemple"),
    ("Hamza", "Modèle"),
    ("Ilyas", "Exemple"),
    ("Inès", "Modèle"),
    ("Lina", "Exemple"),
    ("Malak", "Modèle"),
    ("Nour", "Exemple"),
    ("Rayan", "Modèle"),
    ("Salma", "Exemple"),
    ("Salma", "Modèle"),
    ("Yassine", "Exemple"),
)


def _lines(marks: dict[str, str]) -> list[roster.RosterLine]:
    children = [
        Child(pk=number, first_name=first, last_name=last)
        for number, (first, last) in enumerate(NAMES, start=1)
    ]
    shown = roster.told_apart(children)
    return [
        roster.RosterLine(
            child,
            Presence(child=child, mark=marks.get(str(child.pk), "")),
            shown[child.pk],
            9,
            is_first=child.pk == 3,
        )
        for child in children
    ]


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def practice(request):
    """Show the same page as for a real class; a plain form is answered with its own values."""
    now = timezone.now()
    said = {
        name[5:]: mark
        for name, mark in request.POST.items()
        if name.startswith("mark-") and mark in Presence.Mark.values
    }
    if request.POST.get("act") == "all":
        said = {str(number): "present" for number in range(1, len(NAMES) + 1)} | said
    lines = _lines(said)
    meeting = SimpleNamespace(
        on=timezone.localdate(now),
        hours="",
        starts_at=now,
        ends_at=now + timedelta(minutes=90),
        room=None,
        lesson=None,
    )
    context = {
        "is_practice": True,
        "meeting": meeting,
        "session": SimpleNamespace(course=SimpleNamespace(title=_("Practice group"))),
        "lines": lines,
        "counts": (counts := counts_of(lines)),
        "shown": shown_counts(counts),
        "key": uuid4(),
        "marks": first_marks(),
        "more_marks": more_marks(),
        "is_open": True,
    }
    return render(request, "enrollments/desk/register.html", context)


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@form_of("desk_practice")
@patiently
def practice_marks(request):
    """Answer like a real class, without saving."""
    try:
        sent = json.loads(request.body)["marks"][:60]
        marks = [
            {
                "child": int(one["child"]),
                "status": "saved",
                "version": int(one["seen"]) + 1,
                "mark": str(one["mark"]),
                "minutes": one.get("minutes"),
                "remark": one.get("remark") or "",
                "gone": False,
            }
            for one in sent
        ]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return JsonResponse({"words": _("Choose one of the attendance marks.")}, status=422)
    return JsonResponse({"marks": marks})
