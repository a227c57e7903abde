"""Links with side effects are safe: mail scanners fetch them, and viewing ten times changes nothing (trust
13).
"""

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from tests.test_matrix import args_of, world  # noqa: F401

pytestmark = pytest.mark.django_db
LINKS = {
    "offer": "offer_link",
    "end_letters": "wish",
    "invitation": "token",
    "team_invitation": "offer_token",
    "login_card": "card",
    "pickup_pass": "day_pass_token",
    "calendar_feed": "feed",
    "session_link": "AAAA-AAAA",
}
NOTED = {
    ("CalendarFeed", "read_at"),
    ("Enrollment", "offer_opened_at"),
}  # that it was read is kept, and is meant to be


def everything() -> dict:
    """Return every row of the project, except access times."""
    found = {}
    for app in ("academy", "courses", "enrollments"):
        for model in apps.get_app_config(app).get_models():
            fields = [
                field.attname
                for field in model._meta.concrete_fields
                if (model.__name__, field.attname) not in NOTED
            ]
            found[model.__name__] = sorted(map(str, model.objects.values_list(*fields)))
    return found


@pytest.mark.parametrize("name", LINKS)
def test_looking_ten_times_changes_nothing(world, name):  # noqa: F811
    url, client, before = reverse(name, args=args_of(LINKS[name], world)), Client(), everything()
    answers = {client.get(url).status_code for _look in range(10)}
    assert len(answers) == 1 and answers <= {200, 302}, answers
    assert everything() == before
