"""Every door of the team, by the table of all routes: none opens to a password alone (trust 17)."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD
from tests.table import TABLE
from tests.test_matrix import IDENTITIES, args_of, world  # noqa: F401

pytestmark = pytest.mark.django_db


def doors_of(who: str) -> list[tuple[str, str, str]]:
    """Return (name, what stands in its address, method) of what this identity may use and a parent may not
    even find.
    """
    column, parent = IDENTITIES.index(who), IDENTITIES.index("O")
    return [
        (name, names, method)
        for name, (names, *rows) in TABLE.items()
        for method, row in zip(("get", "post"), rows, strict=True)
        if row[column] in "kwr" and row[parent] == "n"
    ]


@pytest.mark.parametrize(("who", "least"), [("T", 60), ("D", 90), ("M", 200)])
def test_no_route_of_the_team_answers_to_a_password_alone(world, settings, who, least):  # noqa: F811
    settings.TESTING = settings.DEMO = False  # as in production
    client, doors = Client(), doors_of(who)
    client.post(reverse("account_login"), {"login": world.people[who].email, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(world.people[who].pk)
    wrong = []
    for name, names, method in doors:
        answer = getattr(client, method)(reverse(name, args=args_of(names, world)))
        if (answer.status_code, answer.get("Location")) != (302, reverse("mfa_index")):
            wrong.append(f"{method} {name}: {answer.status_code} {answer.get('Location')}")
    assert wrong == []
    assert len(doors) >= least
