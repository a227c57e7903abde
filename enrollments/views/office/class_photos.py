"""Pictures of classes that families asked to remove: a manager deletes them or shows them again."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from enrollments.models import ReadRecord
from enrollments.permissions import MANAGER, role_required
from enrollments.portfolio import class_photos
from enrollments.privacy import access_log
from enrollments.views.lock_timeouts import patiently
from enrollments.views.paging import page_of
from enrollments.views.project_pages import handed_out
from home.forms_only import form_of


@role_required(MANAGER)
@never_cache
@require_safe
def office_photos(request):
    """Show the pictures that wait for a decision, by class and reference, the oldest request first."""
    page = page_of(class_photos.hidden().select_related("meeting__session__course"), request)
    return render(request, "enrollments/office/photos.html", {"page_obj": page})


@role_required(MANAGER)
@require_safe
def office_photo(request, photo_id):
    """Hand out a hidden picture; recorded."""
    photo = get_object_or_404(class_photos.hidden().prefetch_related("ticks"), pk=photo_id)
    children = [tick.child_id for tick in photo.ticks.all()]
    access_log.record_read(ReadRecord.What.PHOTOS, children=children, by=request.user, at=timezone.now())
    return handed_out(photo.small_as, name=photo.name)


@role_required(MANAGER)
@form_of("office_photos")
@patiently
def office_photo_decide(request, photo_id):
    """Delete a hidden picture, or show it again."""
    photo = get_object_or_404(class_photos.hidden(), pk=photo_id)
    if request.POST.get("act") == "show":
        class_photos.show_again(photo, by=request.user, at=timezone.now())
        messages.success(request, _("The families of the children in this picture see it again."))
    elif request.POST.get("act") == "erase":
        class_photos.erase(photo, by=request.user, at=timezone.now())
        messages.success(request, _("The picture has been deleted."))
    return redirect("office_photos")
