"""A picture of a class, and who is in it. The picture is read here and stored by class_photos.add."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollments.forms.portfolio import PictureField, PictureInput
from enrollments.portfolio import class_photos
from enrollments.portfolio.class_photos import SENTENCES as ABOUT_PHOTOS
from home.language.isolates import apart

NO_PICTURES = gettext_lazy("%(child)s (no pictures)")
AGAIN = gettext_lazy("Choose the picture again: a browser does not keep it.")


class ClassPhotoForm(forms.Form):
    """`lines`: the register of the class. `permitting`: the keys of the children who may be in pictures."""

    picture = PictureField(
        label=gettext_lazy("Picture"),
        widget=PictureInput(),  # no `capture`: the phone offers its camera and its gallery
        help_text=gettext_lazy("At most 8 MB. Where and when it was taken is removed."),
    )
    children = forms.MultipleChoiceField(
        label=gettext_lazy("Who is in it"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Tick every child who can be recognised, also in the background."),
        error_messages={"required": ABOUT_PHOTOS[class_photos.Reason.NOBODY]},
    )

    def __init__(self, *args, lines, permitting, **kwargs):
        super().__init__(*args, **kwargs)
        self.lines = {str(line.child.pk): line for line in lines}
        self.fields["children"].choices = [
            (key, name if self.lines[key].child.pk in permitting else NO_PICTURES % {"child": name})
            for key, name in self._names().items()
        ]

    def _names(self):
        """Return the names by key, isolated: an Arabic one ends with its own full stop."""
        return {key: apart(line.shown) for key, line in self.lines.items()}

    def clean(self):
        told = super().clean()
        if self.errors and self.files and "picture" not in self.errors:
            self.add_error("picture", AGAIN)
        return told

    @property
    def chosen(self):
        """Return the ticked children."""
        return [self.lines[key].child for key in self.cleaned_data["children"]]

    def refuse(self, refusal):
        """Say why the picture was not stored, by name where a consent is missing."""
        sentence = ABOUT_PHOTOS[refusal.code]
        if refusal.code is class_photos.Reason.NO_CONSENT:
            names = [line.shown for line in self.lines.values() if line.child.pk in refusal.children]
            sentence = sentence % {"children": _(", ").join(names)}
        self.add_error("children" if refusal.children else None, sentence)
        self.add_error("picture", AGAIN)
