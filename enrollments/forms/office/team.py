"""Forms to invite a colleague to a role, and to pass on the classes of one who leaves."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from enrollments.forms.fields import plain_name, text_box
from enrollments.permissions import ROLES, role_label
from enrollments.staff import handover
from enrollments.staff.handover import Duty, Handover
from home.account import User
from home.confirmation import AsksTwice
from home.contact.addresses import AddressField
from home.language.lists import listed

NOBODY = "nobody"


class TeamInviteForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=150, widget=text_box())
    email = AddressField(
        label=_("Email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    language = forms.ChoiceField(
        label=_("Language of the email"), choices=settings.LANGUAGES, widget=forms.RadioSelect, initial="fr"
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role, role_label(role)) for role in ROLES]

    def clean_name(self):
        return plain_name(self.cleaned_data["name"])


class HandoverForm(AsksTwice, forms.Form):
    """For each duty of an instructor who leaves, who takes it over: somebody must be named, or nobody yet.

    Single classes of a session may go to somebody else. Valid: `choices`, by the name of the duty.
    """

    def __init__(self, *args: Any, leaving: User, at: datetime, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.at = at
        self.choices: dict[str, Handover] = {}
        self.duties = handover.duties_of(leaving, at)
        people = handover.in_place_of(leaving)
        self.people = {str(person.pk): person for person in people}
        named = [(str(person.pk), person.get_full_name()) for person in people]
        for duty in self.duties:
            self.fields[duty.name] = forms.ChoiceField(
                label=gettext("Who takes over?"),
                choices=[("", gettext("Choose")), *named, (NOBODY, _nobody(duty))],
                error_messages={"required": gettext("Choose who takes over, or nobody yet.")},
            )
            for meeting in duty.classes if duty.meeting is None else ():
                self.fields[f"only-{meeting.pk}"] = forms.ChoiceField(
                    label=meeting.spelled,
                    choices=[("", gettext("as the whole session")), *named],
                    required=False,
                )

    @property
    def rows(self) -> list[tuple[Duty, forms.BoundField, list[forms.BoundField], bool]]:
        """Return each duty with its field, those of its single classes, and whether these are to be shown."""
        found = []
        for duty in self.duties:
            single = [self[f"only-{meeting.pk}"] for meeting in duty.classes if duty.meeting is None]
            found.append((duty, self[duty.name], single, any(field.value() for field in single)))
        return found

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if self.errors:
            return told
        for duty in self.duties:
            single = [
                (meeting, self.people[told[f"only-{meeting.pk}"]])
                for meeting in duty.classes
                if told.get(f"only-{meeting.pk}")
            ]
            self.choices[duty.name] = Handover(duty, self.people.get(told[duty.name]), tuple(single))
        said = []
        for name, verdict in handover.verdicts(self.choices.values(), self.at).items():
            for error in verdict.errors:
                self.add_error(name, error)
            said += verdict.cautions
        if not self.errors:
            self.ask_twice(list(dict.fromkeys(said)))
        return told


def _nobody(duty: Duty) -> str:
    """Return what it means to name nobody."""
    if not duty.others:
        return gettext("nobody yet")
    names = listed(person.get_full_name() for person in duty.others)
    return gettext("nobody else: %(names)s") % {"names": names}
