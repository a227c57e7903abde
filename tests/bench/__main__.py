"""`make bench`: the site in production's shape beside a bare view and, with AGAINST=<commit>, an older one.

Ratios within a run, counts and sizes are gates (exit 1 if one is missed; tests/bench/table.py has the
bounds), times are told. It needs PostgreSQL by DATABASE_URL, and redis-server. ARGS names parts: path
passwords enroll rush kept anew memory queries budgets; and, only when named: growth, profile.
"""

import argparse
import json
import signal
import sys

from tests.bench import budgets, grounds, growth, measures, profiled, report, table
from tests.bench.trees import KEPT, Tree, here, older

PARTS = ("path", "passwords", "enroll", "rush", "kept", "anew", "memory", "queries", "budgets")
APART = ("growth", "profile")
OF_RUSH, OF_DEMO = {"path", "passwords", "enroll", "rush"}, {"kept", "anew", "memory"}
ROUNDS = 5
FIGURES = KEPT / "figures.json"


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, *APART, []], help="all that gate unless named")
    parser.add_argument("--against", default="", help="an older commit")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--write", action="store_true", help="into academy/docs/performance.md too")
    return parser.parse_args()


def measured(trees: list[Tree], parts: set[str], rounds: int, redis_url: str) -> dict[str, list[dict]]:
    """Return the rounds of each tree by name. The trees take turns, and the first one changes each round."""
    found: dict[str, list[dict]] = {tree.name: [] for tree in trees}
    for number in range(rounds):
        for tree in trees if number % 2 == 0 else trees[::-1]:
            print(f"  round {number + 1} of {rounds}: {tree.name}", flush=True)
            figures: dict[str, float] = {}
            if parts & OF_RUSH:
                figures |= measures.rush_round(tree, redis_url, parts.__contains__)
            if parts & (OF_DEMO - {"memory"}) or (number == 0 and "memory" in parts):
                figures |= measures.demo_round(tree, redis_url, parts.__contains__, memory=number == 0)
            if number == 0 and "queries" in parts:
                figures |= measures.counted(tree, redis_url)
            found[tree.name].append(figures)
            FIGURES.write_text(json.dumps(found, indent=1))  # a run that is stopped has told something
    return found


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers and copies go
    said = asked()
    parts = set(said.parts or PARTS)
    ours, theirs = here(), older(said.against) if said.against else None
    failed: list[str] = []
    with grounds.alone(), grounds.redis() as redis_url:
        if "profile" in parts:
            profiled.measure(theirs or ours, redis_url)
        if "growth" in parts:
            failed += growth.measure(ours, theirs, redis_url)
            if said.write:
                report.write("growth", report.growth(json.loads(growth.KEPT_FIGURES.read_text())))
        if parts & (OF_RUSH | OF_DEMO | {"queries"}):
            trees = [ours, *([theirs] if theirs else [])]
            found = measured(trees, parts, said.rounds, redis_url)
            lines = table.lines_of(found[ours.name], found[theirs.name] if theirs else [])
            text = table.shown(lines, theirs.name if theirs else "")
            print("\n" + text)
            if said.write:
                report.write("table", report.table(text, said.rounds))
            failed += [line.row.words.strip() for line in lines if line.missed]
    if "budgets" in parts:
        failed += budgets.measure()
    if parts - {"profile"}:
        print("\n" + (f"MISSED: {', '.join(failed)}" if failed else "Every gate held."))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
