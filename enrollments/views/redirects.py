"""Where to go back to after a form."""

from django.utils.http import url_has_allowed_host_and_scheme


def back_to(request, default: str) -> str:
    """Return the page the user came from (`next`), if it is on this site; else the default."""
    back = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return back if ours and back.startswith("/") else default
