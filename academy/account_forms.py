"""allauth's forms in our words: the same fields and rules, labels a parent understands, codes in any digits."""

import unicodedata

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.recovery_codes import forms as recovery
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.utils.translation import gettext_lazy as _

LABELS = {
    "login": _("E-mail address"),
    "email": _("E-mail address"),
    "password": _("Password"),
    "oldpassword": _("The password you use now"),
    "password1": _("New password"),
    "password2": _("New password, once more"),
    "code": _("Code"),
    "name": _("Name of this telephone or computer"),
    "passwordless": _("It opens my account without the password"),
}
HELP = {
    "password1": _("At least 8 characters."),
    "passwordless": _("It then asks for your finger, your face or its code."),
}


class CodeField(forms.CharField):
    """A code as people type or paste it: with spaces or hyphens, in any digits."""

    def to_python(self, value):
        value = super().to_python(value)
        return "".join(
            str(unicodedata.digit(mark)) if mark.isdigit() else mark for mark in value if not mark.isspace() and mark != "-"
        )


class OurWords:
    """Labels and hints of ours; no grey examples inside the boxes."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label, field.help_text = LABELS.get(name, field.label), HELP.get(name, "")
            if name in {"login", "email"}:
                field.widget.attrs["dir"] = "ltr"
        if "code" in self.fields:
            box = forms.TextInput(
                attrs={"autocomplete": "one-time-code", "dir": "ltr", "inputmode": self.keyboard, "autofocus": True}
            )
            self.fields["code"] = CodeField(label=LABELS["code"], max_length=40, widget=box)

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
    keyboard = "text"  # a recovery code is taken too


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
    "cannot_remove_primary_email": _("This is the address we write to: change it rather than removing it."),
    "duplicate_email": _("This is your address already."),
    "email_password_mismatch": _("This address and this password do not go together."),
    "email_taken": _("This address cannot be used: choose another one, or sign in with it."),
    "enter_current_password": _("Write the password you use now."),
    "incorrect_code": _("This is not the code. Look at the newest letter, or at your app."),
    "incorrect_password": _("This is not your password."),
    "invalid_or_expired_key": _("This link is too old or was used. Ask for a new one."),
    "invalid_login": _("This address and this password do not go together."),
    "invalid_password_reset": _("This link is too old or was used. Ask for a new one."),
    "max_email_addresses": _("No more addresses can be added: %d are."),
    "too_many_login_attempts": _("Too many attempts. Wait ten minutes, then try again."),
    "unknown_email": _("This address and this password do not go together."),
    "unverified_primary_email": _("Confirm your address first."),
    "select_only_one": _("Choose one only."),
    "same_as_current": _("This is what it is now: write another one."),
    "rate_limited": _("Too many attempts. Wait ten minutes, then try again."),
}
FACTOR_ERRORS = {
    "add_email_blocked": _("With a second factor, the address is changed rather than added."),
    "cannot_delete_authenticator": _("This is your last second factor: add another one first."),
    "cannot_generate_recovery_codes": _("Set up a second factor first: recovery codes are for when it is lost."),
    "incorrect_code": _("This is not the code. Look at your app: it changes every thirty seconds."),
}
