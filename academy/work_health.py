"""Health of the work: scheduled jobs, emails, copies of families' data. `/workz` and the metrics say it.

It is apart from readiness (academy.health): a letter that is stuck takes no web machine off the balancer.
"""

from datetime import datetime

from academy import clockwork
from enrollments.letters import delivery
from enrollments.privacy import copy_requests

OK = clockwork.OK
WELL = {OK, clockwork.STARTING}


def lights(at: datetime) -> dict[str, str]:
    """Return what each light says: "ok", "starting", or what is wrong with which jobs.

    A light that cannot be asked says the name of the fault.
    """
    found = {}
    for name, ask in {"jobs": _jobs, "letters": _letters, "copies": _copies}.items():
        try:
            found[name] = ask(at)
        except Exception as fault:  # noqa: BLE001 — whatever is wrong, the answer names it
            found[name] = type(fault).__name__
    return found


def _jobs(at: datetime) -> str:
    standing = clockwork.standing(at)
    faulty = [f"{name} {said}" for name, said in standing.items() if said not in WELL]
    if faulty:
        return ", ".join(faulty)
    return clockwork.STARTING if clockwork.STARTING in standing.values() else OK


def _letters(at: datetime) -> str:
    """Ask for what is stuck; before the first run has ended, emails of a furnished site may wait for long."""
    said = delivery.stuck(at)
    return (
        clockwork.STARTING if said and clockwork.standing(at)["letters"] == clockwork.STARTING else said or OK
    )


def _copies(at: datetime) -> str:
    return clockwork.IS_LATE if copy_requests.are_late(at) else OK
