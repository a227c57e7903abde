"""The database that dumps are taken from: the furnished demonstration, and one of everything an address may
name.
"""

import json
import logging
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

# A Saturday afternoon, while classes are held.
MOMENT = datetime(2026, 11, 28, 14, 30, tzinfo=UTC)
DEMONSTRATION = "atelier-du-detroit"


def furnish(scene: Path) -> None:
    """Write SCENE anew: db.sqlite3, media, keys, and scene.json (the moment, who asks, every route with its
    arguments).
    """
    shutil.rmtree(scene, ignore_errors=True)
    scene.mkdir(parents=True)
    os.environ |= {
        "TESTING": "1",
        "DEMO": "1",
        "DATA_DIR": str(scene.resolve()),
        "DJANGO_SETTINGS_MODULE": "academy.settings",
    }
    for name in (
        "DEBUG",
        "DATABASE_URL",
        "SECRET_KEY",
        "SAFETY_KEYS",
        "SITE_URL",
        "PORT",
        "CACHE_URL",
        "EMAIL_HOST",
    ):
        os.environ.pop(name, None)
    import django
    import time_machine

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone, translation

    logging.disable()
    with time_machine.travel(MOMENT, tick=True), translation.override("fr"):
        call_command("migrate", verbosity=0)
        call_command("furnish", demo=True)
        from tests.factories import PASSWORD
        from tests.table import TABLE
        from tests.test_matrix import IDENTITIES, args_of, furnish_world

        world = furnish_world(_site())
        people = {
            who: {"email": f"{who}@example.org", "password": DEMONSTRATION, "column": column}
            for who, column in (
                ("parent", "O"),
                ("instructor", "S"),
                ("desk", "D"),
                ("manager", "M"),
                ("editor", "E"),
            )
        }
        people |= {
            who: {"email": world.people[column].email, "password": PASSWORD, "column": column}
            for who, column in (("guardian", "F"), ("teacher", "T"))
        }
        people["visitor"] = {"email": "", "password": "", "column": "V"}
        for person in people.values():
            person["column"] = IDENTITIES.index(person["column"])
        routes = {
            name: {"args": [str(arg) for arg in args_of(names, world)], "get": get, "post": post}
            for name, (names, get, post) in TABLE.items()
        }
        _give_second_factors(world.people["T"].email, people["instructor"]["email"])
        newcomer = {"email": world.people["U"].email, "password": PASSWORD}
        told = {
            "newcomer": newcomer,
            "moment": timezone.now().isoformat(),
            "people": people,
            "routes": routes,
        }
    connection.close()
    (scene / "scene.json").write_text(json.dumps(told, indent=1))


def _give_second_factors(with_app: str, with_passkey: str) -> None:
    """An app and recovery codes, a passkey (its name alone), so that the screens about them can be shown."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP
    from django.contrib.auth import get_user_model

    app, passkey = (get_user_model().objects.get(email=email) for email in (with_app, with_passkey))
    TOTP.activate(app, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(app)
    credential = {"clientExtensionResults": {"credProps": {"rk": True}}}
    Authenticator.objects.create(
        user=passkey, type=Authenticator.Type.WEBAUTHN, data={"name": "Passkey", "credential": credential}
    )


def _site() -> SimpleNamespace:
    """The demonstration's pages, as tests.conftest.plant names them."""
    from wagtail.models import Locale

    from courses.models import CatalogueIndexPage
    from home.models import ContactPage, HomePage

    locales = {locale.language_code: locale for locale in Locale.objects.all()}
    of_each = {"home": HomePage, "catalogue": CatalogueIndexPage, "contact": ContactPage}
    rows = {
        kind: {code: model.objects.filter(locale=locale).first() for code, locale in locales.items()}
        for kind, model in of_each.items()
    }
    return SimpleNamespace(locales=locales, **rows)
