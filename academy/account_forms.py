"""Forms for allauth with our own labels: the same fields and rules, labels that parents understand, codes in
any script's digits.
"""

import unicodedata

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.recovery_codes import forms as recovery
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.utils.translation import gettext_lazy as _

from home.contact.addresses import judge_addresses

LABELS = {
    "login": _("Email address"),
    "email": _("Email address"),
    "password": _("Password"),
    "oldpassword": _("Your current password"),
    "password1": _("New password"),
    "password2": _("Repeat new password"),
    "code": _("Code"),
    "name": _("Name of this phone or computer"),
    "passwordless": _("Let me sign in with this passkey, without a password"),
}
HELP = {
    "password1": _("At least 8 characters."),
    "passwordless": _("Your device will then ask for your fingerprint, your face or its code."),
}


class CodeField(forms.CharField):
    """Field for a code as people type or paste it: with spaces or hyphens, in any script's digits."""

    def to_python(self, value):
        value = super().to_python(value)
        return "".join(
            str(unicodedata.digit(mark)) if mark.isdigit() else mark
            for mark in value
            if not mark.isspace() and mark != "-"
        )


class OurWords:
    """Mixin that sets our labels and hints, and removes placeholders from the boxes."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label, field.help_text = LABELS.get(name, field.label), HELP.get(name, "")
            if name in {"login", "email"}:
                field.widget.attrs["dir"] = "ltr"
        if "code" in self.fields:
            box = forms.TextInput(
                attrs={
                    "autocomplete": "one-time-code",
                    "dir": "ltr",
                    "inputmode": self.keyboard,
                    "autofocus": True,
                }
            )
            self.fields["code"] = CodeField(label=LABELS["code"], max_length=40, widget=box)
        judge_addresses(self)

    keyboard = "numeric"


class LoginForm(OurWords, account.LoginForm):
    pass


class AddEmailForm(OurWords, account.AddEmailForm):
    pass


class ChangeEmailForm(OurWords, account.ChangeEmailForm):
    pass


class ChangePasswordForm(OurWords, account.ChangePasswordForm):
    pass


class SetPasswordForm(OurWords, account.SetPasswordForm):
    pass


class ResetPasswordForm(OurWords, account.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(OurWords, account.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(OurWords, account.ReauthenticateForm):
    pass


class ConfirmEmailForm(OurWords, account.ConfirmEmailVerificationCodeForm):
    pass


class ConfirmResetForm(OurWords, account.ConfirmPasswordResetCodeForm):
    pass


class FactorReauthenticateForm(OurWords, mfa.ReauthenticateForm):
    keyboard = "text"  # recovery codes are accepted too


class ActivateAppForm(OurWords, totp.ActivateTOTPForm):
    pass


class GenerateCodesForm(OurWords, recovery.GenerateRecoveryCodesForm):
    pass


class AddPasskeyForm(OurWords, webauthn.AddWebAuthnForm):
    pass


class EditPasskeyForm(OurWords, webauthn.EditWebAuthnForm):
    pass


ACCOUNT_ERRORS = {
    "account_inactive": _("This account is closed. Call us if you do not know why."),
    "cannot_remove_primary_email": _("We write to this address, so you cannot remove it. Change it instead."),
    "duplicate_email": _("This is already your email address."),
    "email_password_mismatch": _("The email address or password is incorrect."),
    "email_taken": _("You cannot use this address. Choose another one, or sign in with it."),
    "enter_current_password": _("Enter your current password."),
    "incorrect_code": _("The code is incorrect. Check our latest email or your authenticator app."),
    "incorrect_password": _("This password is incorrect."),
    "invalid_or_expired_key": _("This link has expired or has already been used. Request a new one."),
    "invalid_login": _("The email address or password is incorrect."),
    "invalid_password_reset": _("This link has expired or has already been used. Request a new one."),
    "max_email_addresses": _("You cannot add another address. The limit is %d."),
    "too_many_login_attempts": _("Too many attempts. Wait ten minutes, then try again."),
    "unknown_email": _("The email address or password is incorrect."),
    "unverified_primary_email": _("Confirm your address first."),
    "select_only_one": _("Choose only one."),
    "same_as_current": _("This is your current password. Enter a different one."),
    "rate_limited": _("Too many attempts. Wait ten minutes, then try again."),
}
FACTOR_ERRORS = {
    "add_email_blocked": _(
        "With two-step verification, you cannot add an address. Change your address instead."
    ),
    "cannot_delete_authenticator": _(
        "This is your only two-step verification method. Add another one first."
    ),
    "cannot_generate_recovery_codes": _(
        "Set up two-step verification first. Recovery codes are for when you lose your device."
    ),
    "incorrect_code": _(
        "The code is incorrect. Check your authenticator app: the code changes every 30 seconds."
    ),
}
