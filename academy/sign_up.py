"""The pages of a registration: what was typed is kept until the first sign-in, so that a mistyped email
address can be corrected without typing the rest again or losing the course one came from.
"""

import time
from typing import Any
from urllib.parse import quote, urlencode

from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from allauth.account.internal.stagekit import unstash_login
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import SignupView
from allauth.account.views._email_verification import ConfirmEmailVerificationCodeView
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from academy.accounts import TYPED
from enrollments.privacy import erasure
from home.contact.addresses import likely_address
from home.forms_only import form_of

KEPT = 900  # seconds: longer than a code is good for, and gone before somebody else uses the device


def _typed(request) -> dict[str, Any]:
    """Return what was typed at sign-up in this session, {} once it is old."""
    typed: dict[str, Any] = request.session.get(TYPED) or {}
    if typed and time.time() - typed["at"] > KEPT:
        del request.session[TYPED]
        return {}
    return typed


def _destination(request) -> str:
    """Return where the person was going when asked to register or to sign in, "" if nowhere."""
    if typed := _typed(request):
        return typed["next"]
    login = unstash_login(request, peek=True)
    return (login.redirect_url if login else "") or ""


def _with_next(route: str, destination: str) -> str:
    query = "?" + urlencode({"next": destination}, safe="/", quote_via=quote) if destination else ""
    return reverse(route) + query


class RegistrationView(SignupView):
    """Sign-up that keeps what was typed, the password excepted, and proposes it again."""

    def get_initial(self):
        typed = _typed(self.request)
        if not typed.get("again"):  # others may use the device next
            return super().get_initial()
        return {name: typed.get(name, "") for name in ("name", "email", "mobile")} | super().get_initial()

    def form_valid(self, form):
        # For an address with an account and one without alike: the next page must not differ.
        typed = {name: form.data.get(form.add_prefix(name), "") for name in ("name", "email", "mobile")}
        self.request.session[TYPED] = typed | {
            "next": get_next_redirect_url(self.request) or "",
            "at": time.time(),
        }
        return super().form_valid(form)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return context | {"likely_address": likely_address(context["form"]["email"].value() or "")}


class ConfirmationCodeView(ConfirmEmailVerificationCodeView):
    """The page for the emailed code, which knows where the person was going."""

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        destination = _destination(self.request)
        context["redirect_field_value"] = context["redirect_field_value"] or destination
        context["login_url"] = _with_next("account_login", destination)
        context["can_correct"] = bool(_typed(self.request))
        return context | {"likely_address": likely_address(context["email"])}


registration = RegistrationView.as_view()
confirmation_code = never_cache(ConfirmationCodeView.as_view())


@form_of("account_signup")
def correct_address(request):
    """Leave the page of the code for the form, with what was typed. The code sent is no longer good, and the
    account made with the wrong address is erased: the owner of that address must not get it.
    """
    destination = _destination(request)
    if typed := _typed(request):
        request.session[TYPED] = typed | {"again": True}
    if process := EmailVerificationProcess.resume(request):
        user = process.user
        process.abort()
        if user and user.last_login is None and not user.emailaddress_set.filter(verified=True).exists():
            erasure.erase_account(user, by=None, at=timezone.now())
    return redirect(_with_next("account_signup", destination))
