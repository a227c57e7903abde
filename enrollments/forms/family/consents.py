"""Yes or no to each text, neither chosen beforehand."""

from django import forms
from django.utils.translation import gettext_lazy as _

from enrollments.forms.fields import yes_no
from enrollments.models import PolicyVersion


class AnswersForm(forms.Form):
    """One yes/no per version; `cleaned_data[version.pk]` is True, False or None (unanswered).

    `answers` are those given so far, by version. `chosen` is a submitted form of which another button was
    pressed: what it ticks is shown again, and `is_unsaved` says whether that differs from the answers.
    """

    def __init__(
        self,
        *args,
        versions: list[PolicyVersion],
        compulsory: bool = False,
        may_say_yes: bool = True,
        answers=None,
        chosen=None,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.versions = {self.name_of(version): version for version in versions}
        self.is_unsaved = False
        for name, version in self.versions.items():
            field = yes_no(version.text().title, required=compulsory, empty_value=None)
            field.error_messages["required"] = _("Answer yes or no.")
            if not may_say_yes:
                field.choices = [("no", _("No"))]
            told = (answers or {}).get(version.pk)
            field.initial = None if told is None else "yes" if told else "no"
            ticked = (chosen or {}).get(name)
            if ticked != field.initial and ticked in dict(field.choices):
                field.initial, self.is_unsaved = ticked, True
            self.fields[name] = field

    @staticmethod
    def name_of(version: PolicyVersion) -> str:
        return f"version-{version.pk}"

    def answers(self):
        """Return (version, True or False) for each answered one."""
        for name, version in self.versions.items():
            if self.cleaned_data.get(name) is not None:
                yield version, self.cleaned_data[name]
