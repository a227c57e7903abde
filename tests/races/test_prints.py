"""A 3D print is taken back while somebody hands it out, or asks for another copy: in parallel."""

import pytest
from django.db import connections
from django.utils import timezone

from enrollments.models import AccountEvent, PrintJob
from enrollments.portfolio import print_queue
from tests.factories import ChildFactory, StaffFactory, UserFactory
from tests.prints import a_model, a_printer, a_spool, printing
from tests.races.crowd import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def ready(settings, tmp_path):
    """A print that is ready, and who marked it."""
    settings.DATA_DIR = tmp_path
    by, guardian, at = StaffFactory(role="Front desk"), UserFactory(), timezone.now()
    file = a_model(ChildFactory(guardian=guardian), guardian)
    job = printing(file, printer=a_printer(), spool=a_spool(by), by=by, at=at)
    return print_queue.finish(job, seen=job.version, by=by, at=at), {"by": by, "at": at}


def together(*acts):
    outcomes = at_once(*acts)
    connections.close_all()
    return outcomes


def test_of_taking_back_and_handing_out_at_once_one_is_made(ready):
    job, who = ready
    acts = [
        lambda act=act: act(job, seen=job.version, **who).state
        for act in (print_queue.take_back, print_queue.hand_out) * 3
    ]
    outcomes = together(*acts)
    row = PrintJob.objects.get()
    assert row.version == job.version + 1 and row.state in {"printing", "collected"}
    assert [said for kind, said in outcomes if kind == "done"] == [row.state] * 3, outcomes
    assert all("moved_on" in said for kind, said in outcomes if kind != "done"), outcomes
    assert AccountEvent.objects.filter(what="print_back").count() == (row.state == "printing")


def test_a_print_that_comes_back_and_another_copy_are_never_both_open(ready):
    job, who = ready
    job = print_queue.hand_out(job, seen=job.version, **who)
    outcomes = together(
        lambda: print_queue.take_back(job, seen=job.version, **who).pk,
        lambda: print_queue.ask(job.file, **who).pk,
    )
    opened = PrintJob.objects.open().get()
    assert outcomes[1] == ("done", opened.pk)
    assert outcomes[0] == ("done", job.pk) if opened.pk == job.pk else "asked_again" in outcomes[0][1]
