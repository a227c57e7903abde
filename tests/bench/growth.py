"""Growth: the same pages at thirty times the history, and at ten times one term.

Asked in a process of the tree. Queries must stay the same, and CPU within LIMIT of the first column: of the
older commit's, if one is compared.
"""

import json

from tests.bench.grounds import Database
from tests.bench.measures import ask_inside, told
from tests.bench.trees import KEPT, Tree

LIMIT = 1.3
KEPT_FIGURES = KEPT / "growth.json"
WORLDS = {
    "demo": "1 ×",
    "history10": "10 × history",
    "history": "30 × history",
    "term3": "3 × term",
    "term": "10 × term",
}
PAGES = {
    "desk today": ("instructor", "/fr/desk/"),
    "register": ("instructor", "/fr/desk/meetings/{meeting}/"),
    "office today": ("desk", "/fr/office/"),
    "sessions": ("desk", "/fr/office/sessions/"),
    "people": ("desk", "/fr/office/people/"),
    "people, searched": ("desk", "/fr/office/people/?q=amrani"),
    "letters": ("manager", "/fr/office/letters/"),
    "calls": ("desk", "/fr/office/calls/"),
    "decisions": ("manager", "/fr/office/decisions/"),
    "day pack": ("desk", "/fr/office/day-pack/"),
    "family": ("parent", "/fr/family/"),
    "family, fitting": ("parent", "/fr/family/fitting/"),
    "catalogue": ("", "/fr/cours/?anew={turn}"),
}
CHECK = "nightly check"


def asked_of(world: dict) -> list[dict]:
    """Return the pages as tests/bench/inside.py takes them."""
    pages = []
    for name, (who, path) in PAGES.items():
        requests = [
            {
                "cookies": world["people"].get(who, ""),
                "path": path.format(meeting=world["meeting"], turn=turn),
            }
            for turn in range(7)
        ]
        pages.append({"name": name, "pages": requests})
    return [*pages, {"name": CHECK, "check": True}]


def grown(tree: Tree, world: str, redis_url: str) -> dict:
    """Return queries, CPU and bytes by page of one world."""
    database = Database(tree, world, redis_url)
    url = database.fresh()
    told_of = ask_inside(tree, "count", asked_of(told(url)), database.production(url))
    database.drop()
    return told_of


def judge(first: dict, more: dict) -> str:
    """Return what is wrong with a page that has grown; empty if nothing is."""
    faults = []
    if more["queries"] > first["queries"]:
        faults.append("QUERIES")
    if more["cpu"] > LIMIT * first["cpu"]:
        faults.append("CPU")
    return " and ".join(faults)


def measure(tree: Tree, older: Tree | None, redis_url: str) -> list[str]:
    """Print the table and keep its figures; return the names of the pages that grow."""
    columns = {"1 ×, " + older.name: grown(older, "demo", redis_url)} if older else {}
    columns |= {name: grown(tree, world, redis_url) for world, name in WORLDS.items()}
    KEPT_FIGURES.write_text(json.dumps(columns, indent=1))
    first, failed = next(iter(columns)), []
    single = columns[WORLDS["demo"]]
    print(f"\nGrowth: CPU ms, queries, KB; at most {LIMIT} × the CPU of the first column, no query more")
    print(f"  {'':<18}" + "".join(f"{name:>24}" for name in columns))
    for page in columns[first]:
        cells = [columns[name][page] for name in columns]
        line = "".join(f"{c['cpu']:>12.1f}{c['queries']:>5}{c['bytes'] / 1024:>7.0f}" for c in cells)
        base = {"queries": single[page]["queries"], "cpu": columns[first][page]["cpu"]}
        judged = {name: judge(base, columns[name][page]) for name in WORLDS.values()}
        faults = [f"{name}: {fault}" for name, fault in judged.items() if fault]
        failed += [f"{page}, {fault}" for fault in faults]
        print(f"  {page:<18}{line}  {'; '.join(faults)}")
    return failed
