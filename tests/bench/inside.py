"""A tree's own pages asked in its own process: queries and CPU, or a profile of where the CPU goes.

Run inside a tree, on production's variables: `python inside.py count|profile` reads JSON from standard input
and prints JSON. Each page is {"name", "cookies", "path"} with, for a form, "body"; "pages" may list several
requests that are one step taken by different families. Runs on older commits too.
"""

import cProfile
import json
import re
import statistics
import sys
import time
from urllib.parse import urlsplit

import django

HOST = "academy.example.org"
SILENT = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")

# The first that is found in a function's file names its group: own code apart by application.
GROUPS = {
    "SQL made by Django": r"/django/db/models/(sql|lookups|expressions|functions|aggregates|constants)",
    "querysets and rows": r"/django/db/models/|/modelcluster/|/django/db/transaction|/modeltranslation/",
    "database driver and wire": r"/psycopg|/django/db/",
    "templates": r"/django/(template|forms/(renderers|utils|boundfield|widgets)|utils/(html|safe))",
    "forms": r"/django/forms/",
    "translation and formats": r"/gettext\.py|/django/utils/(translation|formats|dateformat|numberformat)",
    "addresses": r"/django/urls/|/urllib/",
    "time zones and dates": r"/zoneinfo|/django/utils/timezone",
    "sign-in": r"/django/contrib/(sessions|auth|messages)|/django/core/signing|/allauth/|/hashlib|/hmac",
    "cache": r"/django/core/cache|/redis/",
    "Wagtail": r"/wagtail/|/treebeard/",
    "request and middleware": r"/django/(core/handlers|http|middleware|test|dispatch|utils)/|/whitenoise/",
    "our code: academy": r"/academy/",
    "our code: enrollments": r"/enrollments/",
    "our code: courses": r"/courses/",
    "our code: home": r"/home/",
}
COMPILED = [(name, re.compile(pattern)) for name, pattern in GROUPS.items()]


def group_of(file: str) -> str:
    """Return the group of a function by its file; built-in functions have none of their own."""
    if file.startswith("~") or "<" in file:
        return "built in"
    return next((name for name, pattern in COMPILED if pattern.search(file)), "other")


def by_group(stats: dict) -> dict[str, float]:
    """Return seconds by group from the rows of pstats; a built-in function's time goes to its callers."""
    found: dict[str, float] = {}
    for (file, _line, _name), (_calls, _primitive, own, _whole, callers) in stats.items():
        group = group_of(file)
        if group != "built in" or not callers:
            found[group] = found.get(group, 0) + own
            continue
        for (caller_file, _caller_line, _caller), (_n, _p, caller_own, _w) in callers.items():
            group = group_of(caller_file)
            found[group] = found.get(group, 0) + caller_own
    return found


def client():
    from django.test import Client

    return Client(
        headers={"host": HOST, "x-forwarded-proto": "https", "accept-encoding": "gzip"},
        REMOTE_ADDR="192.0.2.1",
    )


def ask(asker, one: dict):
    """Return the response to one request. Raises SystemExit unless a page is a page and a form leads on."""
    more = {"HTTP_COOKIE": one.get("cookies", "")}
    if one.get("body") is None:
        answer = asker.get(one["path"], **more)
    else:
        answer = asker.post(
            one["path"],
            one["body"],
            content_type="application/x-www-form-urlencoded",
            HTTP_ORIGIN=f"https://{HOST}",
            **more,
        )
    answer.content  # noqa: B018 — rendered
    if answer.status_code != (200 if one.get("body") is None else 302):
        raise SystemExit(f"{one['path']}: {answer.status_code}")
    return answer


def requests_of(page: dict) -> list[dict]:
    return page.get("pages") or [page]


def count(page: dict) -> dict:
    """Return the queries of the last request, the median CPU in ms, the bytes, and where it led."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    asker, times, led_to = client(), [], []
    asked = requests_of(page)
    if "path" in page:
        asked = asked * page.get("times", 7)
    for one in asked[:-1]:
        began = time.process_time()
        answer = ask(asker, one)
        times.append((time.process_time() - began) * 1000)
        led_to.append(answer.get("Location", ""))
    with CaptureQueriesContext(connection) as captured:
        answer = ask(asker, asked[-1])
    led_to.append(answer.get("Location", ""))
    queries = [row["sql"] for row in captured.captured_queries if not row["sql"].upper().startswith(SILENT)]
    return {
        "queries": len(queries),
        "sql": queries,
        "cpu": statistics.median(times[1:] or times or [0.0]),
        "bytes": len(answer.content),
        "led_to": led_to,
    }


def profile(page: dict) -> dict:
    """Return ms per request by group and by function, scaled to the CPU the same requests take without the
    profiler (which makes many small calls look dearer than they are).
    """
    import pstats

    asked = requests_of(page)
    if "path" in page:
        asked = asked * page.get("times", 24)
    asker, led_to = client(), []
    warm, plain, watched = asked[:4], asked[4 : len(asked) // 2], asked[len(asked) // 2 :]
    for one in warm:
        led_to.append(ask(asker, one).get("Location", ""))
    began = time.process_time()
    for one in plain:
        led_to.append(ask(asker, one).get("Location", ""))
    cpu = (time.process_time() - began) * 1000 / len(plain)
    watcher = cProfile.Profile(time.process_time)
    for one in watched:
        watcher.enable()
        answer = ask(asker, one)
        watcher.disable()
        led_to.append(answer.get("Location", ""))
    stats = pstats.Stats(watcher).stats
    groups = by_group(stats)
    scale = cpu / sum(row[2] for row in stats.values())

    def row(key, seconds):
        file, line, function = key
        short = re.sub(r".*/site-packages/|.*/lib/python[\d.]+/", "", file)
        return [
            f"{short}:{line} {function}",
            round(seconds * scale, 2),
            round(stats[key][0] / len(watched), 1),
        ]

    own = sorted(stats, key=lambda key: -stats[key][2])[:40]
    whole = sorted(stats, key=lambda key: -stats[key][3])[:260]
    return {
        "cpu": round(cpu, 2),
        "groups": {
            name: round(value * scale, 2) for name, value in sorted(groups.items(), key=lambda x: -x[1])
        },
        "own": [row(key, stats[key][2]) for key in own],
        "whole": [row(key, stats[key][3]) for key in whole],
        "led_to": led_to,
    }


def following(page: dict, told: dict, pages: dict) -> dict:
    """Return the page whose requests go where those of an earlier step led (`after` names the step)."""
    if "after" not in page:
        return page
    before = requests_of(pages[page["after"]])
    return page | {
        "pages": [
            {"cookies": one["cookies"], "path": urlsplit(place).path}
            for one, place in zip(before, told[page["after"]]["led_to"], strict=True)
        ]
    }


def audit() -> list[str]:
    """Return what contradicts itself in the places given; empty if nothing does."""
    from django.utils import timezone

    try:
        from enrollments.places import audit as checks
    except ImportError:
        from enrollments import ledger_check as checks
    return [str(fault) for fault in checks.check(timezone.now())]


def nightly() -> dict:
    """The nightly check of all places: queries and CPU, as for a page."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    audit()
    began = time.process_time()
    audit()
    cpu = (time.process_time() - began) * 1000
    with CaptureQueriesContext(connection) as captured:
        audit()
    return {"queries": len(captured), "cpu": cpu, "bytes": 0, "led_to": [], "sql": []}


def main(what: str) -> None:
    django.setup()
    if what == "audit":
        print(json.dumps(audit()))
        return
    act = {"count": count, "profile": profile}[what]
    pages = {page["name"]: page for page in json.loads(sys.stdin.read())}
    told: dict[str, dict] = {}
    for name, page in pages.items():
        told[name] = nightly() if page.get("check") else act(following(page, told, pages))
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
