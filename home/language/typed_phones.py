"""Phone numbers as people type them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField
from phonenumber_field.phonenumber import PhoneNumber

from home.language.invisible import visible
from home.language.phones import phone_words


class NumberField(PhoneNumberField):
    """Phone number that shows foreign numbers with their country code, so that they come back unchanged.

    An extension is refused: what is stored and dialled has none.
    """

    def prepare_value(self, value: Any) -> Any:
        return phone_words(value) if isinstance(value, PhoneNumber) else value

    def to_python(self, value: Any) -> Any:
        number = super().to_python(visible(value) if isinstance(value, str) else value)
        if number and number.extension:
            raise ValidationError(_("Enter the number without an extension."), code="extension")
        return number
