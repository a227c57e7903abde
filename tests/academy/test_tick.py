"""Scheduled publishing every minute. Idempotent."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from time_machine import travel

from home.models import StandardPage

pytestmark = pytest.mark.django_db


def planned(site_tree, **hours):
    """Create a page below the French home page with this schedule."""
    page = StandardPage(
        title="Portes ouvertes", slug="portes-ouvertes", locale=site_tree.locales["fr"], live=False, **hours
    )
    site_tree.home["fr"].refresh_from_db()
    site_tree.home["fr"].add_child(instance=page)
    page.save_revision(approved_go_live_at=hours.get("go_live_at"))
    return page


def told(page) -> tuple:
    page.refresh_from_db()
    return (
        page.live,
        page.latest_revision_id,
        page.revisions.count(),
        page.first_published_at,
        page.last_published_at,
    )


def test_a_page_is_published_when_its_hour_has_come_and_once_only(client, academy_settings, site_tree):
    now = timezone.now()
    page = planned(site_tree, go_live_at=now + timedelta(hours=1))
    call_command("tick")
    assert told(page)[0] is False and client.get(page.url).status_code == 404
    with travel(now + timedelta(hours=1, minutes=1), tick=False):
        call_command("tick")
        after = told(page)
        assert after[0] is True and client.get(page.url).status_code == 200
    with travel(now + timedelta(hours=2), tick=False):
        call_command("tick")
        assert told(page) == after


def test_a_page_goes_when_its_time_is_over(client, academy_settings, site_tree):
    now = timezone.now()
    page = planned(site_tree, expire_at=now + timedelta(hours=1))
    page.latest_revision.publish()
    call_command("tick")
    assert told(page)[0] is True
    with travel(now + timedelta(hours=1, minutes=1), tick=False):
        call_command("tick")
        call_command("tick")
        assert told(page)[0] is False and client.get(page.url).status_code == 404
