"""Every page, message and letter about an account is in our words."""

import re
from datetime import time, timedelta

import pytest
from babel.messages.pofile import read_po
from django import forms
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import conditional_escape

from academy.messages import path_of
from home.language import borrowed
from tests.factories import PASSWORD, SessionFactory, UserFactory
from tests.post import delivered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


def test_no_page_message_or_letter_about_accounts_is_anybody_elses(client):
    """Check that every allauth template shown or sent here is overridden by one of ours."""
    from pathlib import Path

    import allauth
    from django.conf import settings

    theirs, ours = Path(allauth.__file__).parent / "templates", settings.BASE_DIR / "templates"
    # switched off here: login and reauthentication by code, telephones as logins, links instead of codes,
    # sign-up by passkey, trusted browsers
    off = (
        "login_code",
        "reauthentication_code",
        "phone",
        "unknown_account",
        "password_reset_key",
        "signup_by_passkey",
        "signup_closed",
        "signup_form",
        "trust",
        "password_reset_subject",
        "password_reset_message",
        "password_reset_done",
        "email_confirm.html",
        "verification_sent",
        "verified_email_required",
        "account/email.html",
        "download.txt",
        "/base",
        "snippets/",
        "login_script",
    )
    missing = [
        str(path.relative_to(theirs))
        for room in ("account", "mfa", "usersessions")
        for path in sorted((theirs / room).rglob("*.*"))
        if path.suffix in {".html", ".txt"}
        and not any(word in f"/{path.relative_to(theirs)}" for word in off)
        if not (ours / path.relative_to(theirs)).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_the_pages_of_the_account_hold_no_english(logged_in, parent, language):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal import auth as totp

    client = logged_in(parent)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    pages = [
        "account_reauthenticate",
        "account_change_password",
        "account_email",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "usersessions_list",
        "account_logout",
    ]
    english = re.compile(r"\b(the|your|password|sign|account|with|code is|enter|please)\b", re.I)
    seen = {}
    with translation.override(language):
        for name in pages:
            seen[name] = client.get(reverse(name)).content.decode()
        totp.TOTP.activate(parent, totp.generate_totp_secret())
        RecoveryCodes.activate(parent)
        for name in (
            "mfa_index",
            "mfa_deactivate_totp",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_reauthenticate",
        ):
            seen[f"{name}, set up"] = client.get(reverse(name)).content.decode()
    for name, page in seen.items():
        words = re.sub(
            r"<script.*?</script>|<[^>]+>", " ", page.split("<main")[1].split("</main")[0], flags=re.S
        )
        assert english.findall(words) == [], name


def test_every_borrowed_sentence_is_in_our_own_french_and_arabic():
    """No imperative to one man, and no masculine: nothing is left to the catalogues of the packages."""
    for language in ("fr", "ar"):
        with path_of(language).open("rb") as file:
            ours = {message.id: message.string for message in read_po(file, locale=language)}
        with translation.override(language):
            for said in (*borrowed.FORMS, *borrowed.PASSWORDS, *borrowed.ACCOUNTS):
                if isinstance(said, str):
                    assert ours[said] and translation.gettext(said) == ours[said]
    with translation.override("fr"):
        assert str(forms.CharField().error_messages["required"]) == "Complétez ce champ."


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_first_sign_in_says_welcome_and_the_next_one_welcome_back(client, language):
    user = UserFactory(email="first@example.org")
    assert user.last_login is None
    with translation.override(language):
        url, first, again = (
            reverse("account_login"),
            translation.gettext("Welcome."),
            translation.gettext("Welcome back."),
        )
    for words in (first, again):
        page = client.post(url, {"login": user.email, "password": PASSWORD}, follow=True)
        assert [str(message) for message in page.context["messages"]] == [words]
        client.logout()


@pytest.mark.parametrize(("language", "words"), [("fr", "Firefox sur Linux"), ("ar", "Firefox على Linux")])
def test_devices_are_named_and_not_quoted(client, parent, language, words):
    client.defaults["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/132.0"
    client.post(f"/{language}/account/login/", {"login": parent.email, "password": PASSWORD})
    page = client.get(f"/{language}/account/logins/").content.decode()
    assert words in page and "Mozilla" not in page


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_sign_in_offers_a_new_password_and_from_a_course_names_it(client, site_tree, language):
    session = SessionFactory(first_on=timezone.localdate() + timedelta(days=3))
    private = SessionFactory(access_code="AAAABBBB", starts=time(8), ends=time(9))
    login, enroll = f"/{language}/account/login/", f"/{language}/family/enroll/{session.pk}/"
    page = client.get(login).content.decode()
    assert f'href="/{language}/account/password/reset/"' in page and page.index('name="login"') < page.index(
        "signup"
    )
    page = client.get(f"{login}?next={enroll}").content.decode()
    with translation.override(language):
        assert session.course.title in page and conditional_escape(session.rhythm) in page
    assert page.index(f"/{language}/account/signup/?next=") < page.index('name="login"')
    assert f"/{language}/account/password/reset/?next={enroll}" in page
    for other in (
        f"/{language}/family/enroll/{private.pk}/",
        f"/{language}/family/enroll/999999/",
        "//elsewhere/",
    ):
        page = client.get(login, {"next": other}).content.decode()
        assert private.course.title not in page and page.index('name="login"') < page.index("account/signup")


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_a_change_of_the_account_is_told_by_letter_in_the_readers_language(logged_in, parent, language):
    client, new = logged_in(parent), "une-autre-phrase-8"
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    with translation.override(language):
        client.post(
            reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new}
        )
    letter = delivered()[-1]
    expected = {
        "fr": "Votre mot de passe a changé",
        "ar": "تغيّرت كلمة مروركم",
        "en": "Your password has changed",
    }
    assert letter.subject == expected[language] and letter.to == [parent.email]
    assert "Mozilla" not in letter.body and "127.0.0.1" not in letter.body
