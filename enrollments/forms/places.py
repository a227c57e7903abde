"""Which of my children to enroll."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from courses.models import Track, Venue
from enrollments.models import Child
from home.words import weekday_words


class FittingForm(forms.Form):
    """What my children may join, of one track, in one venue, on one day. What is not known is left out, with a note."""

    child = forms.ChoiceField(label=_("Child"), required=False)
    track = forms.ChoiceField(label=_("Track"), required=False)
    venue = forms.ChoiceField(label=_("Venue"), required=False)
    weekday = forms.ChoiceField(label=_("Day"), required=False)

    def __init__(self, *args, children: Iterable[Child], **kwargs):
        super().__init__(*args, **kwargs)
        choices = {
            "child": [(str(child.pk), child.first_name) for child in children],
            "track": [(track.code, track.name) for track in Track.objects.all()],
            "venue": [(venue.code, venue.name) for venue in Venue.objects.all()],
            "weekday": [(str(day), weekday_words(day)) for day in range(7)],
        }
        for name, some in choices.items():
            self.fields[name].choices = [("", _("All")), *some]

    @property
    def asked(self) -> dict:
        """The filters in use, by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class CodeForm(forms.Form):
    """The code of a session for invited families."""

    code = forms.CharField(
        label=_("Code"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "dir": "ltr"}),
        error_messages={"required": _("Write the code you were given.")},
    )  # fmt: skip


class EnrollForm(forms.Form):
    """Ticks the children to enroll; only those in this person's care can be chosen. `cleaned_data["children"]` are Child rows."""

    children = forms.MultipleChoiceField(
        label=_("Which child?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick the child to enroll."), "invalid_choice": _("Choose among your own children.")},
    )

    def __init__(self, *args, children: Iterable[Child], **kwargs):
        super().__init__(*args, **kwargs)
        self.known = {str(child.pk): child for child in children}
        self.fields["children"].choices = [(key, child.first_name) for key, child in self.known.items()]

    def clean_children(self):
        return [self.known[key] for key in dict.fromkeys(self.cleaned_data["children"])]
