"""Shared fixtures. The environment is set before Django reads its settings."""

from tests import databases, depth, once, site, tools

databases.prepare_environment()

import os  # noqa: E402

import django  # noqa: E402

django.setup()
os.environ.pop(
    "DJANGO_SETTINGS_MODULE"
)  # or a worker would read the settings before it has chosen its own folder

from types import SimpleNamespace  # noqa: E402

import pytest  # noqa: E402
import time_machine  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.cache import caches  # noqa: E402
from django.db import connections  # noqa: E402
from hypothesis import settings as hypothesis_settings  # noqa: E402

from enrollments.portfolio import isolation  # noqa: E402
from tests.long_work import long_work_turn, queue, queue_server  # noqa: E402, F401 — fixtures

LANGUAGES, plant = site.LANGUAGES, site.plant
SAFE_MINUTE = 30  # of the first hour of a day

# The workers of a run read children's files at once; nobody waits for a page.
isolation.TURN, isolation.FORMS = 120.0, 64

# The same examples every time, however slow the machine; HYPOTHESIS_PROFILE=search looks for new ones.
hypothesis_settings.register_profile("house", derandomize=True, deadline=None, database=None)
hypothesis_settings.register_profile("search", max_examples=5000, deadline=None)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


# ---- the machinery: which database a test gets


def pytest_collection_modifyitems(config, items):
    """Who asks for the demonstration or a browser says so by a fixture.

    Order what runs, for two workers that share it.
    """
    for item in items:
        if "demonstration" in item.fixturenames:
            item.add_marker("demo")
        if "browser" in item.fixturenames or "new_page" in item.fixturenames:
            item.add_marker("browser")
        if item.get_closest_marker("browser"):
            item.add_marker(
                pytest.mark.xdist_group(item.path.name)
            )  # one Chromium for a module, and a bundle to share out
    here = tools.here() | {
        "deep": depth.THOROUGH,
        "matrix": depth.THOROUGH or "matrix" in (config.option.markexpr or ""),
    }
    away = [
        item
        for item in items
        if any(item.get_closest_marker(name) and not wanted for name, wanted in here.items())
    ]
    if databases.SERVER and not depth.THOROUGH:
        away += [item for item in items if once.runs_once(item.nodeid) and item not in away]
    if away:
        config.hook.pytest_deselected(items=away)
        items[:] = [item for item in items if item not in away]
    items.sort(key=turn)


def wanted(item) -> str | None:
    """The template of the database this test wants; None when it wants no database."""
    from django.test import TransactionTestCase

    asks = {"_django_db_helper", "db", "transactional_db", "live_server"} & set(item.fixturenames)
    is_class = isinstance(getattr(item, "cls", None), type) and issubclass(item.cls, TransactionTestCase)
    if not (asks or is_class or item.get_closest_marker("django_db")):
        return None
    if item.get_closest_marker("demo"):
        return databases.DEMO
    return databases.SITE if "site_tree" in item.fixturenames else databases.PLAIN


def turn(item) -> int:
    """First what needs no database, while the templates are built; early the bundles of a browser, or one
    worker ends alone.
    """
    template, browser = wanted(item), bool(item.get_closest_marker("browser"))
    order = [
        (None, False),
        (databases.PLAIN, True),
        (databases.SITE, True),
        (databases.PLAIN, False),
        (databases.DEMO, True),
        (databases.SITE, False),
        (databases.DEMO, False),
    ]
    return order.index((template, browser)) if (template, browser) in order else 0


def pytest_collection_finish(session):
    """The templates this run will want are built in the background, in the order in which they are wanted."""
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0" and not session.config.option.collectonly:
        databases.build_ahead({wanted(item) for item in getattr(session, "items", [])} - {None})


def pytest_configure(config):
    """Replace the database after a committing test, instead of emptying 150 tables."""
    from django.test import TransactionTestCase

    TransactionTestCase._fixture_teardown = lambda self: databases.mark_used()
    config.option.loadscopereorder = False  # `turn` has ordered them


def pytest_terminal_summary(terminalreporter):
    """Report once, at the end, what was left out."""
    for line in tools.left_out():
        terminalreporter.write_line(line, yellow=True)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    if template := wanted(item):
        databases.bring(template)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    """Only clean up here: pytest_runtest_setup provides the worker's database."""
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    databases.drop()


@pytest.fixture(autouse=True)
def _nothing_remembered():
    """Clear caches: primary keys restart in every test."""
    from django.contrib.contenttypes.models import ContentType

    from home.cms.pages import language_of
    from home.cms.shared import forget

    forget()
    for name in settings.CACHES:
        caches[name].clear()
    language_of.cache_clear()
    ContentType.objects.clear_cache()


@pytest.fixture(autouse=True)
def _in_french():
    """Start every test in French, so that no other language leaks from the previous one."""
    from django.utils import translation

    with translation.override("fr"):
        yield


@pytest.fixture(autouse=True)
def _clear_of_midnight(request):
    """Let the first minutes of a day be later ones: a class begun five minutes ago is today's. Races run in
    processes with clocks of their own.
    """
    from django.utils import timezone

    local = timezone.localtime()
    if local.hour or local.minute >= SAFE_MINUTE or request.node.get_closest_marker("postgres"):
        yield
        return
    later = local.replace(minute=SAFE_MINUTE, second=0)
    with time_machine.travel(later.timestamp(), tick=True):  # a moment without a zone: the zone stays
        yield


# ---- the site


@pytest.fixture
def site_tree(db):
    """The smallest site (see tests/site.py).

    A test that asks for it works in a database in which it stands already.
    """
    return site.read() if databases.stands(databases.SITE) else site.plant()


@pytest.fixture
def locales(db):
    """Return the Wagtail locales by code; Wagtail's own migration creates the first."""
    from wagtail.models import Locale

    return {code: Locale.objects.get_or_create(language_code=code)[0] for code in LANGUAGES}


@pytest.fixture
def academy_settings(site_tree):
    """Return the academy's settings."""
    from home.models import AcademySettings

    found = AcademySettings.for_site(site_tree.site)
    found.name, found.email, found.phone = "Active Labs", "bonjour@example.org", "+212539000000"
    found.tagline_fr, found.tagline_ar, found.tagline_en = (
        "Ateliers pour enfants",
        "ورشات للأطفال",
        "Workshops for children",
    )
    found.save()
    return found


@pytest.fixture
def demonstration(db):
    """The furnished demonstration (`furnish --demo`), built once and copied; changes made by a test are
    undone after it.

    A test that asks for it is marked `demo` and runs after the others. `demonstration.password` opens every
    login.
    """
    return SimpleNamespace(
        password="atelier-du-detroit",
        logins={
            role: f"{role}@example.org" for role in ("parent", "instructor", "editor", "desk", "manager")
        },
    )


# ---- the people


@pytest.fixture
def now():
    """Return one time for a whole test."""
    from django.utils import timezone

    return timezone.now()


@pytest.fixture
def parent(db):
    """Return a guardian with a verified address."""
    from tests.factories import UserFactory

    return UserFactory(email="parent@example.org", name="Salwa Amrani")


@pytest.fixture
def other_parent(db):
    """Return a guardian of another family, who must not find anything of this one."""
    from tests.factories import UserFactory

    return UserFactory(email="other@example.org", name="Karim Tazi")


@pytest.fixture
def instructor(db):
    from enrollments.permissions import INSTRUCTOR
    from tests.factories import StaffFactory

    return StaffFactory(email="instructor@example.org", name="Nadia Berrada", role=INSTRUCTOR)


@pytest.fixture
def editor(site_tree):
    """Return a user who may edit the pages of every language."""
    from enrollments.permissions import EDITOR
    from tests.factories import StaffFactory

    return StaffFactory(email="editor@example.org", name="Omar Filali", role=EDITOR)


@pytest.fixture
def front_desk(db):
    from enrollments.permissions import FRONT_DESK
    from tests.factories import StaffFactory

    return StaffFactory(email="desk@example.org", name="Hind Alaoui", role=FRONT_DESK)


@pytest.fixture
def manager(site_tree):
    """Return a user with all permissions, timetable and prices included."""
    from enrollments.permissions import MANAGER
    from tests.factories import StaffFactory

    return StaffFactory(email="manager@example.org", name="Youssef Naciri", role=MANAGER)


@pytest.fixture
def superuser(db):
    from tests.factories import UserFactory

    return UserFactory(email="root@example.org", is_staff=True, is_superuser=True)


@pytest.fixture
def logged_in(client):
    """`logged_in(user)` returns the test client with this user's session."""

    def enter(user):
        client.force_login(user, backend="academy.signed_in.ModelBackend")
        return client

    return enter


# ---- counting


@pytest.fixture
def queries():
    """`with queries() as seen: …; assert len(seen) <= 10`: the executed queries, without savepoints."""
    from contextlib import contextmanager

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    @contextmanager
    def count():
        seen = []
        with CaptureQueriesContext(connection) as captured:
            yield seen
        silent = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")
        seen.extend(
            query["sql"] for query in captured.captured_queries if not query["sql"].upper().startswith(silent)
        )

    return count


@pytest.fixture
def true_at_the_end(request, db):
    """Check the consistency of places after every test; tests that break it on purpose (`harm`) check for
    themselves.
    """
    from enrollments.places import audit
    from tests.queues import AT

    yield
    if "harm" not in request.fixturenames:
        assert [str(fault) for fault in audit.check(AT) if fault.invariant != 4] == []
