"""What the pages of projects share at home and at the desk: the form, and handing out a stored file."""

from pathlib import PurePath

from django.db import OperationalError
from django.http import FileResponse, Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from enrollments.forms.portfolio import AGAIN
from enrollments.models import ProjectFile
from enrollments.portfolio import projects
from enrollments.portfolio.contents import storage
from enrollments.portfolio.projects import SENTENCES as ABOUT_PROJECTS

# Everything else is bytes to a browser, whatever a file says of itself.
SHOWN = {".jpg": "image/jpeg", ".png": "image/png"}


def save_from(form, act):
    """Return what `act` returns for a valid form; None when it refused, and the form says why."""
    try:
        return act()
    except projects.Refused as refusal:
        form.add_error(None, ABOUT_PROJECTS[refusal.code])
    except OperationalError:
        form.add_error(None, _("Somebody else is changing this child’s file. Try again in a few seconds."))
    if form.files:
        form.add_error("files", AGAIN)
    return None


def served(file: ProjectFile, *, small: bool = False) -> FileResponse:
    """Return a file of a project that the reader may have."""
    name = file.small_as if small and file.small_as else file.stored_as
    return handed_out(name, name=file.name, is_picture=file.is_picture)


def handed_out(stored_as: str, *, name: str, is_picture: bool = True) -> FileResponse:
    """Return a stored file under this name: never kept by the browser, never guessed at or opened as a page.
    A picture is a download too; the pages show it as an image all the same (trust 25). Raises Http404.
    """
    kind = SHOWN.get(PurePath(name).suffix, "") if is_picture else ""
    try:
        content = storage().open(stored_as)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(
        content, as_attachment=True, filename=name, content_type=kind or "application/octet-stream"
    )
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def addressed(shown, room: str, *keys: int) -> None:
    """Give each file of these projects its addresses in a room of the team ("desk", "office"): `opens_at`,
    and `shown_at` for pictures. `keys` come before the project's.
    """
    for project in shown:
        for file in project.files.all():
            own = [*keys, project.pk, file.pk]
            file.opens_at = reverse(f"{room}_project_file", args=own)
            file.shown_at = reverse(f"{room}_project_picture", args=own)
