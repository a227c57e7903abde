"""Two-factor authentication for staff: required at every sign-in and reset with a rescue code.

The last factor cannot be removed while the user has a role.
"""

from datetime import UTC, datetime

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm as AllauthAuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.account_forms import FACTOR_ERRORS, OurWords
from enrollments.permissions import roles_of
from enrollments.staff import team


def is_asked() -> bool:
    """Return whether two-factor authentication is required: everywhere except in the demo and in unrelated
    tests.
    """
    return not (settings.DEMO or settings.TESTING)


def factors_of(user):
    """Return the user's passkeys and authenticator apps. Recovery codes alone do not count."""
    return Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES)


def needs_second_factor(request) -> bool:
    """Return whether a team member still has to pass two-factor authentication in this session.

    Passed: a code or a passkey was given, or a new factor was set up since signing in (setting it up proves
    it works).
    """
    if not is_asked():
        return False
    records = get_authentication_records(request, request.user)
    if any(record.get("method") == "mfa" or record.get("passwordless") is not None for record in records):
        return False
    if not records:
        return True
    began = datetime.fromtimestamp(records[0]["at"], tz=UTC)
    return not factors_of(request.user).filter(created_at__gte=began).exists()


def is_last_of_a_colleague(authenticator: Authenticator) -> bool:
    return (
        bool(roles_of(authenticator.user))
        and not factors_of(authenticator.user).exclude(pk=authenticator.pk).exists()
    )


class AuthenticateForm(OurWords, AllauthAuthenticateForm):
    """Accept a code from the app, a recovery code, or the rescue code a colleague read out."""

    is_rescue = False
    keyboard = "text"  # recovery and rescue codes contain letters

    def clean_code(self):
        try:
            return super().clean_code()
        except ValidationError as refusal:
            if refusal.code == "too_many_login_attempts" or not roles_of(self.user):
                raise
            if not team.use_rescue(self.user, self.cleaned_data["code"], at=timezone.now()):
                raise
            self.is_rescue = True
            return self.cleaned_data["code"]

    def save(self):
        if not self.is_rescue:
            super().save()
            return
        Authenticator.objects.filter(user=self.user).delete()  # the lost factors and their recovery codes
        record_authentication(context.request, self.user, "rescue")
        messages.info(
            context.request, _("We have removed the two-step verification you lost. Set it up again now.")
        )


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | FACTOR_ERRORS

    def can_delete_authenticator(self, authenticator):
        return not (is_asked() and is_last_of_a_colleague(authenticator))


class RemovePasskey(RemoveWebAuthnView):
    """Remove a passkey, but not a team member's last factor: allauth does not check this."""

    def form_valid(self, form):
        if is_asked() and is_last_of_a_colleague(self.get_object()):
            messages.error(
                self.request, _("This is your only two-step verification method. Add another one first.")
            )
            return redirect("mfa_index")
        return super().form_valid(form)


remove_passkey = RemovePasskey.as_view()
