"""The child process: read one file, write what was found, and end.

    python -I -B -c … <path> <name>

First it takes its own limits. Then it writes one line of JSON to its output: {"kind", "extension", "facts"}
or {"fault"}; behind it the bytes to keep in place of the file, if there are any.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from enrollments.portfolio.readers import recognising
from enrollments.portfolio.readers.faults import CannotRead, FileFault

try:
    import resource
except ImportError:  # Windows: only the time is limited there, by the parent
    resource = None  # type: ignore[assignment]

MEBIBYTE = 1024 * 1024
MOST_MEMORY = 300 * MEBIBYTE  # above what the imports take
MOST_FOR_PHOTOS = 600 * MEBIBYTE
MOST_CPU = 10  # seconds
MOST_FACTS = 64 * 1024  # characters


def limit_memory(most: int) -> None:
    """Let this process reserve so many bytes more than it has now. Does nothing where there is no /proc."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return
    ceiling = pages * resource.getpagesize() + most
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, resource.RLIM_INFINITY))


def take_limits() -> None:
    """No file is written, no core is dumped, no process is started, and the CPU ends after 10 seconds."""
    if resource is None:
        return
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU, MOST_CPU + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer(path: Path, name: str, limit: Callable[[int], None] = limit_memory) -> tuple[str, bytes]:
    """Return the line of JSON, and the bytes to keep."""
    try:
        with path.open("rb") as file:
            limit(MOST_MEMORY)
            branch = recognising.branch_of(file, name)
            limit(2 * MOST_FOR_PHOTOS)  # for the imports
            reader = recognising.reader_of(branch)
            limit(MOST_FOR_PHOTOS if branch == "pictures" else MOST_MEMORY)
            found = reader(file)
            said = {"kind": found.kind, "extension": found.extension, "facts": found.facts}
            line = json.dumps(said)
    except CannotRead as refusal:
        return json.dumps({"fault": refusal.fault}), b""
    except (MemoryError, RecursionError):
        return json.dumps({"fault": FileFault.TOO_COMPLEX}), b""
    except Exception as fault:  # noqa: BLE001 — a file that our readers did not expect is a damaged file
        trace = fault.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        where = (
            f"{type(fault).__name__} {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
            if trace
            else ""
        )
        return json.dumps({"fault": FileFault.DAMAGED, "where": where}), b""
    if len(line) > MOST_FACTS:
        return json.dumps({"fault": FileFault.TOO_COMPLEX}), b""
    return line, found.clean or b""


def main() -> None:
    take_limits()
    line, clean = answer(Path(sys.argv[1]), sys.argv[2])
    sys.stdout.buffer.write(line.encode() + b"\n" + clean)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
