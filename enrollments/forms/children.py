"""A child: first name, family name, date of birth in three boxes."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from courses.ages import age_on
from enrollments.forms.fields import OLDEST, YOUNGEST, BirthDateField, plain_name
from enrollments.models import Child


class ChildForm(forms.ModelForm):
    birth_date = BirthDateField(label=_("Date of birth"), help_text=_("For example, 27 3 2017."))

    class Meta:
        model = Child
        fields = ["first_name", "last_name", "birth_date"]
        widgets = {
            "first_name": forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
        }

    def __init__(self, *args, today, birth_date_is_fixed=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        if birth_date_is_fixed:
            del self.fields["birth_date"]

    def clean_first_name(self):
        return plain_name(self.cleaned_data["first_name"])

    def clean_last_name(self):
        return plain_name(self.cleaned_data["last_name"])

    def clean_birth_date(self):
        born, today = self.cleaned_data["birth_date"], self.today
        if born > today:
            raise ValidationError(_("This date is in the future."), code="future")
        age = age_on(born, today)
        if not YOUNGEST <= age <= OLDEST:
            raise ValidationError(
                _(
                    "This date gives an age of %(age)s today. Our courses are for children from 7 to "
                    "14. Please check the year."
                ),
                code="out_of_range",
                params={"age": age},
            )
        return born
