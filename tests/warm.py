"""A process that has loaded the site and runs commands in forks of itself.

Loading takes two seconds, a fork some milliseconds. Each command has a process of its own, as from a shell:
its own exit code, output and connections. Who tests the start itself, a limit or a signal starts `manage.py`
instead.

`python -m tests.warm` reads a line of JSON (arguments, and the files for its output) and answers with a line,
the exit code.
"""

import json
import os
import runpy
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Warm:
    """Such a process, with this environment. Close it at the end."""

    def __init__(self, environment: dict[str, str]):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *command: str) -> tuple[int, str, str]:
        """Return the exit code of `python COMMAND…`, its output and its errors."""
        with tempfile.TemporaryDirectory(prefix="academy-warm-") as folder:
            files = [Path(folder) / name for name in ("out", "errors")]
            print(json.dumps([command, *map(str, files)]), file=self.process.stdin, flush=True)
            answer = self.process.stdout.readline()
            assert answer, "the process has ended"
            return int(answer), *(path.read_text() for path in files)

    def close(self) -> None:
        self.process.kill()  # it holds nothing; to end in good order takes seconds
        self.process.communicate()


def act(command: list[str], out: str, errors: str) -> None:
    """Become `python COMMAND…`, with what it writes in these files; never returns."""
    for descriptor, path in ((0, os.devnull), (1, out), (2, errors)):
        opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
    sys.argv, code = command, 0
    try:
        if command[0] == "-m":
            sys.argv = command[1:]
            runpy.run_module(command[1], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(str(ROOT / command[0]), run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:  # noqa: BLE001 - a fork that fails must not go on as its parent
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main() -> None:
    import django
    from django.core import checks

    django.setup()
    checks.run_checks()  # loads every view
    for line in sys.stdin:
        child = os.fork()
        if not child:
            act(*json.loads(line))
        _pid, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
