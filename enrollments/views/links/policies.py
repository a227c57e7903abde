"""The texts guardians agree to, public."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from enrollments.models import PolicyVersion


@require_safe
def policy(request, code):
    """Show a policy's current or an earlier version (`?version=1`); public, except for drafts."""
    at = timezone.now()
    versions = list(
        PolicyVersion.objects.filter(policy__code=code, published_at__lte=at)
        .select_related("policy")
        .prefetch_related("texts")
    )
    wish = request.GET.get("version", "")
    version = next((one for one in versions if not wish or str(one.number) == wish), None)
    if version is None:
        raise Http404
    context = {
        "version": version,
        "text": version.text(),
        "versions": versions,
        "is_current": version == versions[0],
    }
    return render(request, "enrollments/links/policy.html", context)
