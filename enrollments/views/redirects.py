"""Where to go back to after a form."""

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def back_to(request, default: str) -> str:
    """Return the page the user came from (`next`), if it is on this site; else the default."""
    back = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return back if ours and back.startswith("/") else default


def to_part(route: str, *args: int, part: str = "", query: str = "") -> HttpResponseRedirect:
    """Redirect to the element with the id `part` of a page, so that what was pressed there stays in sight."""
    address = reverse(route, args=args) + (f"?{query}" if query else "")
    return HttpResponseRedirect(f"{address}#{part}" if part else address)
