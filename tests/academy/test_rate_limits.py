"""How often a client may try, and whose address is counted."""

import pytest
from django.urls import reverse

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def three_a_minute(settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {
        "login": "3/m/ip",
        "reset_password": "3/m/ip",
    }


def knock(client, times, **headers):
    return [
        client.post(
            reverse("account_login"), {"login": "x@example.org", "password": "wrong-wrong"}, **headers
        )
        for _time in range(times)
    ]


def test_a_refusal_says_when_to_try_again_in_three_languages(client, three_a_minute):
    answer = knock(client, 4)[-1]
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0
    page = answer.content.decode()
    assert all(f'lang="{language}"' in page for language in ("fr", "ar", "en"))


def test_without_a_declared_proxy_nobody_hides_behind_a_header(client, three_a_minute):
    for number in range(3):
        knock(client, 1, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    assert knock(client, 1, HTTP_X_FORWARDED_FOR="203.0.113.9")[0].status_code == 429


def test_behind_one_proxy_each_client_is_counted_and_the_rest_is_not_believed(
    client, three_a_minute, settings
):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    knock(client, 4, HTTP_X_FORWARDED_FOR="203.0.113.1")
    assert knock(client, 1, HTTP_X_FORWARDED_FOR="203.0.113.2")[0].status_code == 200, "another client"
    assert knock(client, 1, HTTP_X_FORWARDED_FOR="198.51.100.7, 203.0.113.1")[0].status_code == 429, (
        "what a client adds itself"
    )
