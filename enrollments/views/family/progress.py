"""What a child has learned over time, for its guardians: on the screen and on paper."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enrollments.models import Child
from enrollments.views.learning_pages import learned
from enrollments.views.paper_responses import file_response


@login_required
@require_safe
def child_progress(request, child_id):
    """Show skills with the level seen first and last, the map of each track, and classes with their notes."""
    child = get_object_or_404(Child.objects.of(request.user), pk=child_id)
    may_act = Child.objects.in_care_of(request.user).filter(pk=child_id).exists()
    context = {"child": child, "may_act": may_act, **learned(child, timezone.now())}
    return render(request, "enrollments/family/progress.html", context)


@login_required
@require_safe
def child_progress_paper(request, child_id):
    """Return the same on A4."""
    child = get_object_or_404(Child.objects.of(request.user), pk=child_id)
    from enrollments.printing.learning_sheets import learning_pdf  # loads fpdf2, which no page needs

    body = learning_pdf(child, made_at=timezone.now())
    return file_response(body, f"progress-{child.pk}.pdf", f"{_('Learning over time')} {child.first_name}")
