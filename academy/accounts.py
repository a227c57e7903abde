"""django-allauth sign-up form and adapter. Responses never reveal whether an account exists."""

from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib.auth.hashers import make_password
from django.contrib.auth.signals import user_logged_in
from django.contrib.sites.shortcuts import get_current_site
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from academy import known_device
from academy.account_forms import ACCOUNT_ERRORS
from academy.notices import write_notice
from enrollments.families import account_events, consents
from enrollments.forms.fields import number_field
from enrollments.letters import outbox
from enrollments.models import Child
from enrollments.staff.tabs import ROOM_KEY, team_room
from home.contact.addresses import judge_addresses
from home.language.dates import is_plain
from home.language.invisible import visible

# Session key of a registration that is under way: name, email and mobile as typed, and where it leads.
TYPED = "signup_typed"


def shown_name(user) -> str:
    """Return the name an account page shows for a user: the first name, never a reference."""
    return user.get_short_name()


class HouseNameValidator:
    """Refuse a password that contains the academy's name."""

    def validate(self, password, user=None):
        plain = "".join(character for character in password.lower() if character.isalnum())
        if any(name in plain for name in ("activelabs", "technopark")):
            raise ValidationError(
                _("Choose a password that does not contain the academy's name."), code="password_house_name"
            )

    def get_help_text(self):
        return _("Do not use the academy's name.")


class SignupForm(AllauthSignupForm):
    """Sign-up form with four fields: name, email, mobile phone, password."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        strip=True,
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    mobile = number_field(
        label=_("Mobile phone"),
        help_text=_(
            "For example, 06 12 34 56 78. We will call you if a place becomes free or a class is cancelled."
        ),
        widget=forms.TextInput(
            attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel", "dir": "ltr"}
        ),
    )
    field_order = ["name", "email", "mobile", "password1"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields["email"].label = _("Email address")
        self.fields["email"].widget.attrs["dir"] = "ltr"
        self.fields["password1"].label = _("Password")
        self.fields["password1"].help_text = _("At least 8 characters.")
        judge_addresses(self)

    def clean_name(self):
        name = visible(self.cleaned_data["name"]).strip()
        if not name.strip() or not is_plain(name) or "://" in name:
            raise ValidationError(_("Enter a name, without addresses or line breaks."))
        return name

    def try_save(self, request):
        if self.account_already_exists:
            # An unknown address costs one password hash, so that a known one takes the same time.
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


def end_other_logins(request, user) -> None:
    """End this user's sessions on every other device."""
    for other in UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key or ""):
        other.end()


def on_email_changed(request, user, **_more) -> None:
    """A changed address ends the other sessions, as a changed password does (trust 16)."""
    end_other_logins(request, user)


@receiver(user_logged_in, dispatch_uid="a login ends what was typed at sign-up")
def forget_typed(sender, request, **_more) -> None:
    if request is not None and hasattr(request, "session"):
        request.session.pop(TYPED, None)


@receiver(user_logged_in, dispatch_uid="a login keeps which room of the team it works in")
def keep_room(sender, request, user, **_more) -> None:
    """Keep the room of a team member in the session, for the link in every page's header."""
    if request is not None and hasattr(request, "session") and (room := team_room(user)):
        request.session[ROOM_KEY] = room


def _leads_to_family(response) -> bool:
    language_and_rest = urlsplit(response.get("Location", "")).path.split("/", 2)[1:]
    return language_and_rest[1:] == reverse("family").split("/", 2)[2:]


class Adapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | ACCOUNT_ERRORS

    def is_safe_url(self, url):
        """Return whether to lead there after signing in: not where it cannot be parsed, such as //[."""
        try:
            return super().is_safe_url(url)
        except ValueError:
            return False

    def pre_authenticate(self, request, **credentials):
        """Count the try: on a device the owner has used, by that device alone; elsewhere by network address,
        by account and address together, and by account. The owner hears when strangers are shut out.
        """
        login = credentials.get("email", credentials.get("username", "")).lower()
        account = known_device.account_with(login)
        site = get_current_site(request).domain
        if device := known_device.device_of(request, account):
            counts = [("login_failed_device", device)]
        else:
            counts = [
                ("login_failed", f"{site}:{login}:{self.get_client_ip(request)}"),
                ("login_failed_account", f"{site}:{login}"),
            ]
        used = ratelimit.RateLimitUsage(usage=[])
        for action, key in counts:
            usage = ratelimit.consume(request, app="allauth.account", action=action, key=key)
            if not usage:
                at = timezone.now()
                strangers = account is not None and action != "login_failed_device"
                if strangers and write_notice("login_tries", account, at, once=""):
                    account_events.note("shut_out", user=account, at=at)  # once a day, as the email
                raise self.validation_error("too_many_login_attempts")
            used.usage += usage.usage
        self._login_failed_rl_usage = used

    def authentication_failed(self, request, **credentials):
        """Note a wrong password for the journal; of addresses without an account, one in ten minutes."""
        super().authentication_failed(request, **credentials)
        account = known_device.account_with(credentials.get("email", "").lower())
        if account is not None or cache.add("failed-without-account", 1, 600):
            account_events.note("login_failed", user=account, at=timezone.now())

    def _delete_login_attempts_cached_email(self, request, **credentials):
        """A new password opens the account again, from this address and from any other."""
        login, site = credentials.get("email", "").lower(), get_current_site(request).domain
        for action, key in (
            ("login_failed", f"{site}:{login}:{self.get_client_ip(request)}"),
            ("login_failed_account", f"{site}:{login}"),
        ):
            ratelimit.clear(request, app="allauth.account", action=action, key=key)

    def save_user(self, request, user, form, commit=True):
        user.name = form.cleaned_data["name"]
        user.phone = form.cleaned_data["mobile"]
        user.language = get_language()[:2]
        with transaction.atomic():
            user = super().save_user(request, user, form, commit)
            consents.accept_compulsory(user, language=user.language, at=timezone.now())
        return user

    def send_mail(self, template_prefix, email, context):
        """Write the message to the outbox.

        A scheduled job sends it, so a slow mail server delays no page and a failed code is retried.
        """
        words = {
            "request": self.request,
            "email": email,
            "current_site": get_current_site(self.request),
        } | context
        message = self.render_mail(template_prefix, email, words)
        known = EmailAddress.objects.filter(email__iexact=email).select_related("user").first()
        outbox.write_account(
            address=email,
            user=known.user if known else context.get("user"),
            subject=message.subject,
            body=message.body,
            language=get_language()[:2],
            at=timezone.now(),
        )

    def login(self, request, user):
        """Sign in, and keep for the greeting whether it is the first time (messages/logged_in.txt)."""
        user.is_first_login = user.last_login is None
        super().login(request, user)

    def post_login(self, request, user, **more):
        """Lead team members without children to their own room where "My family" asked to sign in."""
        response = super().post_login(request, user, **more)
        if _leads_to_family(response) and team_room(user) and not Child.objects.in_care_of(user).exists():
            response["Location"] = reverse("welcome")
        return response

    def populate_username(self, request, user):
        """Leave the user name empty: the email address identifies the account."""
