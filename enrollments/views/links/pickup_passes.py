"""A pickup pass as the adult it names shows it."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from enrollments.classes import pickup_passes


@never_cache
@require_safe
def pickup_pass(request, token):
    """Show the pass at the entrance: a name and a day; 410 once it has ended. Viewing changes nothing."""
    row = pickup_passes.find(token)
    if row is None:
        raise Http404
    is_open = pickup_passes.is_open(row, timezone.localdate())
    return render(
        request,
        "enrollments/links/pickup_pass.html",
        {"row": row, "is_open": is_open},
        status=200 if is_open else 410,
    )
