"""Pictures of classes for the guardians of the children in them: seen, downloaded, removed for everybody."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from enrollments.families import consents
from enrollments.models import Child, ClassPhoto
from enrollments.portfolio import class_photos
from enrollments.views.gone import or_gone
from enrollments.views.lock_timeouts import patiently
from enrollments.views.paging import page_of
from enrollments.views.project_pages import handed_out


def _seen(request, photo_id: int, at):
    """Return a picture with a child of this guardian that may be seen now; 404 for any other."""
    photos = class_photos.seen(ClassPhoto.objects.of(request.user).filter(pk=photo_id), at)
    if not photos:
        raise Http404
    return photos[0]


@login_required
@or_gone
@never_cache
@require_safe
def child_photos(request, child_id):
    """Show the pictures a child is in, the latest first, fifty a page."""
    child = get_object_or_404(Child.objects.of(request.user), pk=child_id)
    at = timezone.now()
    page = page_of(class_photos.of_child(child, at), request)
    has_agreed = child.pk in consents.permitting([child.pk], class_photos.PURPOSE, at)
    context = {"child": child, "page_obj": page, "has_agreed": has_agreed}
    return render(request, "enrollments/family/photos.html", context)


@login_required
@require_safe
def photo_file(request, photo_id, small=False):
    """Hand out a picture, or the small one that pages show."""
    photo = _seen(request, photo_id, timezone.now())
    return handed_out(photo.small_as if small else photo.stored_as, name=photo.name)


@login_required
@or_gone
@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def photo_remove(request, photo_id):
    """Say what removing means, then hide the picture from everybody. Any guardian may, also one who is only
    kept informed.
    """
    at = timezone.now()
    photo = _seen(request, photo_id, at)
    child = Child.objects.of(request.user).filter(photo_ticks__photo=photo).first()
    if request.method == "POST":
        class_photos.hide(photo, child=child, by=request.user, at=at)
        messages.success(request, _("Nobody sees this picture any more. A manager will now deal with it."))
        return redirect("child_photos", child_id=child.pk)
    return render(request, "enrollments/family/photo_remove.html", {"child": child, "photo": photo})
