"""An instructor takes the register on a phone: counted, timed, on a slow network, offline, and with the
server killed.
"""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connections
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Error, expect

from courses.models import Meeting
from enrollments.classes import roster
from enrollments.models import Presence, PresenceChange, SkillObservation
from enrollments.places import admission
from tests.classes import class_now, kids, put
from tests.factories import (
    ChildFactory,
    LessonFactory,
    RoomFactory,
    SessionFactory,
    SkillFactory,
    UserFactory,
)
from tests.journeys.conftest import PHONE
from tests.journeys.test_transcripts import compare, heard
from tests.races.server import PATIENCE, free_port, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SLOW = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 50_000,
    "uploadThroughput": 50_000,
}  # bytes a second: slow 3G
NAMES = ("Adam", "Aya", "Hamza", "Ilyas", "Inès", "Jad", "Lina", "Malak", "Nour", "Rayan", "Salma", "Salma")


@pytest.fixture
def meeting(academy_settings, instructor):
    return class_now(12, names=NAMES, instructors=[instructor])


def marks(meeting) -> dict[str, str]:
    return {line.shown: line.presence.mark for line in roster.lines(meeting)}


def wait_for(meeting, wanted, patience=20):
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if marks(meeting) == wanted:
            return
        time.sleep(0.1)
    assert marks(meeting) == wanted


class Phone:
    """A phone that counts its taps."""

    def __init__(self, page):
        self.page, self.taps = page, 0

    def tap(self, selector):
        self.page.locator(selector).first.click()
        self.taps += 1

    def mark(self, child, mark):
        self.tap(f"[data-child='{child.pk}'] label:has(input[value='{mark}'])")


def take(phone, meeting):
    """Mark all present, then one absent, one late, one changed twice and reset."""
    children = kids(meeting)
    phone.tap("[data-all]")
    phone.mark(children[1], "absent")
    phone.mark(children[4], "late")
    phone.mark(children[7], "absent")
    phone.mark(children[7], "present")
    phone.mark(children[9], "absent")
    phone.tap("[data-undo]")
    wanted = dict.fromkeys(marks(meeting), "present")
    names = list(wanted)
    return wanted | {names[1]: "absent", names[4]: "late"}


@pytest.mark.parametrize("slow", [False, True], ids=["fast", "slow-3g"])
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_twelve_children_in_fourteen_taps_and_thirty_seconds(
    meeting, instructor, new_page, log_in, language, slow
):
    page = log_in(new_page(language=language, size=PHONE), instructor.email, language=language)
    if slow:
        page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
    began, phone = time.monotonic(), Phone(page)
    page.goto(f"/{language}/desk/")
    phone.tap("section[aria-labelledby=face] a.button--primary")
    assert phone.taps <= 1 and str(meeting.pk) in page.url
    wanted = take(phone, meeting)
    wait_for(meeting, wanted)
    assert phone.taps <= 14 and time.monotonic() - began < 30, (phone.taps, time.monotonic() - began)
    expect(page.locator("[data-count=here]")).to_have_text("11")
    expect(page.locator("li[data-state=pending]")).to_have_count(0)
    kept = page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")
    kept = kept.replace('"basket":"full"', "")  # whether the header of public pages has something to fetch
    assert kept in {
        "{}{}",
        f'{{}}{{"htmx-current-path-for-history":"/{language}/desk/meetings/{meeting.pk}/"}}',
    }, kept


def test_marks_wait_on_the_page_without_network_and_arrive_once_and_in_order(
    meeting, instructor, new_page, log_in
):
    page = log_in(new_page(size=PHONE), instructor.email)
    page.goto(reverse("desk_register", args=[meeting.pk]))
    new_page.complaints.clear()
    page.context.set_offline(True)
    wanted = take(Phone(page), meeting)
    expect(page.locator("[data-offline]")).to_be_visible()
    assert set(marks(meeting).values()) == {""}, "nothing has arrived"
    assert page.locator("[data-state=pending]").count() == 12
    page.context.set_offline(False)
    wait_for(meeting, wanted)
    expect(page.locator("[data-offline]")).to_be_hidden()
    expect(page.locator("li[data-state=saved]")).to_have_count(12)
    changes = list(
        PresenceChange.objects.filter(child_ref=kids(meeting)[7].pk).values_list("mark", flat=True)
    )
    assert changes == ["present", "absent", "present"]
    new_page.complaints[:] = [line for line in new_page.complaints if "ERR_INTERNET_DISCONNECTED" not in line]


def test_leaving_with_unsent_marks_warns(meeting, instructor, new_page, log_in):
    page, asked = log_in(new_page(size=PHONE), instructor.email), []
    page.goto(reverse("desk_register", args=[meeting.pk]))
    page.context.set_offline(True)
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    Phone(page).tap("[data-all]")
    page.close(run_before_unload=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    page.context.set_offline(False)
    wait_for(meeting, dict.fromkeys(marks(meeting), "present"))
    expect(page.locator("li[data-state=saved]")).to_have_count(12)
    new_page.complaints.clear()


@pytest.mark.parametrize("way", ["reload", "another page and back"])
def test_marks_made_without_network_outlive_the_page(meeting, instructor, new_page, log_in, way):
    page, url = log_in(new_page(size=PHONE), instructor.email), reverse("desk_register", args=[meeting.pk])
    page.goto(url)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.on("dialog", lambda dialog: dialog.accept())
    page.context.set_offline(True)
    Phone(page).tap("[data-all]")
    Phone(page).mark(kids(meeting)[3], "absent")
    if way == "reload":
        page.reload()
        assert "Vous êtes hors ligne" in page.locator("h1:visible").inner_text()
        page.context.set_offline(False)
        page.get_by_role("link", name="Réessayer").click()
    else:
        page.context.set_offline(False)
        page.route("**/marks/", lambda route: route.abort())
        page.goto(reverse("desk"))
        page.unroute("**/marks/")
        page.goto(url)
    fourth = marks(meeting)
    wanted = dict.fromkeys(fourth, "present") | {list(fourth)[3]: "absent"}
    wait_for(meeting, wanted)
    expect(page.locator("li[data-state=pending]")).to_have_count(0)
    assert page.evaluate("Object.keys(sessionStorage).filter((name) => name.startsWith('register'))") == []
    new_page.complaints.clear()


def test_two_telephones_quarrel_and_it_is_shown(meeting, instructor, front_desk, new_page, log_in):
    page = log_in(new_page(size=PHONE), instructor.email)
    page.goto(reverse("desk_register", args=[meeting.pk]))
    child = kids(meeting)[3]
    put(meeting, child, "late", minutes=8, by=front_desk, at=timezone.now())
    Phone(page).mark(child, "absent")
    row = page.locator(f"[data-child='{child.pk}']")
    expect(row).to_have_attribute("data-state", "conflict")
    expect(row.locator("input[type=radio][value=late]")).to_be_checked()
    assert Presence.objects.get(child=child).mark == "late"
    Phone(page).mark(child, "absent")
    expect(row).to_have_attribute("data-state", "saved")
    assert Presence.objects.get(child=child).mark == "absent", "said again, knowing"


@contextmanager
def site_on(port):
    """Run the site in its own process group, killed at the end of the block as by a power cut."""
    connections.close_all()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "academy.wsgi",
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "1",
        "--threads",
        "4",
    ]
    server = subprocess.Popen(
        command,
        env=dict(os.environ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield server
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(PATIENCE)


def test_the_server_is_killed_and_started_again_and_every_mark_arrives_once(meeting, instructor, browser):
    port = free_port()
    context = browser.new_context(
        base_url=f"http://localhost:{port}", viewport={"width": 360, "height": 640}, locale="fr-MA"
    )
    name, value = signed_in(instructor).split("; ")[0].split("=", 1)
    context.add_cookies([{"name": name, "value": value, "url": f"http://localhost:{port}"}])
    page = context.new_page()
    with site_on(port):
        for _second in range(PATIENCE):
            try:
                page.goto(reverse("desk_register", args=[meeting.pk]))
                break
            except Error:  # not up yet
                time.sleep(0.5)
        phone = Phone(page)
        phone.tap("[data-all]")
        wait_for(meeting, dict.fromkeys(marks(meeting), "present"))
    children = kids(meeting)
    phone.mark(children[2], "absent")
    phone.mark(children[5], "late")
    phone.mark(children[2], "late")
    expect(page.locator("[data-offline]")).to_be_visible()
    with site_on(port):
        wanted = dict.fromkeys(marks(meeting), "present")
        names = list(wanted)
        wait_for(meeting, wanted | {names[2]: "late", names[5]: "late"}, patience=60)
        changes = PresenceChange.objects.filter(child_ref=children[2].pk).values_list("mark", "version")
        assert list(changes) == [("present", 1), ("absent", 2), ("late", 3)]
        assert PresenceChange.objects.count() == 15
    context.close()


def test_the_register_is_a_form_without_scripts(meeting, instructor, new_page, log_in):
    page = log_in(new_page(size=PHONE, scripts=False), instructor.email)
    page.goto(reverse("desk_register", args=[meeting.pk]))
    page.locator("[data-all]").click()
    assert set(marks(meeting).values()) == {"present"}
    child = kids(meeting)[0]
    page.locator(f"[data-child='{child.pk}'] label:has(input[value=absent])").click()
    page.locator("[data-save]").click()
    assert Presence.objects.get(child=child).mark == "absent"


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_the_register_is_told_as_it_was_read(academy_settings, instructor, new_page, log_in, language):
    meeting = class_now(
        2,
        names=("Salma", "Adam"),
        instructors=[instructor],
        room=RoomFactory(name_fr="Atelier", name_ar="Atelier"),
    )
    page = log_in(new_page(language=language, size=PHONE), instructor.email, language=language)
    page.goto(f"/{language}/desk/meetings/{meeting.pk}/")
    text = heard(page)
    for line in text.splitlines():
        if "20" in line and ":" in line and "heading" in line:
            text = text.replace(line, line.split('"')[0] + '"…" [level=1]:')
    compare(f"class-{language}", re.sub(r"/(meetings|children)/\d+/", r"/\1/…/", text))


def test_a_reload_without_network_is_answered_calmly_and_no_child_is_kept(
    meeting, instructor, new_page, log_in
):
    page = log_in(new_page(size=PHONE), instructor.email)
    page.goto(reverse("desk_register", args=[meeting.pk]))
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    page.reload()
    assert "Vous êtes hors ligne" in page.locator("h1:visible").inner_text()
    kept = page.evaluate(
        "caches.open('desk').then((c) => c.keys().then((all) => Promise.all(all.map((one) => "
        "c.match(one).then((r) => r.text())))))"
    )
    assert len(kept) == 2 and not any(name in text for name in NAMES for text in kept)
    page.context.set_offline(False)
    page.reload()
    assert page.locator("[data-register]").count() == 1
    new_page.complaints.clear()


def test_whom_to_call_and_who_collects_is_one_tap_away_and_home_three(meeting, instructor, new_page, log_in):
    phone = Phone(log_in(new_page(size=PHONE), instructor.email))
    phone.page.goto(reverse("desk_register", args=[meeting.pk]))
    child = kids(meeting)[0]
    put(meeting, child, "present", by=instructor, at=timezone.now())
    phone.tap(f"[data-child='{child.pk}'] a.roster__name")
    guardian = child.guardians.first()
    assert phone.taps == 1 and phone.page.locator(f"a[href='tel:{guardian.phone.as_e164}']").count() == 1
    phone.tap("label:has(input[value^='guardian.'])")
    phone.tap("form .button--primary")
    phone.page.wait_for_url("**/meetings/*/")
    assert phone.taps <= 3 and Presence.objects.get(child=child).went_with == guardian.name


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_a_class_is_moved_and_every_family_told_in_five_taps(
    academy_settings, instructor, new_page, log_in, language
):
    session = SessionFactory(first_on=timezone.localdate() + timedelta(days=4), instructors=[instructor])
    guardian = UserFactory()
    admission.enroll(child=ChildFactory(guardian=guardian), session=session, by=guardian, at=timezone.now())
    meeting = session.meetings.order_by("number").first()
    phone = Phone(log_in(new_page(language=language, size=PHONE), instructor.email, language=language))
    phone.page.goto(f"/{language}/desk/meetings/{meeting.pk}/")
    phone.tap("a[href$='/move/']")
    phone.tap("label:has(input[value=power])")
    phone.tap("button[value=look]")
    phone.tap("button[value=do]")
    phone.page.wait_for_url("**/told/")
    assert phone.taps <= 5
    moved = type(meeting).objects.get(pk=meeting.pk)
    assert moved.on > meeting.on and guardian.name in phone.page.locator("main").inner_text()


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_a_family_announces_an_absence_in_two_taps(academy_settings, new_page, log_in, language):
    meeting = class_now(1, began=-timedelta(hours=3))
    (child,) = kids(meeting)
    phone = Phone(
        log_in(new_page(language=language, size=PHONE), child.guardians.first().email, language=language)
    )
    phone.page.goto(f"/{language}/family/")
    phone.tap("details.announce summary")
    phone.tap("details.announce button[value=absent]")
    phone.page.wait_for_url("**/family/")
    assert phone.taps == 2 and Presence.objects.get(child=child).announced == "absent"


def test_a_login_that_ends_meanwhile_loses_no_mark(meeting, instructor, new_page, log_in):
    page = log_in(new_page(size=PHONE), instructor.email)
    page.goto(reverse("desk_register", args=[meeting.pk]))
    phone, child = Phone(page), kids(meeting)[0]
    Session.objects.all().delete()
    phone.mark(child, "late")
    expect(page.locator("[data-login]")).to_be_visible()
    assert marks(meeting)[next(iter(marks(meeting)))] == ""
    other = page.context.new_page()
    log_in(other, instructor.email)
    other.close()
    expect(page.locator(f"[data-child='{child.pk}']")).to_have_attribute(
        "data-state", "saved", timeout=20_000
    )
    assert Presence.objects.get(child=child).mark == "late"
    expect(page.locator("[data-login]")).to_be_hidden()
    new_page.complaints[:] = [line for line in new_page.complaints if "403" not in line]


def test_two_telephones_after_the_class_do_not_write_over_each_other(meeting, instructor, new_page, log_in):
    lesson = LessonFactory(course=meeting.session.course, number=44)
    skill = SkillFactory()
    lesson.skills.add(skill)
    Meeting.objects.filter(pk=meeting.pk).update(lesson=lesson)
    first, second, *_more = kids(meeting)
    for child in (first, second):
        put(meeting, child, "present", by=instructor, at=timezone.now())
    one, other = (log_in(new_page(size=PHONE), instructor.email) for _phone in range(2))
    for page in (one, other):
        page.goto(reverse("desk_after", args=[meeting.pk]))
    for page, child, level in ((one, first, 3), (other, second, 4)):
        page.locator(f"label:has(input[name='skill-{child.pk}-{skill.pk}'][value='{level}'])").click()
        expect(page.locator("form [data-state][role=status]")).to_have_text("Enregistré.")
    assert dict(SkillObservation.objects.values_list("child", "level")) == {first.pk: 3, second.pk: 4}
