"""A child's project: words, a picture, files and a link. Files are read here and stored by projects.add."""

from pathlib import PurePosixPath
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollments.forms.fields import text_box
from enrollments.portfolio import isolation, pieces, projects, readings
from home.language.dates import is_plain
from home.language.invisible import visible
from home.language.lists import labelled, listed
from home.language.typed_dates import DayField

ONE_FORM = 70  # seconds: longer than the proxy waits for an answer
READING = 20.0  # seconds in which the last file of a form must have its turn
TOGETHER = 40 * 1024 * 1024  # bytes of the files sent at a time, beside the picture
AGAIN = gettext_lazy("Choose the picture and the files again: a browser does not keep them.")
LINK_FAULT = gettext_lazy(
    "Enter an address that starts with https://, like https://scratch.mit.edu/projects/1."
)


def https_link(typed: str) -> str:
    """Return the address as it is stored: https, a named host in ASCII, no user, at most 500 characters; ""
    if nothing was typed. The scheme may be left out. ValidationError: invalid, long.
    """
    typed = visible(typed).strip()
    if not typed:
        return ""
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
        host = (parts.hostname or "").encode("idna").decode() if parts.port is None else ""
    except ValueError:  # a port or a bracket that is none; UnicodeError is one too
        host = ""
    is_ours = parts.scheme == "https" and "@" not in parts.netloc if host else False
    if not is_ours or "." not in host.strip(".") or not is_plain(typed) or " " in typed:
        raise ValidationError(LINK_FAULT, code="invalid")
    link = iri_to_uri(parts._replace(netloc=host).geturl())
    if len(link) > 500:
        raise ValidationError(_("This address is too long: at most 500 characters."), code="long")
    return link


def _busy() -> ValidationError:
    return ValidationError(str(readings.SENTENCES[readings.Reason.BUSY]), code=readings.Reason.BUSY)


def _piece(
    upload: UploadedFile, *, only_picture: bool = False, turn: float | None = None
) -> pieces.ProjectPiece:
    """Read an upload, waiting `turn` seconds for the readers. ValidationError: why it is not taken in."""
    if turn is not None and turn <= 0:
        raise _busy()
    try:
        return pieces.taken_in(upload, only_picture=only_picture, turn=turn)
    except readings.Unreadable as fault:
        raise ValidationError(str(fault.sentence), code=fault.code) from fault


class PictureInput(forms.FileInput):
    """Offers pictures; on the desk's phone it opens the camera."""

    def __init__(self, *, camera: bool = False) -> None:
        super().__init__({"accept": "image/*"} | ({"capture": "environment"} if camera else {}))


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__({"multiple": True})


class PictureField(forms.FileField):
    """One picture, for a form without other files. Its value is a ProjectPiece."""

    def to_python(self, data):
        file = super().to_python(data)
        if not file:
            return file
        with isolation.one_of_few() as has_place:
            if not has_place:
                raise ValidationError(
                    str(readings.SENTENCES[readings.Reason.BUSY]), code=readings.Reason.BUSY
                )
            return _piece(file, only_picture=True)


class ManyFilesField(forms.FileField):
    """Several files. Its value is a list of uploads, not read yet."""

    widget = ManyFilesInput

    def clean(self, data, initial=None):
        uploads = [file for file in data or [] if file]
        if len(uploads) > projects.MOST_FILES:
            raise ValidationError(projects.SENTENCES[projects.Reason.FILES], code="files")
        if sum(file.size for file in uploads) > TOGETHER:
            raise ValidationError(
                _("Together, these files are larger than 40 MB. Add some now and the others later."),
                code="together",
            )
        return uploads


def _pieces(uploads: list[UploadedFile]) -> list[pieces.ProjectPiece]:
    """Read these files. ValidationError: each reason once, after the names of the files it holds for."""
    found: list[pieces.ProjectPiece] = []
    faults: dict[tuple[str, str | None], list[str]] = {}
    until = monotonic() + READING  # the whole answer waits for these files
    for upload in uploads:
        try:
            found.append(_piece(upload, turn=min(isolation.TURN, until - monotonic())))
        except ValidationError as fault:
            if fault.code == readings.Reason.BUSY:
                raise  # the others would wait as long, and in vain
            name = pieces.plain(PurePosixPath((upload.name or "").replace("\\", "/")).name) or "file"
            faults.setdefault((str(fault.message), fault.code), []).append(name)
    if faults:
        raise ValidationError(
            [
                ValidationError(labelled(listed(names), reason), code=code)
                for (reason, code), names in faults.items()
            ]
        )
    return found


class ProjectForm(forms.Form):
    """Form for a new project; at the desk (`camera`), day and course are those of the class. Its files are
    read last, when nothing else is wrong: one form of an account (`sender`) at a time, and a few of a node.
    """

    picture = forms.FileField(
        label=gettext_lazy("Picture"),
        required=False,
        widget=PictureInput(),
        help_text=gettext_lazy("At most 8 MB. Where and when it was taken is removed. No faces, please."),
    )
    title = forms.CharField(
        label=gettext_lazy("Title"), max_length=80, widget=text_box(), help_text=gettext_lazy("What it is.")
    )
    story = forms.CharField(
        label=gettext_lazy("The story, in the child’s words"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=gettext_lazy("How it works, what was difficult, what comes next."),
    )
    files = ManyFilesField(  # type: ignore[assignment]  # declared fields leave the class; the uploads stay
        label=gettext_lazy("Files"),
        required=False,
        help_text=gettext_lazy("Scratch, micro:bit, 3D models, Python, PDF or pictures. At most 25 MB each."),
    )
    link = forms.CharField(
        label=gettext_lazy("Link"),
        max_length=1000,
        required=False,
        widget=forms.TextInput(
            attrs={"dir": "ltr", "inputmode": "url", "autocomplete": "off", "spellcheck": "false"}
        ),
        help_text=gettext_lazy("For example, the page of the project on Scratch. It starts with https://."),
    )
    made_on = DayField(label=gettext_lazy("Made on"))
    course = forms.ChoiceField(label=gettext_lazy("Course"), required=False)

    def __init__(self, *args, today, sender, courses=(), camera=False, only_words=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.sender = sender
        self.today = today
        self.known_courses = {str(course.pk): course for course in courses}
        self.fields["course"].choices = [
            ("", _("not in a course")),
            *((key, course.title) for key, course in self.known_courses.items()),
        ]
        if camera:
            self.fields["picture"].widget = PictureInput(camera=True)
            del self.fields["made_on"], self.fields["course"]
        elif not self.known_courses:
            del self.fields["course"]
        if only_words:
            self.fields["title"].help_text = ""

    def clean_title(self):
        title = " ".join(visible(self.cleaned_data["title"]).split())
        if not title or not is_plain(title):
            raise ValidationError(_("Enter a title on one line."), code="invalid")
        return title

    def clean_link(self):
        return https_link(self.cleaned_data["link"])

    def clean_made_on(self):
        if self.cleaned_data["made_on"] > self.today:
            raise ValidationError(_("This day is in the future."), code="future")
        return self.cleaned_data["made_on"]

    def clean(self):
        told = super().clean()
        if not self.errors:
            self._read(told)
        late = self.data.get("files_lost")  # of a form that came too late, only the words were kept
        if late or (self.errors and self.files):
            self.add_error("files", AGAIN)
        return told

    def _read(self, told: dict[str, Any]) -> None:
        """Put pieces in the place of the uploads."""
        picture, uploads, mine = told.get("picture"), told.get("files") or [], f"reads:{self.sender.pk}"
        if not picture and not uploads:
            return
        if not cache.add(mine, 1, ONE_FORM):
            self.add_error("files", _busy())
            return
        try:
            with isolation.one_of_few() as has_place:
                if not has_place:
                    raise _busy()
                if picture:
                    told["picture"] = _piece(picture, only_picture=True)
                picture = None
                told["files"] = _pieces(uploads)
        except ValidationError as fault:
            self.add_error("picture" if picture else "files", fault)
        finally:
            cache.delete(mine)

    @property
    def words(self) -> dict:
        """Return what the project says, as arguments of projects.add and change_words."""
        told = self.cleaned_data
        found: dict[str, Any] = {
            name: told[name] for name in ("title", "story", "link", "made_on") if name in told
        }
        if "course" in self.fields:
            found["course"] = self.known_courses.get(told["course"])
        return found

    @property
    def pieces(self) -> list[pieces.ProjectPiece]:
        """Return the files, the picture first."""
        picture = self.cleaned_data.get("picture")
        return [*([picture] if picture else []), *self.cleaned_data.get("files", [])]
