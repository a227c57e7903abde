"""Tests see no midnight between a class that has begun and now."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.classes import class_now
from tests.conftest import SAFE_MINUTE

MINUTE = timedelta(minutes=1)


def at(minutes: int):
    """Return that minute of today, of the academy's zone."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + minutes * MINUTE


@pytest.fixture(params=[0, 4, SAFE_MINUTE - 1, SAFE_MINUTE, 12 * 60])
def _struck(request):
    """Move the clock before the fixtures of every test look at it."""
    with time_machine.travel(at(request.param).timestamp(), tick=True):
        yield request.param


@pytest.fixture
def _clear_of_midnight(_struck, _clear_of_midnight):
    """The same as everywhere, after the clock has struck."""


@pytest.mark.django_db
def test_a_class_begun_five_minutes_ago_is_todays(_struck, academy_settings):
    today = timezone.localdate()
    assert class_now(1).on == today
    assert timezone.localtime() >= at(SAFE_MINUTE)
    assert timezone.localtime() < at(max(_struck, SAFE_MINUTE) + 60), "and a later hour stays as it is"
