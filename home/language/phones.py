"""Phone numbers in words: as dialled in Morocco for Moroccan ones, with their country code for all others."""

from phonenumber_field.phonenumber import PhoneNumber

MOROCCO = 212


def phone_words(phone: PhoneNumber | None) -> str:
    """Return "06 12 34 56 78" or "+33 6 12 34 56 78"; empty without a number.

    Without its code, a French mobile number reads as a Moroccan one.
    """
    if not phone:
        return ""
    words: str = phone.as_national if phone.country_code == MOROCCO else phone.as_international
    return words
