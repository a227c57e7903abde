"""The child's face of the lesson that is on, for a room's tablets and projector. Nobody signs in.

Words of the lesson only: no name, place, hour or instructor (domain §7).
"""

from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from courses import faces
from enrollments.classes import room_codes
from home.tries import count_value, is_known, let_through, tried

TRIES, WINDOW = 20, 600  # different wrong codes per network address in that many seconds
IN_USE = 6 * 3600  # seconds; a class is shorter


@never_cache
@require_safe
def room(request):
    """Ask for the code; a typed one leads to its lesson."""
    if code := room_codes.read(request.GET.get("code", "")):
        return redirect("room_lesson", code=code[: 2 * room_codes.LENGTH])
    return render(request, "enrollments/room/enter.html")


@never_cache
@require_safe
def room_lesson(request, code):
    """Show the lesson. A wrong, an early and a late code get the same 404, where it can be typed again; after
    twenty, no code is tried from this address for a while, but for those in use there: a room shares one
    address.
    """
    code = room_codes.read(code)
    if tried("room", request) >= TRIES and not is_known("room", request, code):
        response = render(request, "429.html", status=429)
        response["Retry-After"] = str(WINDOW)
        return response
    meeting = room_codes.find(code, timezone.now())
    if meeting is None:
        count_value("room", request, code, seconds=WINDOW)
        return render(request, "enrollments/room/enter.html", {"is_wrong": True, "typed": code}, status=404)
    let_through("room", request, code, seconds=IN_USE)
    context = {"lesson": meeting.lesson, "face": faces.child_face(meeting.lesson)}
    response = render(request, "enrollments/room/lesson.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response
