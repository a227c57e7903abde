"""Samples of the emails about signing in; allauth sends them, with templates of ours."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

LOGIN = {
    "login-code": ("account/email/email_confirmation_signup", _("code to confirm a new address")),
    "login-reset": ("account/email/password_reset_code", _("code to set a new password")),
    "login-known": ("account/email/account_already_exists", _("sign-up with a known address")),
    "login-unknown": ("account/email/unknown_account", _("new password requested for an unknown address")),
    "login-tries": ("account/email/login_tries", _("many wrong passwords entered")),
    "login-password": ("account/email/password_changed", _("password changed")),
    "login-address": ("account/email/email_changed", _("email address changed")),
    "login-factor": ("mfa/email/totp_activated", _("two-step verification now required")),
}


def login_sample(code: str, language: str) -> tuple[str, str]:
    """Return subject and text of an account message, with invented codes and links."""
    template, _label = LOGIN[code]
    words = {
        "site": settings.SITE_URL,
        "language": language,
        "code": "482913",
        "email": "samira@example.org",
        "password_reset_url": "…",
        "signup_url": "…",
    }
    with translation.override(language):
        subject, body = (render_to_string(f"{template}_{part}.txt", words) for part in ("subject", "message"))
    return " ".join(subject.split()), body.strip() + "\n"
