"""The command line of tests.pages."""

import argparse
import os
import sys
from pathlib import Path

from tests.pages import compare


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.pages", description="Compare every page before and after a change."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    furnish = commands.add_parser("furnish", help="write the database that dumps are taken from")
    furnish.add_argument("scene", type=Path)
    dump = commands.add_parser("dump", help="write one file per page")
    dump.add_argument("scene", type=Path)
    dump.add_argument("folder", type=Path)
    dump.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one per core)"
    )
    dump.add_argument("--only", default="", help="persons or languages, by comma: manager,fr")
    comparison = commands.add_parser("compare", help="show what differs between two dumps")
    comparison.add_argument("before", type=Path)
    comparison.add_argument("after", type=Path)
    comparison.add_argument("--shown", type=int, default=40, help="how many different differences to print")
    given = parser.parse_args()
    if given.command == "furnish":
        from tests.pages import scene

        scene.furnish(given.scene)
    elif given.command == "dump":
        from tests.pages import visit

        visit.dump(given.scene, given.folder, jobs=given.jobs, only=set(filter(None, given.only.split(","))))
    else:
        return compare.report(given.before, given.after, shown=given.shown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
