"""The panel of checks leads to the field of a problem, in whatever tab of the page's form."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from home.models import FaqPage
from tests.factories import StaffFactory, grant_roles
from tests.journeys.conftest import DESKTOP

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_problem_leads_to_its_field_in_another_tab(site_tree, academy_settings, new_page, log_in):
    grant_roles()
    faq = FaqPage(title="Tarifs", slug="tarifs", locale=site_tree.locales["fr"], live=False)
    faq.search_description = "250 DH"
    site_tree.home["fr"].add_child(instance=faq)
    manager = StaffFactory(role="Programme managers")
    page = log_in(new_page(size=DESKTOP), manager.email)
    page.goto(reverse("wagtailadmin_pages:edit", args=[faq.pk]))
    box = page.locator('[name="search_description"]')
    expect(box).to_be_hidden()
    page.locator('[data-side-panel-toggle="checks"]').click()
    page.get_by_role("link", name="est un prix écrit dans le texte").click()
    expect(box).to_be_focused()
