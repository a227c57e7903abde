"""The command that appoints staff."""

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError

from academy.models import User
from tests.academy.test_furnish import run


def test_an_account_is_appointed_once(db, parent):
    run("furnish")
    for _time in range(2):
        assert "Programme managers" in run("appoint", "PARENT@example.org", "manager")
    parent.refresh_from_db()
    assert [group.name for group in parent.groups.all()] == ["Programme managers"]
    assert parent.is_staff
    assert parent.has_usable_password()


def test_a_new_address_gets_an_account_opened_by_a_reset(db):
    run("furnish")
    assert "Forgot" in run("appoint", "nora@example.org", "editor", name="Nora Alami")
    made = User.objects.get(email="nora@example.org")
    assert (made.name, made.has_usable_password(), made.is_demo) == ("Nora Alami", False, False)
    assert EmailAddress.objects.get(user=made).primary
    assert made.has_perm("wagtailadmin.access_admin")


def test_appointing_nonsense_is_refused_with_a_sentence(db):
    with pytest.raises(CommandError, match="furnish first"):
        run("appoint", "nora@example.org", "desk")
    run("furnish")
    with pytest.raises(CommandError, match="not an e-mail"):
        run("appoint", "nora", "desk")
    with pytest.raises(CommandError, match="invalid choice"):
        run("appoint", "nora@example.org", "king")
