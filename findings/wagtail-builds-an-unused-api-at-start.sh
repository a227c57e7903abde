#!/usr/bin/env bash
# Wagtail 8.0.1 with Django 5.2.19 and pydantic 2.14.3 (PyPI; source: wagtail/images/apps.py and the apps.py of documents, snippets, locales and contrib.redirects, ready(); seen 2026-11-30 with Python 3.11): a site that offers no API builds it whole at each start.
#
# The third version of Wagtail's API is an app that one adds to INSTALLED_APPS and a line that one adds to the URLs.
# Without either, django.setup() imports it all the same: each content app adds its routes to it in ready(), and with
# it come django-ninja, pydantic and a schema for every page model, made at import. Every worker and every command of
# manage.py pays for it. There is no setting against it.
#
# Output seen (megabytes and seconds are this run's; they do not gate)
#   wagtail.api in INSTALLED_APPS: False; the API in sys.modules: True; its routes: 39
#   of 0.81 s of CPU for django.setup(), 0.25 s went into it, and about 19 MB
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/start.py" <<'PYTHON'
import builtins
import resource
import sys
import time

from django.conf import settings

settings.configure(
    SECRET_KEY="x",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    STATIC_URL="/static/",
    WAGTAIL_SITE_NAME="A site",
    WAGTAILADMIN_BASE_URL="http://localhost",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "wagtail.contrib.redirects",
        "wagtail.sites",
        "wagtail.users",
        "wagtail.snippets",
        "wagtail.documents",
        "wagtail.images",
        "wagtail.search",
        "wagtail.admin",
        "wagtail",
        "modelcluster",
        "taggit",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
    ],
)
importing, spent = builtins.__import__, [0.0, 0, 0]  # seconds of CPU, kilobytes, depth


def watch(name, *arguments, **more):
    if spent[2] or not name.startswith("wagtail.api.v3"):
        return importing(name, *arguments, **more)
    spent[2] = 1
    seconds, size = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        return importing(name, *arguments, **more)
    finally:
        spent[0] += time.process_time() - seconds
        spent[1] += resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - size
        spent[2] = 0


import django

builtins.__import__ = watch
begun = time.process_time()
django.setup()
whole = time.process_time() - begun
builtins.__import__ = importing
asked = any("wagtail.api" in app for app in settings.INSTALLED_APPS)
there = "wagtail.api.v3.api" in sys.modules
routes = 0
if there:
    from wagtail.api.v3.api import api

    routes = sum(len(view.operations) for _prefix, router in api._routers for view in router.path_operations.values())
print(f"wagtail.api in INSTALLED_APPS: {asked}; the API in sys.modules: {there}; its routes: {routes}")
print(f"of {whole:.2f} s of CPU for django.setup(), {spent[0]:.2f} s went into it, and about {spent[1] // 1024} MB")
sys.exit(0 if there and routes and not asked else "The behaviour has changed.")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "Django==5.2.19" "wagtail==8.0.1" "django-ninja==1.7.1" "pydantic==2.14.3" 2>/dev/null
"$folder/venv/bin/python" "$folder/start.py"
