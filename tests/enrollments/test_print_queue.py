"""The 3D print queue: each step once, one print on a printer at a time, filament counted, families told."""

import pytest

from enrollments.models import AccountEvent, Letter, PrintJob, Project, Spool, SpoolChange
from enrollments.portfolio import print_queue
from enrollments.portfolio.print_queue import Reason, Refused
from enrollments.privacy import child_merge, data_export, erasure
from tests.factories import ChildFactory, GuardianshipFactory
from tests.prints import HOUR, a_model, a_printer, a_room, a_spool, planned, printing
from tests.works import made_by, photographed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings", "data_folder")]


@pytest.fixture
def shop(child, parent, front_desk, now):
    """The words every print needs: its file, printer, spool, who and when."""
    made = {"printer": a_printer(), "spool": a_spool(front_desk, at=now), "by": front_desk, "at": now}
    return a_model(child, parent), made


def left(spool) -> int:
    return Spool.objects.get(pk=spool.pk).grams_left


def why_not(act, *args, **words) -> Reason:
    with pytest.raises(Refused) as refusal:
        act(*args, **words)
    assert str(print_queue.SENTENCES[refusal.value.code])
    return refusal.value.code


def test_a_print_goes_from_asked_to_collected(shop):
    file, made = shop
    who = {"by": made["by"], "at": made["at"]}
    job = print_queue.ask(file, **who)
    assert (job.state, job.version) == ("asked", 0)
    job = planned(job, **made)
    assert (job.state, job.ends_at - job.starts_at) == ("approved", HOUR)
    for step, state in (("start", "printing"), ("finish", "done"), ("hand_out", "collected")):
        job = getattr(print_queue, step)(job, seen=job.version, **who)
        assert job.state == state
    assert print_queue.ask(file, **who).pk != job.pk, "another copy may be asked for"


def test_asking_twice_is_one_print(shop, front_desk, now):
    file, _made = shop
    assert print_queue.ask(file, by=front_desk, at=now) == print_queue.ask(file, by=front_desk, at=now)
    assert PrintJob.objects.count() == 1


def test_each_step_tapped_twice_is_one_step(shop, parent):
    file, made = shop
    who = {"by": made["by"], "at": made["at"]}
    job = print_queue.ask(file, **who)
    assert planned(job, **made).version == planned(job, **made).version == 1
    for seen, step in enumerate(("start", "fail"), start=1):
        for _tap in range(2):
            getattr(print_queue, step)(job, seen=seen, **who)
    job.refresh_from_db()
    assert (job.state, job.failures, left(made["spool"])) == ("failed", 1, 992)
    job = planned(job, **made)
    job = print_queue.start(job, seen=job.version, **who)
    for _tap in range(2):
        done = print_queue.finish(job, seen=job.version, **who)
    assert Letter.objects.filter(kind="print_ready", recipient=parent).count() == 1
    for _tap in range(2):
        print_queue.hand_out(done, seen=done.version, **who)
    assert left(made["spool"]) == 984, "each attempt takes its grams once"


def test_a_tap_in_an_older_tab_changes_nothing(shop):
    file, made = shop
    who = {"by": made["by"], "at": made["at"]}
    first = printing(file, **made)
    failed = print_queue.fail(first, seen=first.version, **who)
    again = planned(failed, **made)
    again = print_queue.start(again, seen=again.version, **who)
    assert why_not(print_queue.fail, first, seen=first.version, **who) == Reason.MOVED_ON
    assert why_not(print_queue.finish, first, seen=first.version, **who) == Reason.MOVED_ON
    other = {**made, "minutes": 90}
    assert why_not(planned, failed, **other) == Reason.MOVED_ON, "another plan of the same version"
    again.refresh_from_db()
    assert (again.state, again.failures) == ("printing", 1)


def test_a_step_out_of_order_is_refused(shop):
    file, made = shop
    who = {"by": made["by"], "at": made["at"]}
    job = print_queue.ask(file, **who)
    for step in ("start", "fail", "finish", "hand_out"):
        assert why_not(getattr(print_queue, step), job, seen=0, **who) == Reason.MOVED_ON
    job = printing(file, **made)
    refused = {"reason": "too_long", "seen": job.version}
    assert why_not(print_queue.refuse, job, **refused, **who) == Reason.MOVED_ON, "it prints already"


@pytest.mark.parametrize(
    ("minutes", "is_free"), [(-61, True), (-60, True), (-59, False), (59, False), (60, True)]
)
def test_two_prints_never_hold_a_printer_at_once(shop, child, parent, now, minutes, is_free):
    """One hour from now is held; the other one begins so many minutes from there, for an hour."""
    file, made = shop
    begins = now + 3 * HOUR
    there = planned(print_queue.ask(file, by=parent, at=now), begins=begins, **made)
    other = print_queue.ask(a_model(child, parent, title="Dé"), by=parent, at=now)
    words = {**made, "begins": begins + HOUR * minutes / 60}
    if is_free:
        assert planned(other, **words).state == "approved"
    else:
        with pytest.raises(Refused) as refusal:
            planned(other, **words)
        assert (refusal.value.code, refusal.value.job) == (Reason.CLASH, there)
    assert planned(
        other if not is_free else PrintJob.objects.get(pk=other.pk), **{**words, "printer": a_printer("B")}
    )


def test_a_print_moves_its_own_hour_and_frees_it_when_it_ends(shop, child, parent, now):
    file, made = shop
    job = planned(print_queue.ask(file, by=parent, at=now), **made)
    job = planned(job, begins=now + HOUR / 2, **made)
    job = print_queue.start(job, seen=job.version, by=parent, at=now)
    assert job.starts_at == now
    other = print_queue.ask(a_model(child, parent, title="Dé"), by=parent, at=now)
    assert why_not(planned, other, **made) == Reason.CLASH
    late = {**made, "at": now + 2 * HOUR}
    assert why_not(planned, other, **late) == Reason.CLASH, "overdue, and nobody has looked"
    print_queue.fail(job, seen=job.version, by=parent, at=now)
    assert planned(other, **made).state == "approved"


def test_a_start_that_would_run_into_the_next_print_is_refused(shop, child, parent, now):
    file, made = shop
    first = planned(print_queue.ask(file, by=parent, at=now), **made)
    other = print_queue.ask(a_model(child, parent, title="Dé"), by=parent, at=now)
    planned(other, begins=now + HOUR, **made)
    late = now + HOUR / 2
    assert why_not(print_queue.start, first, seen=first.version, by=parent, at=late) == Reason.CLASH
    assert left(made["spool"]) == 1000 and not SpoolChange.objects.filter(why="print").exists()


def test_a_printer_must_be_large_enough_and_in_service(shop, child, parent, now):
    _file, made = shop
    flat = {**made, "printer": a_printer("Flat", height_mm=20)}
    turned = print_queue.ask(a_model(child, parent, size_mm=(15, 100, 180)), by=parent, at=now)
    assert planned(turned, **flat).state == "approved", "a model may be turned"
    large = print_queue.ask(a_model(child, parent, size_mm=(21, 30, 40), title="Tour"), by=parent, at=now)
    assert why_not(planned, large, **flat, begins=now + 5 * HOUR) == Reason.TOO_LARGE
    off = {**made, "printer": a_printer("Off", is_in_service=False)}
    assert why_not(planned, large, **off) == Reason.OUT_OF_SERVICE


def test_a_spool_gives_what_it_has_and_every_change_is_recorded(shop, child, parent, front_desk, now):
    file, made = shop
    short = {**made, "spool": a_spool(front_desk, 8, "rouge", at=now)}
    job = print_queue.ask(file, by=parent, at=now)
    assert why_not(planned, job, **short, grams=9) == Reason.FILAMENT
    job = planned(job, **short)
    print_queue.correct_spool(
        short["spool"], grams_left=7, why="weighed", is_in_use=True, by=front_desk, at=now
    )
    assert why_not(print_queue.start, job, seen=job.version, by=parent, at=now) == Reason.FILAMENT
    for _twice in range(2):
        print_queue.correct_spool(
            short["spool"], grams_left=10, why="weighed", is_in_use=True, by=front_desk, at=now
        )
    print_queue.start(job, seen=job.version, by=parent, at=now)
    changes = SpoolChange.objects.filter(spool=short["spool"]).order_by("pk")
    assert [(one.why, one.grams, one.job_ref) for one in changes] == [
        ("new", 8, None),
        ("weighed", -1, None),
        ("weighed", 3, None),
        ("print", -8, job.pk),
    ]
    assert sum(one.grams for one in changes) == left(short["spool"]) == 2


@pytest.mark.parametrize(("grams", "is_low"), [(99, True), (100, False)])
def test_less_than_a_hundred_grams_is_little(front_desk, grams, is_low):
    assert a_spool(front_desk, grams).is_low is is_low


def test_a_new_spool_sent_twice_is_one_and_another_one_later_is_another(front_desk, now):
    first = a_spool(front_desk, at=now)
    assert a_spool(front_desk, at=now) == first
    assert a_spool(front_desk, at=now + HOUR) != first


def test_prints_ready_together_are_one_message_and_each_guardian_has_it(
    shop, child, parent, other_parent, now
):
    GuardianshipFactory(child=child, guardian=other_parent, rights="informed", relation="other")
    file, made = shop
    first = printing(file, **made)
    print_queue.finish(first, seen=first.version, by=parent, at=now)
    other = printing(a_model(child, parent, title="Dé à jouer"), **made)
    print_queue.finish(other, seen=other.version, by=parent, at=now + HOUR / 10)
    waiting = Letter.objects.filter(kind="print_ready", state="queued")
    assert {letter.recipient for letter in waiting} == {parent, other_parent} and waiting.count() == 2
    assert all("Porte-clés" in letter.body and "Dé à jouer" in letter.body for letter in waiting)
    waiting.update(state="sent")
    third = printing(a_model(child, parent, title="Vase"), **{**made, "at": now + HOUR})
    print_queue.finish(third, seen=third.version, by=parent, at=now + HOUR)
    assert ["Dé" in letter.body for letter in waiting.all()] == [False, False], "each print is told once"


def test_three_prints_ready_within_the_quarter_are_one_message_that_names_all(shop, child, parent, now):
    _file, made = shop
    for minutes, title in enumerate(("Porte-clés", "Dé", "Vase")):
        at = now + HOUR * minutes / 60
        job = printing(a_model(child, parent, title=title), **made | {"at": at})
        print_queue.finish(job, seen=job.version, by=parent, at=at)
    [letter] = Letter.objects.filter(kind="print_ready", state="queued")
    assert all(title in letter.body for title in ("Porte-clés", "Dé", "Vase"))


# ---- taking back


def ready(file, made):
    job = printing(file, **made)
    return print_queue.finish(job, seen=job.version, by=made["by"], at=made["at"])


def told(kind, **facts) -> list[str]:
    return list(Letter.objects.filter(kind=kind, **facts).values_list("state", flat=True))


def test_ready_by_a_slip_prints_again_and_nobody_hears_of_it(shop, child, now):
    file, made = shop
    job = ready(file, made)
    for _tap in range(2):
        job = print_queue.take_back(PrintJob.objects.get(), seen=3, by=made["by"], at=now + HOUR / 60)
    assert (job.state, job.version, job.ready_at) == ("printing", 4, None)
    assert left(made["spool"]) == 992, "its filament is taken once"
    assert told("print_ready") == ["withheld"] and not told("print_not_ready")
    noted = AccountEvent.objects.get(what="print_back")
    assert (noted.child_ref, noted.by_ref) == (child.pk, made["by"].pk)
    print_queue.finish(job, seen=4, by=made["by"], at=now + HOUR)
    assert sorted(told("print_ready")) == ["queued", "withheld"], "ready indeed: told now"


@pytest.mark.parametrize("step", ["take_back", "fail"])
@pytest.mark.parametrize(
    ("state", "minutes", "is_told"),
    [("sent", 1, True), ("failed", 1, True), ("queued", 14, False), ("queued", 15, True)],
)
def test_a_guardian_who_may_have_read_that_it_is_ready_hears_that_it_is_not(
    shop, parent, now, step, state, minutes, is_told
):
    """A message of the queue may be on its way once its quarter of an hour is over."""
    file, made = shop
    job = ready(file, made)
    Letter.objects.update(state=state)
    getattr(print_queue, step)(job, seen=job.version, by=made["by"], at=now + HOUR * minutes / 60)
    assert Letter.objects.filter(kind="print_not_ready", recipient=parent).count() == is_told


def test_the_message_of_two_prints_then_names_the_one_that_is_ready(shop, child, parent, now):
    file, made = shop
    first = ready(file, made)
    ready(a_model(child, parent, title="Dé"), made)
    print_queue.take_back(first, seen=first.version, by=made["by"], at=now)
    [letter] = Letter.objects.filter(kind="print_ready", state="queued")
    assert "Dé" in letter.body and "Porte-clés" not in letter.body


def test_collected_by_a_slip_is_ready_again_and_nobody_is_written_to(shop, now):
    file, made = shop
    who = {"by": made["by"], "at": now}
    job = ready(file, made)
    job = print_queue.hand_out(job, seen=job.version, **who)
    letters = Letter.objects.count()
    for _tap in range(2):
        back = print_queue.take_back(job, seen=job.version, **who)
    assert (back.state, back.version, back.ready_at) == ("done", job.version + 1, now)
    assert Letter.objects.count() == letters and AccountEvent.objects.filter(what="print_back").count() == 1


def test_nothing_is_taken_back_into_another_print(shop, child, parent, now):
    file, made = shop
    who = {"by": made["by"], "at": now}
    job = ready(file, made)
    other = printing(a_model(child, parent, title="Dé"), **made)
    assert why_not(print_queue.take_back, job, seen=job.version, **who) == Reason.PRINTS_ANOTHER
    assert why_not(print_queue.take_back, job, seen=job.version - 2, **who) == Reason.MOVED_ON
    assert why_not(print_queue.take_back, other, seen=other.version, **who) == Reason.MOVED_ON
    job = print_queue.hand_out(job, seen=job.version, **who)
    again = print_queue.ask(file, **who)
    assert why_not(print_queue.take_back, job, seen=job.version, **who) == Reason.ASKED_AGAIN
    print_queue.refuse(again, seen=0, reason="too_long", **who)
    assert print_queue.take_back(job, seen=job.version, **who).state == "done"


def test_a_refused_print_says_why_and_may_be_asked_for_again(shop, front_desk, now):
    file, _made = shop
    job = print_queue.ask(file, by=front_desk, at=now)
    for _tap in range(2):
        job = print_queue.refuse(job, seen=0, reason="broken", by=front_desk, at=now)
    assert (job.state, job.reason, job.version) == ("refused", "broken", 1)
    assert print_queue.ask(file, by=front_desk, at=now).state == "asked"


def test_only_a_model_is_printed_and_only_while_it_is_there(shop, child, parent, now):
    file, made = shop
    picture = made_by(child, parent, photographed(), title="Photo").picture
    assert why_not(print_queue.ask, picture, by=parent, at=now) == Reason.KIND
    job = print_queue.ask(file, by=parent, at=now)
    Project.objects.all().delete()
    assert why_not(print_queue.ask, file, by=parent, at=now) == Reason.GONE
    assert why_not(planned, job, **made) == Reason.GONE


def test_a_printer_has_its_name_alone_and_stays_while_prints_are_planned(shop):
    file, made = shop
    assert a_printer() == made["printer"], "the same form twice"
    assert why_not(a_printer, width_mm=200) == Reason.NAME
    planned(print_queue.ask(file, by=made["by"], at=made["at"]), **made)
    size = {"width_mm": 1, "depth_mm": 1, "height_mm": 1, "room": a_room()}
    off = {"name": "Atlas", "is_in_service": False} | size
    assert why_not(print_queue.keep_printer, made["printer"], **off) == Reason.BUSY


# ---- the child's file


def test_a_print_is_in_the_familys_copy_and_goes_with_the_childs_file(shop, child, parent, manager):
    file, made = shop
    job = printing(file, **made)
    told = data_export.told_of(parent, made["at"])["children"][0]["projects"]
    assert [one["state"] for one in told[0]["files"][0]["prints"]] == ["printing"]
    erasure.erase_child(child, by=manager, at=made["at"])
    assert not PrintJob.objects.exists()
    assert SpoolChange.objects.get(job_ref=job.pk).grams == -8, "the stock stays true"


def test_merged_files_keep_their_prints(child, parent, front_desk, now):
    twin = ChildFactory(
        guardian=parent, first_name=child.first_name, last_name=child.last_name, birth_date=child.birth_date
    )
    job = print_queue.ask(a_model(twin, parent), by=parent, at=now)
    assert child_merge.propose(child, twin, by=front_desk, at=now)
    assert list(PrintJob.objects.of_children([child])) == [job]
