"""The desk books a make-up class for a family on the phone, or cancels it."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from enrollments.models import ReadRecord
from enrollments.permissions import FRONT_DESK, MANAGER, files_open_to, role_required
from enrollments.privacy import access_log
from enrollments.views.lock_timeouts import patiently
from enrollments.views.makeup_pages import cancel_make_up, make_up_page
from home.forms_only import form_of


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_make_up(request, child_id):
    """Do the same at the front desk, for a family on the phone; access is recorded."""
    child = get_object_or_404(files_open_to(request.user), pk=child_id)
    access_log.record_read(ReadRecord.What.FILE, children=[child], by=request.user, at=timezone.now())
    return make_up_page(request, child, "office_make_up", "enrollments/office/base.html")


@role_required(FRONT_DESK, MANAGER)
@form_of("office_make_up", "child_id")
@patiently
def office_make_up_cancel(request, child_id, row_id):
    """Do the same at the front desk."""
    return cancel_make_up(
        request,
        get_object_or_404(files_open_to(request.user), pk=child_id),
        row_id,
        "office_make_up",
    )
