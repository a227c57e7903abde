"""What guardians hear of 3D prints: decided by what each message named."""

from importlib import import_module

import pytest
from django.apps import apps

from enrollments.models import Letter, PrintJob
from enrollments.portfolio import print_queue
from tests.factories import GuardianshipFactory
from tests.prints import HOUR, a_model, a_printer, a_spool, printing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings", "data_folder")]
MINUTE = HOUR / 60


@pytest.fixture
def made(front_desk, now):
    return {"spool": a_spool(front_desk, at=now), "by": front_desk, "at": now}


@pytest.fixture
def two(child, parent, made):
    """Two prints of one child on two printers; both print."""
    return [
        printing(a_model(child, parent, title=title), printer=a_printer(title), **made)
        for title in ("Atlas", "Rif")
    ]


def step(verb, job, at, **words) -> PrintJob:
    row = PrintJob.objects.get(pk=job.pk)
    return getattr(print_queue, verb)(
        row, seen=row.version, by=job.file.project.child.guardians.first(), at=at, **words
    )


def named(kind="print_ready", **facts) -> list[list[str]]:
    """Return the prints that each message names which is not withheld, the oldest message first."""
    letters = Letter.objects.filter(kind=kind, **facts).exclude(state="withheld").order_by("pk")
    return [[title for title in ("Atlas", "Rif") if title in letter.body] for letter in letters]


def collected_by_a_slip(two, now):
    """Return the first print: marked collected before its message left, so that it names the other alone."""
    one, other = two
    step("finish", one, now)
    step("hand_out", one, now + 2 * MINUTE)
    step("finish", other, now + 5 * MINUTE)
    return one


def test_a_print_marked_collected_by_a_slip_is_in_the_message_again(two, now):
    one = collected_by_a_slip(two, now)
    assert named() == [["Rif"]]
    step("take_back", one, now + 6 * MINUTE)
    assert named() == [["Atlas", "Rif"]]


def test_if_that_message_has_left_the_print_has_one_of_its_own(two, now):
    one = collected_by_a_slip(two, now)
    Letter.objects.filter(state="queued").update(state="sent")
    step("take_back", one, now + HOUR)
    assert named() == [["Rif"], ["Atlas"]]


def test_who_heard_of_the_other_print_alone_hears_nothing_of_this_one(two, now):
    one = collected_by_a_slip(two, now)
    Letter.objects.filter(state="queued").update(state="sent")
    step("take_back", one, now + HOUR)
    step("take_back", one, now + HOUR + MINUTE)
    assert named("print_not_ready") == [] and named() == [["Rif"]]


def test_what_was_told_is_not_told_again_when_another_print_is_taken_back(two, now):
    one, other = two
    step("finish", one, now)
    Letter.objects.update(state="sent")
    step("finish", other, now + HOUR)
    step("take_back", other, now + HOUR + MINUTE)
    assert named() == [["Atlas"]] and named("print_not_ready") == []


def test_a_print_that_is_ready_after_all_is_told_again(two, now):
    one, _other = two
    step("finish", one, now)
    Letter.objects.update(state="sent")
    step("take_back", one, now + HOUR)
    step("finish", one, now + 2 * HOUR)
    assert named() == [["Atlas"], ["Atlas"]] and named("print_not_ready") == [["Atlas"]]


@pytest.mark.parametrize("is_planned_again", [False, True])
def test_a_refusal_of_an_announced_print_is_told_to_those_who_read_of_it(
    child, two, other_parent, made, now, is_planned_again
):
    one, _other = two
    GuardianshipFactory(child=child, guardian=other_parent, rights="informed", relation="other")
    step("finish", one, now)
    Letter.objects.exclude(recipient=other_parent).update(state="sent")
    step("fail", one, now + MINUTE)
    if is_planned_again:
        plan = {"printer": one.printer, "spool": made["spool"], "grams": 8, "minutes": 60}
        step("approve", one, now + HOUR, starts_at=now + HOUR, **plan)
    for _tap in range(2):
        row = PrintJob.objects.get(pk=one.pk)
        seen = row.version - (row.state == "refused")
        print_queue.refuse(row, seen=seen, reason="broken", by=made["by"], at=now + HOUR)
    [letter] = Letter.objects.filter(kind="print_refused")
    assert letter.recipient in child.guardians.all() and letter.recipient != other_parent
    assert str(one.file.project.pk) in letter.body and "3D" in letter.subject


def test_a_refusal_nobody_was_led_to_expect_otherwise_is_on_the_page_alone(two, made, now):
    one, _other = two
    step("fail", one, now)
    step("refuse", one, now, reason="broken")
    assert not Letter.objects.exists()


def test_letters_written_before_name_the_prints_they_link_to(two, now):
    one, _other = two
    step("finish", one, now)
    Letter.objects.update(state="sent")
    step("take_back", one, now + HOUR)
    before = list(Letter.objects.order_by("pk").values_list("kind", "prints"))
    assert [prints for _kind, prints in before] == [f",{one.pk},"] * 2
    step("finish", one, now + 2 * HOUR)
    Letter.objects.update(prints="")
    import_module("enrollments.migrations.0047_prints_a_letter_names").read_links(apps, None)
    assert Letter.objects.get(kind="print_not_ready").prints == f",{one.pk},"
    assert Letter.objects.get(kind="print_ready", state="queued").prints == f",{one.pk},"
