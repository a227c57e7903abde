"""One round of figures of one tree, on fresh rows. CPU is that of the workers, in ms of user and system."""

import json
import time
from collections.abc import Callable
from urllib.parse import urlencode

import psycopg

from tests.bench import grounds, serving
from tests.bench.callers import TOKEN_FIELD, Request, drive
from tests.bench.grounds import Database
from tests.bench.load import load
from tests.bench.rush import BARE, LED, PARENTS, SEATS, walk
from tests.bench.serving import Served
from tests.bench.trees import SCRIPTS, Tree, here

WARM, STEPPED, PRESSED, CALLERS = 16, 40, 160, 16
KEPT, ANEW, MIXED = 600, 60, 1000
WRONG = "not-this-one"
PASSWORD = "atelier-du-detroit"  # of tests/bench/world.py
EMPTY = "/fr/account/logout/"  # the shell of a signed-in page, around one sentence and a button
Figures = dict[str, float]


def told(url: str) -> dict:
    """Return what tests/bench/world.py has written down for us."""
    with psycopg.connect(url) as connection:
        return json.loads(connection.execute("SELECT told FROM bench_world").fetchone()[0])


def look(family: dict, *paths: str) -> list[Request]:
    return [Request(path, family["cookies"]) for path in paths]


def form(family: dict) -> str:
    return f"/fr/family/enroll/{family['session']}/"


def said(family: dict) -> Request:
    return Request(form(family), family["cookies"], (("children", str(family["child"])),))


def kept(family: dict) -> list[Request]:
    return look(family, "/fr/cours/", f"/fr/cours/{family['course']}/")


def cpu_of(
    site: Served, requests: list[Request], *, callers: int = 4, status: int = 200
) -> tuple[float, list]:
    """Return (CPU ms a request, the answers). Raises RuntimeError for another status."""
    before = site.cpu()
    answers = drive(site.port, requests, callers=callers)
    used = site.cpu() - before
    wrong = next((number for number, answer in enumerate(answers) if answer.status != status), None)
    if wrong is not None:
        raise RuntimeError(f"{requests[wrong].path}: {answers[wrong].status}, not {status}")
    return used / len(requests) * 1000, answers


def throughput(site: Served, requests: list[Request], **more) -> float:
    """Return requests a second, sixteen callers."""
    began = time.perf_counter()
    cpu_of(site, requests, callers=CALLERS, **more)
    return len(requests) / (time.perf_counter() - began)


def first_request(site: Served, family: dict) -> Figures:
    """The first page a fresh worker gives: the form, which needs nearly everything."""
    before = site.cpu()
    answer = drive(site.port, look(family, form(family)), callers=1)[0]
    return {"first request": answer.seconds, "first request, CPU": (site.cpu() - before) * 1000}


def path_by_step(site: Served, families: list[dict]) -> Figures:
    """A parent's path, each step by all families in turn."""
    drive(site.port, kept(families[0]) * 8, callers=4)
    pages, _answers = cpu_of(site, [request for family in families for request in kept(family)])
    asked, _answers = cpu_of(site, [look(family, form(family))[0] for family in families])
    posted, answers = cpu_of(site, [said(family) for family in families], status=302)
    led = [
        Request(answer.led_to, family["cookies"]) for answer, family in zip(answers, families, strict=True)
    ]
    confirmed, _answers = cpu_of(site, led)
    found = {"form": asked, "POST": posted, "confirmation": confirmed, "two kept pages": 2 * pages}
    own = [request for family in families for request in look(family, "/fr/family/")]
    empty = [request for family in families for request in look(family, EMPTY)]
    return found | {
        "path": sum(found.values()),
        "family page": cpu_of(site, own)[0],
        "empty page": cpu_of(site, empty)[0],
    }


def passwords(site: Served, emails: list[str]) -> Figures:
    """CPU of a wrong password ÷ that of a right one, for accounts that exist."""

    def pressed(password: str, status: int) -> float:
        cookies = "__Host-csrf=" + "a" * 32
        path = "/fr/account/login/"
        return cpu_of(
            site,
            [Request(path, cookies, (("login", email), ("password", password))) for email in emails],
            callers=1,
            status=status,
        )[0]

    right = pressed(PASSWORD, 302)
    return {"right password": right, "wrong ÷ right": pressed(WRONG, 200) / right}


def enrolling(site: Served, bare: Served, families: list[dict]) -> Figures:
    """Requests a second of enrolling ÷ those of one UPDATE and one INSERT, before and after."""
    plain = [BARE] * len(families)
    before = throughput(bare, plain, status=302)
    ours = throughput(site, [said(family) for family in families], status=302)
    after = throughput(bare, plain, status=302)
    return {"enroll, a second": ours, "enroll ÷ bare": ours / ((before + after) / 2)}


def rush(site: Served, bare: Served, families: list[dict], url: str) -> Figures:
    paths = [[*kept(one), *look(one, form(one)), said(one), LED] for one in families]
    bare_drained, bare_slowest, _answers = walk(bare.port, [[BARE] * len(path) for path in paths])
    before = site.cpu()
    drained, slowest, answers = walk(site.port, paths)
    used = site.cpu() - before
    fine = {"GET 200", "POST 302"}
    with psycopg.connect(url) as connection:
        full, sessions = connection.execute(
            "SELECT count(*) FILTER (WHERE seats_taken = capacity), coalesce(sum(seats_taken), 0)"
            " FROM courses_session WHERE capacity = %s",
            [SEATS],
        ).fetchone()
        (placed,) = connection.execute(
            "SELECT count(*) FROM enrollments_enrollment WHERE child_id = ANY(%s)",
            [[one["child"] for one in families]],
        ).fetchone()
    return {
        "rush, drained": drained,
        "rush, 95 of 100": slowest,
        "rush, CPU a parent": used / len(families) * 1000,
        "rush, drained ÷ bare": drained / bare_drained,
        "rush, 95 of 100 ÷ bare": slowest / bare_slowest,
        "rush, places given": float(sessions),
        "rush, sessions full": float(full),
        "rush, families placed": float(placed),
        "rush, wrong answers": float(sum(n for name, n in answers.items() if name not in fine)),
    }


def rush_round(tree: Tree, redis_url: str, wanted: Callable[[str], bool]) -> Figures:
    """The figures of the world `rush`: the path of a parent, passwords, enrolling, the rush itself."""
    database = Database(tree, "rush", redis_url)
    url = database.fresh()
    grounds.forget(redis_url)
    world, environment = told(url), database.production(url)
    serving.collected(tree, environment)
    families = world["families"]
    for family in families[:-PARENTS]:  # the thirty sessions stay empty for the rush
        family |= {"session": world["roomy"], "course": families[0]["course"]}
    tree_of_bare = {"DATABASE_URL": url}
    here().run(str(SCRIPTS / "bare_write.py"), **tree_of_bare)
    found: Figures = {}
    with serving.served(tree, environment) as site, serving.bare("bare_write", **tree_of_bare) as bare:
        found |= first_request(site, families[0])
        for one in families[:WARM]:
            drive(site.port, [*kept(one), *look(one, form(one), "/fr/family/", EMPTY)] * 2, callers=4)
            led_to = drive(site.port, [said(one)], callers=1)[0].led_to
            drive(site.port, look(one, led_to) * 4, callers=4)
        if wanted("path"):
            found |= path_by_step(site, families[WARM : WARM + STEPPED])
            found["first request ÷ a later one, CPU"] = found["first request, CPU"] / found["form"]
        if wanted("passwords"):
            found |= passwords(site, world["logins"])
        if wanted("enroll"):
            found |= enrolling(site, bare, families[WARM + STEPPED : WARM + STEPPED + PRESSED])
        if wanted("rush"):
            found |= rush(site, bare, families[-PARENTS:], url)
            found["rush, faults"] = float(
                len(json.loads(tree.run(str(SCRIPTS / "inside.py"), "audit", **environment)))
            )
    database.drop()
    return found


def counted(tree: Tree, redis_url: str) -> Figures:
    """Queries of the family page with one child in place, and of the empty signed-in page."""
    database = Database(tree, "rush", redis_url)
    url = database.fresh()
    environment = database.production(url)
    world = told(url)
    families = [one | {"session": world["roomy"]} for one in world["families"][:2]]  # the first warms
    family = families[-1]
    posts = [
        {"cookies": one["cookies"], "path": form(one), "body": urlencode([*said(one).fields, TOKEN_FIELD])}
        for one in families
    ]
    pages = [
        {"name": "POST", "pages": posts},
        {"name": "confirmation", "after": "POST"},
        {"name": "family page", "cookies": family["cookies"], "path": "/fr/family/"},
        {"name": "empty page", "cookies": family["cookies"], "path": EMPTY},
    ]
    answer = ask_inside(tree, "count", pages, environment)
    database.drop()
    return {
        f"{name}, queries": answer[name]["queries"] for name in ("confirmation", "family page", "empty page")
    }


def ask_inside(tree: Tree, what: str, pages: list[dict], environment: dict[str, str]) -> dict:
    """Run tests/bench/inside.py in a tree."""
    return json.loads(tree.run(str(SCRIPTS / "inside.py"), what, told=json.dumps(pages), **environment))


def demo_round(tree: Tree, redis_url: str, wanted: Callable[[str], bool], *, memory: bool) -> Figures:
    """The figures of the world `demo`: kept and new public pages, and the memory of a worker that counts and
    logs as in production.
    """
    database = Database(tree, "demo", redis_url)
    url = database.fresh()
    grounds.forget(redis_url)
    environment = database.production(url)
    serving.collected(tree, environment)
    world, found = told(url), {}
    pages = {"catalogue": "/fr/cours/", "course": "/fr/cours/code-a/"}
    with serving.served(tree, environment) as site, serving.bare("bare") as bare:
        drive(
            site.port, [Request(f"{page}?warm={n}") for n in range(8) for page in pages.values()], callers=8
        )
        if wanted("kept"):
            for name, path in pages.items():
                load(site.port, [path] * 16, site.pid)
                before = load(bare.port, ["/"] * KEPT, bare.pid)
                ours = load(site.port, [path] * KEPT, site.pid)
                after = load(bare.port, ["/"] * KEPT, bare.pid)
                found[f"kept {name} ÷ bare"] = ours.throughput / ((before.throughput + after.throughput) / 2)
                found[f"kept {name}, CPU"] = ours.cpu_ms
                found[f"bare ÷ kept {name}, CPU"] = (before.cpu_ms + after.cpu_ms) / 2 / ours.cpu_ms
        if wanted("anew"):
            for name, path in pages.items():  # an address the page does not write itself is not kept
                asked = [Request(f"{path}?anew={number}") for number in range(ANEW)]
                found[f"{name} anew"] = cpu_of(site, asked)[0]
    if memory and wanted("memory"):
        watched = {"METRICS_PORT": str(grounds.free_port()), "LOG_FORMAT": "json"}
        with serving.served(tree, environment | watched) as site:
            drive(site.port, mixed(world, MIXED), callers=8)
            found["RSS"], found["PSS"] = site.memory()
    database.drop()
    return found


def mixed(world: dict, number: int) -> list[Request]:
    """What a day asks of a worker: visitors, families, teachers, front desk, editors."""
    people = world["people"]
    public = ["/fr/", "/ar/", "/en/", "/fr/cours/", "/ar/cours/", "/fr/cours/code-a/", "/ar/cours/code-b/"]
    public += ["/fr/contact/", "/sitemap.xml", "/fr/account/login/", "/fr/account/signup/", "/readyz"]
    rooms = {
        "parent": ("/fr/family/", "/fr/family/fitting/", "/fr/family/calendar/", "/fr/family/", EMPTY),
        "instructor": ("/fr/desk/", f"/fr/desk/meetings/{world['meeting']}/", "/fr/desk/calendar/"),
        "desk": ("/fr/office/", "/fr/office/people/", "/fr/office/calls/", "/fr/office/sessions/"),
        "manager": ("/fr/office/decisions/", "/fr/office/letters/", "/fr/office/day-pack/"),
        "editor": ("/cms/", "/cms/pages/"),
    }
    asked = [Request(path) for path in public]
    asked += [Request(path, people[name]) for name, paths in rooms.items() for path in paths]
    return [asked[turn % len(asked)] for turn in range(number)]
