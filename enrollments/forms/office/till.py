"""Forms for payments at the front desk."""

from decimal import Decimal
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from enrollments.forms.office.reasons import reason_field
from enrollments.models import Receipt
from home.language.choices import InAlphabet

BACK = {
    "left": _("a place was given up"),
    "cancelled": _("the session was cancelled"),
    "twice": _("paid twice"),
    "mistake": _("to correct a mistake"),
}


class MoneyForm(forms.Form):
    """A form about money: it says what had been received when it was opened, so that the same money is not
    recorded twice from two screens or after "back". `confirmed` is asked for where that has changed.
    """

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.DecimalField(widget=forms.HiddenInput, max_digits=9, decimal_places=2, required=False)
    confirmed = forms.BooleanField(label=_("I have checked: record it all the same"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.asks = False
        self.fields["confirmed"].widget = forms.HiddenInput()

    def clean_seen(self) -> Decimal:
        """Return the sum seen; of a form that says none, one that is never right, so that we ask."""
        seen = self.cleaned_data["seen"]
        return Decimal(-1) if seen is None else seen

    def ask(self, words: str, seen: Decimal) -> None:
        """Put the question: what was typed stays, and what the form has seen is now up to date."""
        self.asks = True
        self.add_error(None, words)
        self.fields["confirmed"].widget = forms.CheckboxInput()
        kept = {name: value for name, value in self.data.items() if name != "confirmed"}
        self.data = kept | {"seen": str(seen), "form_key": str(uuid4())}


class ReceiptForm(MoneyForm):
    field_order = ["amount", "method", "payer", "confirmed"]
    amount = forms.DecimalField(
        label=_("Amount (MAD)"),
        min_value=Decimal("0.01"),
        max_value=Decimal("999999"),
        max_digits=8,
        decimal_places=2,
    )
    method = forms.ChoiceField(
        label=_("Payment method"), choices=Receipt.Method.choices, widget=forms.RadioSelect
    )
    payer = forms.ModelChoiceField(
        label=_("Paid by"), queryset=None, required=False, empty_label=_("Somebody else")
    )

    def __init__(self, *args, guardians, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["payer"].iterator = InAlphabet
        self.fields["payer"].queryset = guardians
        self.fields["payer"].label_from_instance = lambda person: person.name


class CreditForm(MoneyForm):
    field_order = ["amount", "reason", "confirmed"]
    amount = forms.DecimalField(
        label=_("Amount (MAD)"),
        min_value=Decimal("0.01"),
        max_value=Decimal("999999"),
        max_digits=8,
        decimal_places=2,
    )
    reason = reason_field(BACK)
