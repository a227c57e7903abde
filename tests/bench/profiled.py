"""Where the CPU of a page goes: by group (SQL, templates, own code), and the dearest functions."""

from urllib.parse import urlencode

from tests.bench import serving
from tests.bench.callers import TOKEN_FIELD
from tests.bench.grounds import Database
from tests.bench.measures import EMPTY, ask_inside, form, told
from tests.bench.trees import Tree

FAMILIES, TURNS, SHOWN = 100, 60, 10
WRAPS = 0.85  # what takes more of a page is around all of it: middleware, the view
ELSEWHERE = ("/core/handlers/", "/test/client.py", "middleware.py", "deprecation.py", "tests/bench/")


def pages_of(world: dict) -> list[dict]:
    """Return the steps of a parent, and the pages around them, as tests/bench/inside.py takes them."""
    families = world["families"][:FAMILIES]
    looks = [{"cookies": one["cookies"], "path": form(one)} for one in families]
    bodies = [urlencode([("children", one["child"]), TOKEN_FIELD]) for one in families]
    posts = [look | {"body": body} for look, body in zip(looks, bodies, strict=True)]
    own = [{"cookies": one["cookies"], "path": "/fr/family/"} for one in families]
    first = families[0]
    return [
        {"name": "form", "pages": looks},
        {"name": "POST", "pages": posts},
        {"name": "confirmation", "after": "POST"},
        {"name": "family page, one child", "pages": own},
        {"name": "empty signed-in page", "cookies": first["cookies"], "path": EMPTY, "times": TURNS},
        {
            "name": "catalogue made anew",
            "pages": [{"path": f"/fr/cours/?anew={turn}"} for turn in range(TURNS)],
        },
        {
            "name": "course made anew",
            "pages": [{"path": f"/fr/cours/{first['course']}/?anew={turn}"} for turn in range(TURNS)],
        },
    ]


def measure(tree: Tree, redis_url: str) -> None:
    """Print a table for each page: groups, own functions with all below them, dearest single functions."""
    database = Database(tree, "rush", redis_url)
    url = database.fresh()
    environment = database.production(url)
    serving.collected(tree, environment)
    world = told(url)
    for family in world["families"]:
        family["session"] = world["roomy"]
    answer = ask_inside(tree, "profile", pages_of(world), environment)
    database.drop()
    for name, page in answer.items():
        print(f"\n{name}: {page['cpu']:.1f} ms of CPU")
        for group, cost in page["groups"].items():
            print(f"  {group:<28} {cost:>6.2f}")
        folder = f"{tree.folder}/"
        inner = [row for row in page["whole"] if row[1] < WRAPS * page["cpu"]]
        _print("own functions, with all below them", [row for row in inner if folder in row[0]], folder)
        _print("all functions, with all below them", inner, folder)
        _print("dearest by themselves", page["own"], folder)


def _print(title: str, rows: list, folder: str) -> None:
    print(f"  {title}: ms, calls")
    wanted = [row for row in rows if not any(part in row[0] for part in ELSEWHERE)]
    for where, cost, calls in wanted[:SHOWN]:
        print(f"    {cost:>7.2f} {calls:>8.1f}  {where.replace(folder, '')}")
