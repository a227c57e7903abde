"""The screens of 3D prints: whose prints each member of the team sees, and what the family reads."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from enrollments.models import Letter, Printer, PrintJob, ReadRecord, Spool
from enrollments.permissions import INSTRUCTOR
from enrollments.portfolio import print_queue
from tests.classes import class_now, kids
from tests.factories import ChildFactory, StaffFactory, UserFactory
from tests.prints import HOUR, a_model, a_printer, a_room, a_spool, box, planned, printing
from tests.works import status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings", "data_folder")]
QUEUE = "desk_prints"


@pytest.fixture
def meeting(instructor):
    return class_now(2, names=["Aya", "Bilal"], instructors=[instructor])


@pytest.fixture
def file(meeting):
    child = kids(meeting)[0]
    return a_model(child, child.guardians.first())


@pytest.fixture
def made(front_desk):
    return {"printer": a_printer(), "spool": a_spool(front_desk), "by": front_desk, "at": timezone.now()}


def plan_of(job, made, **more):
    local = timezone.localtime(made["at"] + HOUR)
    return {
        "act": "approve",
        "seen": job.version,
        "printer": made["printer"].pk,
        "spool": made["spool"].pk,
        "grams": "8",
        "minutes": "60",
        "starts_at": f"{local:%Y-%m-%dT%H:%M}",
    } | more


def url_of(job):
    return reverse("desk_print", args=[job.pk])


def page_of(client, url) -> str:
    return client.get(url).content.decode()


def test_an_instructor_asks_beside_the_model_and_takes_it_to_the_familys_hands(
    enter, instructor, meeting, file, made
):
    client, family = enter(instructor), enter(file.project.child.guardians.first())
    child, home = file.project.child, reverse("project", args=[file.project_id])
    projects = reverse("desk_projects", args=[meeting.pk, child.pk])
    ask = reverse("desk_print_ask", args=[meeting.pk, child.pk, file.project_id, file.pk])
    assert ask in page_of(client, projects)
    for _tap in range(2):
        assert client.post(ask).url == f"{projects}#file-{file.pk}"
    assert f'id="file-{file.pk}"' in page_of(client, projects)
    job = PrintJob.objects.get()
    assert url_of(job) in page_of(client, projects) and "file d’attente" in page_of(family, home)
    assert client.post(url_of(job), plan_of(job, made)).url == url_of(job)
    said = {"start": "en cours", "done": "prête", "collected": "récupérée"}
    for seen, (act, words) in enumerate(said.items(), start=1):
        for _tap in range(2):
            assert client.post(url_of(job), {"act": act, "seen": seen}).url == url_of(job)
        assert words in page_of(family, home)
    assert "Porte-clés" in page_of(client, reverse(QUEUE) + "?ended=yes")
    assert "Porte-clés" not in page_of(client, reverse(QUEUE))


def test_ready_and_collected_are_taken_back_where_they_were_said(enter, instructor, file, made):
    client, family = enter(instructor), enter(file.project.child.guardians.first())
    job, home = printing(file, **made), reverse("project", args=[file.project_id])
    for seen, act, words in (
        (2, "done", "prête"),
        (3, "back", "en cours"),
        (4, "done", "prête"),
        (5, "collected", "récupérée"),
        (6, "back", "prête"),
        (7, "fail", "échec"),
    ):
        offered = page_of(client, url_of(job))
        assert f'value="{act}"' in offered and f'name="seen" value="{seen}"' in offered
        assert client.post(url_of(job), {"act": act, "seen": seen}).url == url_of(job)
        assert words in page_of(client, url_of(job))
    with translation.override("fr"):
        assert gettext("3D print: it did not work the first time. We will try again.") in page_of(
            family, home
        )
    stale = client.post(url_of(job), {"act": "back", "seen": 3})
    assert stale.status_code == 422 and "entre-temps" in stale.content.decode()


def test_a_print_asked_for_by_mistake_is_withdrawn_without_a_refusal(enter, front_desk, file, made):
    client, family = enter(front_desk), enter(file.project.child.guardians.first())
    home = reverse("project", args=[file.project_id])
    for is_planned in (False, True):
        job = print_queue.ask(file, by=front_desk, at=timezone.now())
        if is_planned:
            client.post(url_of(job), plan_of(job, made))
        assert 'value="withdraw"' in page_of(client, url_of(job)) and "file d’attente" in page_of(
            family, home
        )
        stale = client.post(url_of(job), {"act": "withdraw", "seen": 7})
        assert stale.status_code == 422 and PrintJob.objects.exists()
        form = {"act": "withdraw", "seen": int(is_planned)}
        assert [client.post(url_of(job), form).url for _tap in range(2)] == [reverse(QUEUE)] * 2
        assert not PrintJob.objects.exists() and not Letter.objects.filter(kind__startswith="print")
        assert "Impression 3D" not in page_of(family, home)


def test_what_has_been_printed_is_not_withdrawn(enter, instructor, file, made):
    client, job = enter(instructor), printing(file, **made)
    for act, seen in (("fail", 2), ("withdraw", 3)):
        assert 'value="withdraw"' not in page_of(client, url_of(job))
        status = client.post(url_of(job), {"act": act, "seen": seen}).status_code
        assert status == (302 if act == "fail" else 422)
    client.post(url_of(job), plan_of(job, made) | {"seen": 3})
    assert 'value="withdraw"' not in page_of(client, url_of(job))
    assert client.post(url_of(job), {"act": "withdraw", "seen": 4}).status_code == 422
    assert PrintJob.objects.get().failures == 1


def test_a_refused_print_tells_the_family_why(enter, front_desk, file):
    client, family = enter(front_desk), enter(file.project.child.guardians.first())
    job = print_queue.ask(file, by=front_desk, at=timezone.now())
    assert client.post(url_of(job), {"act": "refuse", "seen": 0}).status_code == 422
    client.post(url_of(job), {"act": "refuse", "seen": 0, "reason": "too_large"})
    assert "trop grand" in page_of(family, reverse("project", args=[file.project_id]))


def test_a_clash_names_the_print_in_the_way_and_loses_nothing(enter, instructor, file, made):
    stranger = ChildFactory(guardian=UserFactory(), first_name="Zineb", last_name="Secret")
    there = planned(
        print_queue.ask(a_model(stranger, made["by"], title="Sien"), by=made["by"], at=made["at"]),
        begins=made["at"] + HOUR,
        **made,
    )
    job = print_queue.ask(file, by=made["by"], at=made["at"])
    answer = enter(instructor).post(url_of(job), plan_of(job, made, grams="37"))
    page = answer.content.decode()
    begins, ends = (f"{timezone.localtime(moment):%H:%M}" for moment in (there.starts_at, there.ends_at))
    assert answer.status_code == 422 and str(there) in page and begins in page and ends in page
    assert 'value="37"' in page and "Zineb" not in page and "Sien" not in page
    job.refresh_from_db()
    assert (job.state, job.version) == ("asked", 0)


def test_an_older_tab_shows_how_it_is_now(enter, front_desk, file, made):
    job = printing(file, **made)
    answer = enter(front_desk).post(url_of(job), plan_of(job, made, seen=0))
    assert answer.status_code == 422 and "entre-temps" in answer.content.decode()
    assert enter(front_desk).post(url_of(job), {"act": "done", "seen": "x"}).status_code == 422
    job.refresh_from_db()
    assert job.state == "printing"


@pytest.mark.parametrize(("days", "opens"), [(13, True), (15, False)])
def test_an_instructor_sees_prints_in_the_window_of_the_roster(
    enter, instructor, meeting, file, made, days, opens
):
    """Fourteen days after the last class with the child."""
    meeting.session.meetings.exclude(pk=meeting.pk).update(cancelled_at=made["at"])
    job = printing(file, **made)
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        client = enter(instructor)
        assert client.get(url_of(job)).status_code == (200 if opens else 404)
        assert client.post(url_of(job), {"act": "done", "seen": 2}).status_code == (302 if opens else 404)
        assert ("Aya" in page_of(client, reverse(QUEUE))) is opens


def test_others_prints_are_not_there_for_another_instructor_and_all_are_for_the_office(
    enter, instructor, front_desk, manager, editor, file, made
):
    stranger = ChildFactory(guardian=UserFactory(), first_name="Zineb")
    foreign = print_queue.ask(a_model(stranger, made["by"]), by=made["by"], at=made["at"])
    job = printing(file, **made)
    other = enter(StaffFactory(role=INSTRUCTOR))
    assert other.get(url_of(job)).status_code == enter(editor).get(url_of(job)).status_code == 404
    assert "Aya" not in page_of(other, reverse(QUEUE)) and "Atlas" in page_of(other, reverse(QUEUE))
    assert enter(instructor).get(url_of(foreign)).status_code == 404
    assert "Zineb" not in page_of(enter(instructor), reverse(QUEUE))
    for user in (front_desk, manager):
        page = page_of(enter(user), reverse(QUEUE))
        assert "Aya" in page and "Zineb" in page
        assert enter(user).get(url_of(foreign)).status_code == 200


def test_the_desk_asks_for_any_child_and_each_look_is_recorded(enter, front_desk):
    child = ChildFactory(guardian=UserFactory())
    file, other = (a_model(each, front_desk) for each in (child, ChildFactory(guardian=UserFactory())))
    client, url = enter(front_desk), reverse("desk_child_prints", args=[child.pk])
    assert url in page_of(client, reverse("office_child", args=[child.pk]))
    assert "Porte-clés" in page_of(client, url)
    assert ReadRecord.objects.filter(what="projects", child_ref=child.pk, by_ref=front_desk.pk).exists()
    assert client.post(url, {"file": other.pk}).status_code == 404
    assert client.post(url, {"file": "9" * 40}).status_code == 404
    assert client.post(url, {"file": file.pk}).url == f"{url}#file-{file.pk}"
    assert f'id="file-{file.pk}"' in page_of(client, url)
    assert PrintJob.objects.get().file == file


@pytest.mark.parametrize("role", ["instructor", "front_desk", "manager"])
def test_who_may_check_a_print_opens_its_model_from_the_queue_and_from_its_page(enter, request, role, file):
    person = request.getfixturevalue(role)
    job = print_queue.ask(file, by=person, at=timezone.now())
    client, address = enter(person), reverse("desk_print_file", args=[job.pk])
    for page in (url_of(job), reverse(QUEUE)):
        assert f'href="{address}"' in page_of(client, page)
    ReadRecord.objects.all().delete()
    answer = client.get(address)
    assert answer.getvalue() == box((40.0, 30.0, 10.0), "Porte-clés")
    assert answer["Content-Disposition"].startswith("attachment") and "no-store" in answer["Cache-Control"]
    look = ReadRecord.objects.get()
    assert (look.what, look.child_ref, look.by_ref) == ("projects", file.project.child_id, person.pk)


def test_the_model_of_a_print_is_closed_to_an_instructor_of_other_classes(enter, front_desk, file):
    job = print_queue.ask(file, by=front_desk, at=timezone.now())
    other = enter(StaffFactory(role=INSTRUCTOR))
    address = reverse("desk_print_file", args=[job.pk])
    assert status(other.get(address)) == 404 and status(enter(UserFactory()).get(address)) == 404
    assert not ReadRecord.objects.filter(what="projects").exists()


def test_the_queue_is_by_printer_and_empty_says_what_to_do(enter, front_desk, file, made):
    client, url = enter(front_desk), reverse(QUEUE)
    page = page_of(client, url)
    assert "La file d’attente est vide" in page and "Atlas" in page and "libre" in page
    child, second = file.project.child, a_printer("Zénith", is_in_service=True)
    waits = planned(
        print_queue.ask(a_model(child, made["by"], title="Vase"), by=made["by"], at=made["at"]),
        begins=made["at"] + 5 * HOUR,
        **made,
    )
    failed = printing(a_model(child, made["by"], title="Tour"), **{**made, "printer": second})
    print_queue.fail(failed, seen=2, by=made["by"], at=made["at"])
    now_on = printing(file, **made)
    asked = print_queue.ask(a_model(child, made["by"], title="Dé"), by=made["by"], at=made["at"])
    found = [job.pk for job in client.get(url).context["jobs"]]
    assert found == [asked.pk, now_on.pk, waits.pk, failed.pk]
    assert "occupée jusqu’à" in page_of(client, url) and "1 échec" in page_of(client, url)
    assert "de tous les enfants" in page_of(client, url)


def test_an_approved_print_is_planned_again_not_approved_again(enter, front_desk, file, made):
    job = print_queue.ask(file, by=made["by"], at=made["at"])
    client, url = enter(front_desk), reverse("desk_print", args=[job.pk])
    page = page_of(client, url)
    assert "Approuver l’impression" in page and ">Choisir</option>" in page and "---" not in page
    planned(job, **made)
    page = page_of(client, url)
    assert "Changer le planning" in page and "Approuver l’impression" not in page


def test_arabic_has_its_own_units_beside_numbers(enter, front_desk, manager, file, made):
    job = planned(print_queue.ask(file, by=made["by"], at=made["at"]), **made)
    spool = Spool.objects.get()
    print_queue.correct_spool(spool, grams_left=90, why="weighed", is_in_use=True, by=manager, at=made["at"])
    client = enter(manager)
    with translation.override("ar"):
        pages = [
            page_of(client, reverse(name, args=args))
            for name, args in (
                (QUEUE, []),
                ("desk_printers", []),
                ("desk_print", [job.pk]),
                ("desk_spool", [spool.pk]),
            )
        ]
    for page in pages:
        assert "\N{NO-BREAK SPACE}غ" in page or "مم" in page
        assert not re.search(r"\d\W*(mm|g)\b(?!\w)", re.sub(r"<(script|style).*?</\1>", "", page, flags=re.S))
    assert "180" in pages[0] and "مم" in pages[0] and "90\N{NO-BREAK SPACE}غ" in pages[0]


def test_five_hundred_prints_are_pages_of_fifty_with_as_many_queries_as_one(enter, front_desk, file, made):
    client, url = enter(front_desk), reverse(QUEUE)
    project = file.project

    def fill(count):
        files = type(file).objects.bulk_create(
            type(file)(
                project=project,
                kind="stl",
                name="x.stl",
                size=1,
                digest=f"{count}-{n}",
                stored_as=f"{count}-{n}",
            )
            for n in range(count)
        )
        PrintJob.objects.bulk_create(
            PrintJob(file=one, asked_at=made["at"], asked_by_ref=1, changed_at=made["at"], changed_by_ref=1)
            for one in files
        )

    def queries():
        client.get(url)  # the look is recorded
        with CaptureQueriesContext(
            connection,
        ) as caught:
            client.get(url)
        return len(caught)

    fill(1)
    one = queries()
    fill(499)
    assert queries() == one
    assert len(client.get(url + "?page=10").context["jobs"]) == 50
    assert "?page=2" in page_of(client, url) and client.get(url + "?page=11").status_code == 404


def test_managers_keep_printers_and_spools(enter, manager, front_desk):
    client = enter(manager)
    printer = {"name": "Atlas", "room": a_room().pk, "width_mm": 180, "depth_mm": 180, "height_mm": 180}
    for _tap in range(2):
        client.post(reverse("desk_printer_add"), printer | {"is_in_service": "on"})
    change = reverse("desk_printer", args=[Printer.objects.get().pk])
    assert client.post(change, printer | {"height_mm": "0"}).status_code == 422
    assert client.post(change, printer).status_code == 302 and not Printer.objects.get().is_in_service
    for _tap in range(2):
        client.post(reverse("desk_spool_add"), {"material": "pla", "colour": "bleu", "grams": "1000"})
    spool = Spool.objects.get()
    weigh = {"grams_left": "60", "why": "weighed", "is_in_use": "on"}
    client.post(reverse("desk_spool", args=[spool.pk]), weigh)
    assert "PLA bleu" in page_of(enter(front_desk), reverse(QUEUE)), "little is left: everybody sees it"
    assert "-940" in page_of(client, reverse("desk_spool", args=[spool.pk]))
    client.post(reverse("desk_spool", args=[spool.pk]), {**weigh, "is_in_use": ""})
    assert "PLA bleu" not in page_of(enter(front_desk), reverse(QUEUE))
    assert enter(front_desk).get(reverse("desk_printers")).status_code == 404
