"""Devices in words."""

import pytest
from django.utils import translation

from home.language.devices import device_words

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (f"Mozilla/5.0 (Linux; Android 14; SM-A155F) {WEBKIT} Chrome/130.0 Mobile Safari/537.36",
         "Chrome on Android"),
        (f"Mozilla/5.0 (Linux; Android 13) {WEBKIT} SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36",
         "Samsung Internet on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1",
         "Safari on iPhone"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) CriOS/130.0 Mobile/15E148 Safari/604.1",
         "Chrome on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox on Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/130.0 Safari/537.36 Edg/130.0",
         "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.1 Safari/605.1.15", "Safari on Mac"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/130.0 Safari/537.36", "Chrome on ChromeOS"),
        ("Android", "Android"),
        ("curl/8", "Unknown device"),
        ("", "Unknown device"),
    ],
)  # fmt: skip
def test_a_device_is_called_by_its_browser_and_system(said, words):
    with translation.override("en"):
        assert device_words(said) == words


@pytest.mark.parametrize(("language", "words"), [("fr", "Chrome sur Android"), ("ar", "Chrome على Android")])
def test_a_device_is_named_in_the_readers_language(language, words):
    with translation.override(language):
        assert device_words("Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Safari/537.36") == words
