"""A guardian books a make-up class, or cancels it."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from enrollments.models import Child
from enrollments.views.lock_timeouts import patiently
from enrollments.views.makeup_pages import cancel_make_up, make_up_page
from home.forms_only import form_of


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def child_make_up(request, child_id):
    """Show missed classes and where they can be made up; one press books the child as a guest."""
    child = get_object_or_404(Child.objects.in_care_of(request.user), pk=child_id)
    return make_up_page(request, child, "child_make_up", "enrollments/family/base.html")


@login_required
@form_of("child_make_up", "child_id")
@patiently
def make_up_cancel(request, child_id, row_id):
    """Give up the guest's place."""
    child = get_object_or_404(Child.objects.in_care_of(request.user), pk=child_id)
    return cancel_make_up(request, child, row_id, "child_make_up")
