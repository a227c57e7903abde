"""A manager's approval of a project for the showcase: one picture, and words without anything that finds the
child.
"""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollments.forms.fields import text_box
from home.language.dates import is_plain
from home.language.invisible import visible


class StoryForm(forms.Form):
    """`pictures`: the pictures of the project; each is shown beside its choice by the page."""

    picture = forms.ChoiceField(label=gettext_lazy("Picture"), widget=forms.RadioSelect)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=80, widget=text_box())
    story = forms.CharField(
        label=gettext_lazy("The story, in the child’s words"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        help_text=gettext_lazy("Take out names, places, days, schools. Leave the child’s words."),
    )
    is_checked = forms.BooleanField(
        label=gettext_lazy("No face, name, place or day is in the picture or the words."),
        error_messages={"required": gettext_lazy("Check the picture and the words, then tick this box.")},
    )

    def __init__(self, *args, pictures, **kwargs):
        super().__init__(*args, **kwargs)
        self.pictures = {str(picture.pk): picture for picture in pictures}
        self.fields["picture"].choices = [
            (key, _("Picture %(number)s") % {"number": number})
            for number, key in enumerate(self.pictures, start=1)
        ]

    def clean_title(self):
        title = " ".join(visible(self.cleaned_data["title"]).split())
        if not title or not is_plain(title):
            raise ValidationError(_("Enter a title on one line."), code="invalid")
        return title

    def clean_picture(self):
        return self.pictures[self.cleaned_data["picture"]]

    def clean_story(self):
        return visible(self.cleaned_data["story"]).replace("\0", "")
