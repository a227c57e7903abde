"""Which of my children to enroll."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from enrollments.models import Child


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
