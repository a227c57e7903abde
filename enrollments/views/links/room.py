"""The child's face of the lesson that is on, for a room's tablets and projector. Nobody signs in.

Words of the lesson only: no name, place, hour or instructor (domain §7).
"""

from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from courses import faces
from enrollments.classes import room_codes
from home.tries import count_try, tried

TRIES, WINDOW = 20, 600  # wrong codes per network address in that many seconds


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
    """Show the lesson. A wrong, an early and a late code get the same 404; after twenty, every code does."""
    meeting = room_codes.find(code, timezone.now())
    if meeting is None:
        count_try("room", request, seconds=WINDOW)
    if meeting is None or tried("room", request) >= TRIES:
        raise Http404
    context = {"lesson": meeting.lesson, "face": faces.child_face(meeting.lesson)}
    response = render(request, "enrollments/room/lesson.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response
