"""Pictures of a class for its families: added from the instructor's phone while the class may be opened
(domain §6). Each look is recorded.
"""

from django.contrib import messages
from django.db import OperationalError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from enrollments.classes import roster
from enrollments.forms.class_photos import ClassPhotoForm
from enrollments.models import ReadRecord
from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, has_role, role_required
from enrollments.portfolio import class_photos
from enrollments.privacy import access_log
from enrollments.views.class_access import open_meeting
from enrollments.views.lock_timeouts import patiently
from enrollments.views.pickup_form import status_of
from enrollments.views.project_pages import handed_out


def _may_erase(user, photo) -> bool:
    """Return whether this member of the team may delete the picture: their own mistake, or the office."""
    return photo.added_by_ref == user.pk or has_role(user, FRONT_DESK, MANAGER)


def _seen(request, meeting_id: int, photo_id: int, at):
    """Return the class and a picture of it that may be seen now; 404 for any other. The look is recorded."""
    meeting = open_meeting(request, meeting_id, at)
    photos = class_photos.seen(class_photos.photo_of(meeting, photo_id), at)
    if not photos:
        raise Http404
    _record(request, photos, at)
    return meeting, photos[0]


def _record(request, photos, at) -> None:
    children = {tick.child_id for photo in photos for tick in photo.ticks.all()}
    access_log.record_read(ReadRecord.What.PHOTOS, children=children, by=request.user, at=at)


def _save(form, meeting, *, by, at) -> bool:
    """Store the picture of a valid form; when it is refused, the form says why."""
    try:
        class_photos.add(meeting, piece=form.cleaned_data["picture"], children=form.chosen, by=by, at=at)
    except class_photos.Refused as refusal:
        form.refuse(refusal)
    except OperationalError:
        form.add_error(None, _("Somebody else is changing this child’s file. Try again in a few seconds."))
    return form.is_valid()


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def desk_photos(request, meeting_id):
    """Show the pictures of a class, and add one."""
    at = timezone.now()
    meeting = open_meeting(request, meeting_id, at)
    lines = roster.lines(meeting)
    form = ClassPhotoForm(
        request.POST or None,
        request.FILES or None,
        lines=lines,
        permitting=class_photos.permitting([line.child.pk for line in lines], at),
    )
    if form.is_valid() and _save(form, meeting, by=request.user, at=at):
        messages.success(request, _("Stored. The families of these children can see it now."))
        messages.warning(
            request, _("Open this phone’s gallery now, and delete the picture there if it was kept.")
        )
        return redirect("desk_photos", meeting_id=meeting.pk)
    photos = class_photos.seen(meeting.photos.all(), at)
    _record(request, photos, at)
    shown = {line.child.pk: line.shown for line in lines}
    for photo in photos:
        photo.names = [shown[tick.child_id] for tick in photo.ticks.all() if tick.child_id in shown]
        photo.may_be_erased = _may_erase(request.user, photo)
    context = {
        "meeting": meeting,
        "form": form,
        "photos": photos,
        "has_children": bool(lines),
        "is_early": at < meeting.starts_at,
    }
    return render(request, "enrollments/desk/photos.html", context, status=status_of(request))


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@require_safe
def desk_photo(request, meeting_id, photo_id):
    """Hand out a picture of the class, small as pages show it; recorded."""
    _meeting, photo = _seen(request, meeting_id, photo_id, timezone.now())
    return handed_out(photo.small_as, name=photo.name)


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def desk_photo_erase(request, meeting_id, photo_id):
    """Say what is deleted, then delete a picture added by mistake: one's own, or any for the office."""
    at = timezone.now()
    meeting, photo = _seen(request, meeting_id, photo_id, at)
    if not _may_erase(request.user, photo):
        raise Http404
    if request.method == "POST":
        class_photos.erase(photo, by=request.user, at=at)
        messages.success(request, _("The picture has been deleted."))
        return redirect("desk_photos", meeting_id=meeting.pk)
    return render(request, "enrollments/desk/photo_erase.html", {"meeting": meeting, "photo": photo})
