"""The pages of a registration: what was typed is kept until the first sign-in, so that a mistyped email
address can be corrected without typing the rest again or losing the course one came from.
"""

from urllib.parse import quote, urlencode

from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from allauth.account.internal.stagekit import unstash_login
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import SignupView
from allauth.account.views._email_verification import ConfirmEmailVerificationCodeView
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from academy.accounts import TYPED
from home.contact.addresses import likely_address
from home.forms_only import form_of


def _destination(request) -> str:
    """Return where the person was going when asked to register or to sign in, "" if nowhere."""
    if TYPED in request.session:
        return request.session[TYPED]["next"]
    login = unstash_login(request, peek=True)
    return (login.redirect_url if login else "") or ""


def _with_next(route: str, destination: str) -> str:
    query = "?" + urlencode({"next": destination}, safe="/", quote_via=quote) if destination else ""
    return reverse(route) + query


class RegistrationView(SignupView):
    """Sign-up that keeps what was typed, the password excepted, and proposes it again."""

    def get_initial(self):
        typed = self.request.session.get(TYPED, {})
        return {name: typed.get(name, "") for name in ("name", "email", "mobile")} | super().get_initial()

    def form_valid(self, form):
        # For an address with an account and one without alike: the next page must not differ.
        typed = {name: form.data.get(form.add_prefix(name), "") for name in ("name", "email", "mobile")}
        self.request.session[TYPED] = typed | {"next": get_next_redirect_url(self.request) or ""}
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
        context["can_correct"] = TYPED in self.request.session
        return context | {"likely_address": likely_address(context["email"])}


registration = RegistrationView.as_view()
confirmation_code = never_cache(ConfirmationCodeView.as_view())


@form_of("account_signup")
def correct_address(request):
    """Leave the page of the code for the form, with what was typed; the code sent is no longer good."""
    destination = _destination(request)
    if process := EmailVerificationProcess.resume(request):
        process.abort()
    return redirect(_with_next("account_signup", destination))
