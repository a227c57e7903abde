"""Forms for payments at the front desk."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from enrollments.forms.office.reasons import reason_field
from enrollments.models import Receipt

BACK = {
    "left": _("a place was given up"),
    "cancelled": _("the session was cancelled"),
    "twice": _("paid twice"),
    "mistake": _("to correct a mistake"),
}


class ReceiptForm(forms.Form):
    amount = forms.DecimalField(
        label=_("Amount (MAD)"),
        min_value=Decimal("0.01"),
        max_value=Decimal("999999"),
        max_digits=8,
        decimal_places=2,
    )
    method = forms.ChoiceField(
        label=_("Payment method"), choices=Receipt.Method.choices, widget=forms.RadioSelect, initial="cash"
    )
    payer = forms.ModelChoiceField(
        label=_("Paid by"), queryset=None, required=False, empty_label=_("Somebody else")
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, guardians, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["payer"].queryset = guardians
        self.fields["payer"].label_from_instance = lambda person: person.name


class CreditForm(forms.Form):
    amount = forms.DecimalField(
        label=_("Amount (MAD)"),
        min_value=Decimal("0.01"),
        max_value=Decimal("999999"),
        max_digits=8,
        decimal_places=2,
    )
    reason = reason_field(BACK)
    form_key = forms.UUIDField(widget=forms.HiddenInput)
