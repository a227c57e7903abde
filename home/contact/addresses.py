"""One rule for email addresses, at every door where one is typed."""

import difflib
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


# Where families have their email. Rarer hosts that resemble one of them are in the list too ("mail.com"), or
# they would be taken for a slip.
HOSTS = [
    *(
        "gmail.com",
        "outlook.com",
        "outlook.fr",
        "hotmail.com",
        "hotmail.fr",
        "live.com",
        "live.fr",
        "msn.com",
    ),
    *("yahoo.com", "yahoo.fr", "ymail.com", "icloud.com", "mail.com", "email.com", "gmx.com", "proton.me"),
    *("protonmail.com", "menara.ma", "orange.fr", "free.fr", "laposte.net", "wanadoo.fr", "sfr.fr"),
]
SLIPS = {"gmail.fr": "gmail.com", "gmail.ma": "gmail.com", "googlemail.fr": "gmail.com"}


def likely_address(typed: str) -> str:
    """Return the address that was probably meant (gmail.com for gmial.com); "" when nothing looks misspelt.

    A hint, never a refusal: the typed host may well exist.
    """
    local, at, host = typed.strip().lower().rpartition("@")
    if not (local and at) or host in HOSTS:
        return ""
    near = SLIPS.get(host) or next(iter(difflib.get_close_matches(host, HOSTS, n=1, cutoff=0.85)), "")
    return f"{typed.strip()[: len(local)]}@{near}" if near else ""


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
