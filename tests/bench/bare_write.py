"""Baseline for writes: one Django view without middleware, doing one UPDATE and one INSERT through models in
one transaction.
"""

import os

import dj_database_url
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, models, transaction
from django.db.models import F
from django.http import HttpResponseRedirect
from django.urls import path

COUNTER, ROWS = "bench_counter", "bench_row"


def write(request):
    with transaction.atomic():
        Counter.objects.filter(pk=1).update(taken=F("taken") + 1)
        Row.objects.create(words="one")
    return HttpResponseRedirect("/done")


urlpatterns = [path("", write)]

if os.environ.get("DATABASE_URL"):
    _database = dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=60)
else:  # as the site's own settings: one writer at a time, waited for
    _database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("BARE_FILE", ":memory:"),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
        },
    }
settings.configure(
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="bare",
    LOGGING_CONFIG=None,
    DATABASES={"default": _database},
)
application = get_wsgi_application()


class Counter(models.Model):  # noqa: DJ008
    taken = models.IntegerField()

    class Meta:
        app_label, db_table = "bench", COUNTER


class Row(models.Model):  # noqa: DJ008
    words = models.CharField(max_length=20)

    class Meta:
        app_label, db_table = "bench", ROWS


def lay() -> None:
    """Create the two empty tables."""
    key = "SERIAL PRIMARY KEY" if connection.vendor == "postgresql" else "INTEGER PRIMARY KEY"
    with connection.cursor() as cursor:
        for table in (COUNTER, ROWS):
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(f"CREATE TABLE {COUNTER} (id {key}, taken INTEGER)")
        cursor.execute(f"CREATE TABLE {ROWS} (id {key}, words VARCHAR(20))")
        cursor.execute(f"INSERT INTO {COUNTER} (taken) VALUES (0)")
    connection.close()


if __name__ == "__main__":
    lay()
