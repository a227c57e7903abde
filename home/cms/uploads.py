"""Forms of the CMS for pictures and documents.

Wagtail uses them at every door: one file, many, choosers, and its API.
"""

from typing import Any

from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.forms import BaseImageForm

from home.files.fields import DocumentField, PhotoField

FOCUS = ("focal_point_x", "focal_point_y", "focal_point_width", "focal_point_height")


def _judge(form: Any, field_class: type[PhotoField] | type[DocumentField]) -> None:
    """Let this field judge the form's file, if the form asks for one."""
    if field := form.fields.get("file"):
        form.fields["file"] = field_class(label=field.label, required=field.required, widget=field.widget)


class PictureForm(BaseImageForm):
    class Meta(BaseImageForm.Meta):
        pass

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _judge(self, PhotoField)

    def save(self, commit: bool = True) -> Any:
        if {"file", *FOCUS} & set(self.changed_data):
            self.instance.to_be_prepared()
        if "file" in self.changed_data and "release" not in self.changed_data:
            self.instance.release = ""  # it was given for another picture
        return super().save(commit=commit)


class DocumentForm(BaseDocumentForm):
    class Meta(BaseDocumentForm.Meta):
        pass

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _judge(self, DocumentField)
