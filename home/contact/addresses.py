"""One rule for email addresses, at every door where one is typed."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from home.language.invisible import visible


def plain_address(value: str) -> None:
    """Refuse what Django's validator lets through but no message can be written to: control characters, a
    quoted local part, and one of more than 64 characters (RFC 5321, 4.5.3.1.1).
    """
    local, _at, _domain = value.rpartition("@")
    if (
        local.startswith('"')
        or len(local) > 64
        or any(unicodedata.category(mark) in {"Cc", "Zl", "Zp"} for mark in value)
    ):
        raise ValidationError(_("Enter a valid email address."), code="invalid")


class AddressField(forms.EmailField):
    """Email field that takes invisible marks away before it judges."""

    default_validators = [*forms.EmailField.default_validators, plain_address]

    def to_python(self, value: Any) -> str:
        return super().to_python(visible(value) if isinstance(value, str) else value) or ""


def judge_addresses(form: forms.BaseForm) -> None:
    """Give the email boxes of somebody else's form the same rule: call it at the end of its __init__."""
    names = [name for name in ("login", "email", "code") if name in form.fields]
    for name in {"login", "email"} & set(names):
        form.fields[name].validators.append(plain_address)
    if form.is_bound and names:
        sent: Any = form.data
        form.data = sent = sent.copy()
        for name in map(form.add_prefix, names):
            if isinstance(typed := sent.get(name), str):
                sent[name] = visible(typed)
