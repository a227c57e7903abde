"""Which of my children to enroll."""

from django import forms
from django.utils.translation import gettext_lazy as _

from enrollments.models import Child


class EnrollForm(forms.Form):
    """Ticks the children to enroll; only those in this person's care can be chosen."""

    children = forms.ModelMultipleChoiceField(
        queryset=Child.objects.none(),
        label=_("Which child?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick the child to enroll."),
            "invalid_choice": _("Choose among your own children."),
            "invalid_pk_value": _("Choose among your own children."),
        },
    )

    def __init__(self, *args, children, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["children"].queryset = children
