"""Which children to enroll, courses for several children, and the code of a private session."""

from collections.abc import Iterable

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.models import Course, Track, Venue
from enrollments.models import Child
from home.language.dates import key_in, weekday_words


class FittingForm(forms.Form):
    """Filters for sessions my children can join: track, venue, day.

    Unknown values are ignored, with a note.
    """

    child = forms.ChoiceField(label=_("Child"), required=False)
    track = forms.ChoiceField(label=_("Track"), required=False)
    venue = forms.ChoiceField(label=_("Venue"), required=False)
    weekday = forms.ChoiceField(label=_("Day"), required=False)

    def __init__(self, *args, children: Iterable[Child], **kwargs):
        super().__init__(*args, **kwargs)
        taught = Course.objects.filter(track=OuterRef("pk"))  # no course is in the track of shared skills
        choices = {
            "child": [(str(child.pk), child.first_name) for child in children],
            "track": [(track.code, track.name) for track in Track.objects.filter(Exists(taught))],
            "venue": [(venue.code, venue.name) for venue in Venue.objects.all()],
            "weekday": [(str(day), weekday_words(day)) for day in range(7)],
        }
        for name, some in choices.items():
            every = pgettext_lazy("every track", "All") if name == "track" else _("All")
            self.fields[name].choices = [("", every), *some]

    @property
    def asked(self) -> dict:
        """Return the active filters by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class CodeForm(forms.Form):
    """Form for the access code of a private session."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "dir": "ltr"}),
        error_messages={"required": _("Enter the code you were given.")},
    )


class TickedKeys(forms.MultipleChoiceField):
    """Ticked primary keys.

    Whether the user may tick them is checked under lock by the function that writes, not here.
    """

    def valid_value(self, value):
        return key_in(value) is not None


class EnrollForm(forms.Form):
    """Form to tick the children to enroll. `cleaned_data["children"]` are children's keys, each once."""

    children = TickedKeys(
        label=_("Which child?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick the child to enroll."),
            "invalid_choice": _("Choose from your own children."),
        },
    )

    together = forms.ChoiceField(
        label=_("What should we do?"),
        choices=[
            ("some", _("Enroll as many as there are places for. The others join the waiting list.")),
            ("all", _("All or none: they wait together until there is a place for each.")),
        ],
        widget=forms.RadioSelect,
        required=False,
    )

    @property
    def all_or_none(self) -> bool | None:
        """Return the choice where there are fewer places than children; None before it was put."""
        return {"all": True, "some": False}.get(self.cleaned_data.get("together", ""))

    def clean_children(self):
        return list(dict.fromkeys(map(int, self.cleaned_data["children"])))

    def refuse_strangers(self) -> None:
        """Add an error for a key that is not a child in this user's care: the same message as for no key at
        all.
        """
        self.add_error("children", self.fields["children"].error_messages["invalid_choice"])
