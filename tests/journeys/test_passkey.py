"""A passkey on a phone (Chromium's virtual authenticator): set up, then used instead of the password."""

import pytest
from allauth.mfa.models import Authenticator

from tests.factories import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def passkeys(new_page):
    """`passkeys(page)`: give this page's phone an authenticator that always approves."""

    def give(page):
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return page

    return give


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_a_parent_sets_up_a_passkey_and_signs_in_with_it(
    academy_settings, parent, new_page, log_in, passkeys, live_server, language
):
    page = passkeys(new_page(language=language))
    here = live_server.url.replace("127.0.0.1", "localhost")  # a passkey belongs to a name, not to a number
    page.goto(f"{here}/{language}/account/login/")
    page.fill('input[name="login"]', parent.email)
    page.fill('input[name="password"]', PASSWORD)
    page.locator('form:has(input[name="password"]) button[type="submit"]').first.click()
    page.wait_for_url("**/family/")
    page.goto(f"{here}/{language}/account/2fa/webauthn/add/")
    page.fill('input[name="password"]', PASSWORD)
    page.locator('form:has(input[name="password"]) button[type="submit"]').first.click()
    page.check('input[name="passwordless"]')
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: "/add/" not in url)
    assert Authenticator.objects.filter(user=parent, type="webauthn").count() == 1
    page.context.clear_cookies()
    page.goto(f"{here}/{language}/account/login/")
    page.click("#passkey_login")
    page.wait_for_url("**/family/")
