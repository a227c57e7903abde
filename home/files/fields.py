"""Form and model fields that ask the judges of photos and documents."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.forms.fields import FileField
from django.utils.translation import gettext_lazy as _
from wagtail.documents.fields import WagtailDocumentField
from wagtail.images.fields import WagtailImageField
from wagtail.images.models import WagtailImageField as ImageColumn
from wagtail.images.models import WagtailImageFieldFile

from home.files import documents, photos
from home.files.documents import SENTENCES as ABOUT_DOCUMENTS
from home.files.photos import SENTENCES as ABOUT_PHOTOS


class PhotoField(WagtailImageField):
    """A form field for a photo. Its value is the photo written again, whatever the file's name says."""

    def __init__(self, *args: Any, longest: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.longest = longest
        self.help_text = _(
            "JPEG, PNG, WebP, AVIF or HEIC, at most 8 MB. Where and when it was taken is removed. "
            "A moving picture keeps its first image."
        )
        self.error_messages["invalid_image_extension"] = ABOUT_PHOTOS[photos.Reason.KIND]
        self.error_messages["file_too_large_unknown_size"] = ABOUT_PHOTOS[photos.Reason.SIZE]

    def to_python(self, data: Any) -> photos.Photo | None:
        file = FileField.to_python(self, data)
        if file is None:
            return None
        try:
            return photos.clean(file, longest=self.longest)
        except photos.Refused as refusal:
            raise ValidationError(ABOUT_PHOTOS[refusal.code], code=refusal.code) from refusal


class DocumentField(WagtailDocumentField):
    """A form field for a document of an allowed kind."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help_text = _("PDF, at most 25 MB.")
        self.error_messages["file_too_large_unknown_size"] = ABOUT_DOCUMENTS[documents.Reason.SIZE]

    def to_python(self, data: Any) -> Any:
        file = FileField.to_python(self, data)
        if file is None:
            return None
        try:
            documents.judge(file)
        except documents.Refused as refusal:
            raise ValidationError(ABOUT_DOCUMENTS[refusal.code], code=refusal.code) from refusal
        return file


class PhotoFile(WagtailImageFieldFile):
    """The file of a picture: stored by a form or by code, it is a photo written again."""

    def save(self, name: str, content: File, save: bool = True) -> None:  # type: ignore[type-arg]
        """Store the photo in this content. Raises photos.Refused."""
        photo = content if isinstance(content, photos.Photo) else photos.clean(content)
        self.instance.is_clean = True
        super().save(f"{name.rpartition('.')[0] or name}{photo.suffix}", photo, save)


class PhotoColumn(ImageColumn):
    """The column of a picture's file, on a model with `is_clean`."""

    attr_class = PhotoFile
