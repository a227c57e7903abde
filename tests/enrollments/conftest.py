"""Fixtures that several files of this folder share."""

import pytest
from django.test import Client
from django.utils import timezone

from academy.demo.foundations import lay_policies
from enrollments.models import PolicyVersion
from tests.factories import ChildFactory


@pytest.fixture
def policies(db):
    lay_policies()
    return {version.policy.code: version for version in PolicyVersion.objects.current(timezone.now())}


@pytest.fixture
def desk(logged_in, front_desk):
    return logged_in(front_desk)


@pytest.fixture
def child(parent):
    """Return a child whose names occur nowhere else."""
    return ChildFactory(
        guardian=parent, first_name="Yassmina", last_name="Zerhouniya", first_name_ar="ياسمينة"
    )


@pytest.fixture
def data_folder(academy_settings, settings, tmp_path):
    """Give the academy the number that allows safety notes; keep exports and letters in a test folder."""
    academy_settings.cndp_number = "D-GC-1/2026"
    academy_settings.save()
    settings.DATA_DIR, settings.LETTERS_DIR = tmp_path, tmp_path / "letters"


@pytest.fixture
def enter(db):
    """`enter(user)`: a browser of its own for this user."""

    def opened(user):
        browser = Client()
        browser.force_login(user, backend="academy.signed_in.ModelBackend")
        return browser

    return opened
