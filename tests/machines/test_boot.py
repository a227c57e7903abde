"""The site on many machines: journeys of a parent, an instructor and an editor, and what each kill does."""

import io
import os
import re
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import pytest
from allauth.mfa.totp.internal import auth as totp
from PIL import Image

from tests.depth import usually
from tests.machines.browser import Browser, Line, secret_of
from tests.machines.cluster import NODES, many_machines
from tests.machines.programs import until
from tests.machines.world import FAMILIES, PASSWORD
from tests.works import PROGRAM

pytestmark = [pytest.mark.postgres, pytest.mark.machines, pytest.mark.xdist_group("many_machines")]
CALM = {200, 302, 304, 503}
SENTENCE = "The site is restarting or very busy."
RED = 12  # seconds until a light is red
MORE_LETTERS = """
INSERT INTO enrollments_letter
SELECT (jsonb_populate_record(one, jsonb_build_object(
  'id', nextval(pg_get_serial_sequence('enrollments_letter', 'id')), 'message_id', gen_random_uuid(),
  'state', 'queued', 'tries', 0, 'sent_at', NULL, 'written_at', now(), 'next_try_at', now()))).*
FROM enrollments_letter AS one, generate_series(1, 40)
WHERE one.id = (SELECT min(id) FROM enrollments_letter WHERE channel = 'email' AND state = 'sent')
"""


@pytest.fixture(scope="module")
def site(open_folder):
    with many_machines(open_folder) as cluster:
        yield cluster


def sign_in(site, email: str, *, is_team: bool = False, **headers: str) -> Browser:
    """Sign in by the forms; a member of the team sets up an app of codes on the way."""
    browser = site.browser()
    browser.headers = headers
    answer = browser.fill("/fr/account/login/", login=email, password=PASSWORD)
    assert answer.status == 302, answer.text[-500:]
    if is_team:
        page = "/fr/account/2fa/totp/activate/"
        again = browser.fill(browser.get(page).leads_to, password=PASSWORD)
        assert again.leads_to == page
        secret = secret_of(browser.get(page).text)
        code = totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))
        assert browser.post(page, {"code": code}).status == 302
    return browser


def of_each_node(site, browser: Browser) -> list[Browser]:
    """The same person's browser at each node, without the web server between."""
    return [Browser(Line([port]), browser.cookies) for port in site.ports]


def family_browsers(site):
    """The browsers of the families that have not enrolled, with their child."""
    taken = "SELECT string_agg(child_id::text, ',') FROM enrollments_enrollment WHERE session_id = %s"
    there = set((site.ask(taken, site.world["session"]) or "").split(","))
    for family in site.world["families"][1:]:
        if str(family["child"]) not in there:
            cookies = dict(one.split("=", 1) for one in family["cookies"].split("; "))
            yield Browser(site.line, cookies), family


def enroll(site, browser: Browser, child: int):
    return browser.post(f"/fr/family/enroll/{site.world['session']}/", {"children": child})


def enroll_patiently(site, browser: Browser, child: int) -> list[int]:
    """Press until the answer leads to a confirmation, as the page asks; return all statuses."""
    statuses = []
    for _press in range(60):
        answer = enroll(site, browser, child)
        statuses.append(answer.status)
        if answer.status == 302:
            assert "/family/enrollments/AL-" in answer.leads_to
            return statuses
        assert answer.status == 503, (answer.status, answer.text[-800:])
        assert SENTENCE in answer.text or not site.line.tls or "AL-" in answer.text
        time.sleep(0.5)
    raise AssertionError(statuses)


@contextmanager
def watched(site, *paths: str, browser: Browser | None = None, pause: float = 0.05):
    """Ask for pages all the time; give the counted statuses. Each must be calm."""
    counted: Counter = Counter()
    over, faults = threading.Event(), []

    def look():
        visitor = browser or site.browser()
        number = 0
        while not over.is_set():
            path = paths[number % len(paths)]
            answer = visitor.get(f"{path}?look={number}" if browser is None else path)
            counted[answer.status] += 1
            if answer.status not in CALM or (
                answer.status == 503 and site.line.tls and SENTENCE not in answer.text
            ):
                faults.append((path, answer.status, answer.text[:300]))
            number += 1
            over.wait(pause)

    threads = [threading.Thread(target=look) for _one in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield counted
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert faults == [] and counted[200] > 0


def later(site) -> None:
    """Let the claims of the dead run out, as their minutes would."""
    site.ask("UPDATE academy_jobrun SET claimed_until = now() WHERE claimed_until IS NOT NULL")
    site.ask("UPDATE enrollments_letter SET next_try_at = now() WHERE state = 'queued' AND channel = 'email'")


def all_sent(site) -> bool:
    return (
        site.ask("SELECT count(*) FROM enrollments_letter WHERE state = 'queued' AND channel = 'email'") == 0
    )


def whole(site) -> None:
    """Nothing is lost, and nothing is there twice."""
    site.manage("check_places")  # which fails at the first fault
    doubles = "SELECT count(*) - count(DISTINCT child_id) FROM enrollments_enrollment WHERE session_id = %s"
    assert site.ask(doubles, site.world["session"]) == 0


# ---- journeys


def test_a_first_start_is_green_within_fifteen_seconds(site):
    until(site.is_well, "every node is ready", 15)
    for number in range(NODES):
        assert site.ready(number) == (200, {})


def test_a_parent_enrolls_is_confirmed_by_every_node_and_gets_each_letter_once(site):
    family = site.world["families"][0]
    forged = {
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=6.6.6.6;proto=http",
        "X-Real-IP": "6.6.6.6",
    }
    browser = sign_in(site, family["email"], **(forged if site.line.tls else {}))
    seen_from = "SELECT host(ip) FROM usersessions_usersession WHERE user_id = %s"
    assert site.ask(seen_from, family["user"]) == "127.0.0.1", "what a client says of itself is dropped"
    assert "/fr/family/enroll/" in browser.get(f"/fr/cours/{site.world['course']}/").text
    form = browser.get(f"/fr/family/enroll/{site.world['session']}/")
    assert f'value="{family["child"]}"' in form.text
    answer = enroll(site, browser, family["child"])
    reference = re.search(r"/family/enrollments/(AL-[\w-]+)/", answer.leads_to)[1]
    for node in of_each_node(site, browser):
        assert reference in node.get(answer.leads_to).text
    assert enroll(site, browser, family["child"]).leads_to == answer.leads_to, "the same form again"
    until(lambda: all_sent(site), "letters are sent")
    told = site.post.to(family["email"])
    written = "SELECT count(*) FROM enrollments_letter WHERE recipient_id = %s AND state = 'sent'"
    assert len(told) == len(set(told)) == site.ask(written, family["user"]) >= 1


def test_a_register_kept_at_one_node_is_read_at_the_others(site):
    browser = sign_in(site, "instructor@example.org", is_team=True)
    path = f"/fr/desk/meetings/{site.world['meeting']}/"
    assert browser.get(path).status == 200
    marks = [
        {"child": child, "mark": "present", "seen": 0, "key": str(uuid4())} for child in site.world["kids"]
    ]
    answers = [node.send(f"{path}marks/", {"marks": marks}).json() for node in of_each_node(site, browser)]
    assert [one["status"] for one in answers[0]["marks"]] == ["saved"] * 3
    assert answers[0] == answers[1] == answers[2], "sent again, it is the same tap"
    kept = "SELECT count(*) FROM enrollments_presence WHERE meeting_id = %s AND mark = 'present'"
    assert site.ask(kept, site.world["meeting"]) == 3


def test_a_page_and_its_picture_are_published_at_one_node_and_seen_through_all(site):
    browser = sign_in(site, "editor@example.org", is_team=True)
    drawn = io.BytesIO()
    Image.effect_noise((900, 600), 60).convert("RGB").save(drawn, "JPEG")
    sent = browser.post(
        "/cms/images/add/", {"title": "Robot", "collection": 1}, {"file": ("robot.jpg", drawn.getvalue())}
    )
    assert sent.status == 302, sent.text[-2000:]
    picture = site.ask("SELECT id FROM home_picture ORDER BY id DESC LIMIT 1")
    block = {"type": "picture", "order": 0, "deleted": "", "id": "", "value-caption": "Notre robot"}
    block |= {"value-picture-image": picture, "value-picture-alt_text": "Un robot"}
    page = {"title": "Nos robots", "slug": "nos-robots", "intro": "Voici.", "seo_title": ""}
    page |= {"search_description": "", "body-count": 1, "action-publish": "1"}
    page |= {f"comments-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL", "MIN_NUM")}
    page |= {f"body-0-{name}": value for name, value in block.items()}
    added = browser.post(
        f"/cms/pages/add/home/standardpage/{site.world['home']}/", page | {"comments-MAX_NUM_FORMS": 1000}
    )
    assert added.status == 302, re.sub(r"\s+", " ", added.text)[-2000:]
    shown = until(
        lambda: re.findall(r"/media/images/[^\s\"]+", site.browser().get("/fr/nos-robots/").text),
        "a rendition",
    )
    for visitor in [site.browser(), *of_each_node(site, Browser(site.line))]:
        assert "Notre robot" in visitor.get("/fr/nos-robots/").text
        answer = visitor.get(shown[0])
        assert answer.status == 200 and answer.headers["Content-Type"].startswith("image/")
        assert len(answer.body) > 1000
    original = site.ask("SELECT file FROM home_picture WHERE id = %s", picture)
    assert site.browser().get(f"/media/{original}").status == 404
    assert not list(site.folder.glob("data-*/media")), "the nodes share no folder"


def test_a_childs_file_is_private_and_any_node_streams_it(site):
    family = site.world["families"][1]
    browser = next(one for one, found in family_browsers(site) if found == family)
    words = {"title": "Mon jeu", "story": "", "link": "", "made_on": time.strftime("%Y-%m-%d"), "course": ""}
    path = f"/fr/family/children/{family['child']}/projects/add/"
    sent = browser.post(path, words, {"files": ("jeu.py", PROGRAM)})
    assert sent.status == 302, re.findall(r'class="error[^<]*<[^<]*', sent.text)
    project = site.ask("SELECT id FROM enrollments_project WHERE child_id = %s", family["child"])
    file = site.ask("SELECT id FROM enrollments_projectfile WHERE project_id = %s", project)
    there = f"/fr/family/projects/{project}/files/{file}/"
    for node in of_each_node(site, browser):
        answer = node.get(there)
        assert (answer.status, answer.body) == (200, PROGRAM) and "Location" not in answer.headers
    stranger = next(one for one, found in family_browsers(site) if found != family)
    assert stranger.get(there).status == 404
    assert "Signature" not in browser.get(f"/fr/family/projects/{project}/").text


# ---- kills


def test_a_killed_node_costs_no_place_and_nobody_an_error_page(site):
    for kill in range(usually(1, thorough=5)):
        ready = list(family_browsers(site))[: 6 if kill == 0 else 3]
        victim = site.nodes[kill % NODES]
        with (
            watched(site, "/fr/", "/ar/", f"/fr/cours/{site.world['course']}/"),
            ThreadPoolExecutor(3) as families,
        ):
            pressed = [families.submit(enroll_patiently, site, one, of["child"]) for one, of in ready]
            time.sleep(0.3)
            victim.kill()
            statuses = [one.result() for one in pressed]
            victim.start()
            until(site.is_well, "the node is back")
        assert all(one[-1] == 302 for one in statuses)
        whole(site)
    held = "SELECT count(*) FROM enrollments_enrollment WHERE session_id = %s AND state = 'seated'"
    seats = "SELECT seats_taken FROM courses_session WHERE id = %s"
    assert site.ask(held, site.world["session"]) == site.ask(seats, site.world["session"]) <= FAMILIES


def test_a_killed_worker_repeats_one_letter_at_most_under_its_own_number(site):
    until(lambda: all_sent(site), "letters are sent")
    for kill in range(usually(1, thorough=5)):
        before = Counter(number for number, _to, _subject in site.post.taken)
        site.ask(MORE_LETTERS)
        site.post.pause = 0.05
        try:
            enough = before.total() + 8
            until(lambda enough=enough: len(site.post.taken) >= enough, "letters go out")
            for worker in site.workers:
                worker.kill()
        finally:
            site.post.pause = 0.0
        for worker in site.workers:
            worker.start()
        later(site)
        until(lambda: all_sent(site), "the other letters go out")
        taken = Counter(number for number, _to, _subject in site.post.taken) - before
        assert len(taken) == 40, kill
        assert sum(taken.values()) <= 41, "one at most was sent and not noted"
    until(site.is_well, "the jobs turn")


def test_without_redis_pages_limits_and_sign_in_go_on_and_the_light_is_red(site):
    site.redis.kill()
    with watched(site, "/fr/", "/ar/"):
        _status, wrong = until(lambda: (told := site.ready())[0] == 503 and told, "the light is red", RED)
        assert wrong == {"cache": "failed"}
        sign_in(site, site.world["families"][0]["email"])
        browser, family = next(family_browsers(site))
        assert enroll_patiently(site, browser, family["child"]) == [302]
        site.redis.start()
        until(site.is_well, "Redis is back")


@pytest.mark.deep
def test_without_the_replica_the_primary_answers_reports(site):
    manager = sign_in(site, "manager@example.org", is_team=True)
    export = f"/fr/office/sessions/{site.world['register']}/export.xlsx"
    assert manager.get(export).body[:2] == b"PK"
    reads = (
        "SELECT sum(idx_scan + seq_scan) FROM pg_stat_user_tables WHERE relname = 'enrollments_enrollment'"
    )
    had = site.replica.ask(reads, database="academy")
    until(
        lambda: manager.get(export).body[:2] == b"PK" and site.replica.ask(reads, database="academy") > had,
        "the replica has read",
    )
    site.replica.kill()
    with ThreadPoolExecutor(NODES) as asked:
        answers = list(asked.map(lambda node: node.get(export), of_each_node(site, manager)))
    for answer in answers:
        assert answer.status == 200 and answer.body[:2] == b"PK"
    assert site.ready() == (200, {"replica": "away"}), "reports go on: no node is taken away"
    assert any("the replica is away" in node.log for node in site.nodes)
    site.replica.start()
    until(site.is_well, "the replica is back", 30)


def test_a_database_that_restarts_shows_a_sentence_and_loses_nothing(site):
    for restart in range(usually(1, thorough=5)):
        people = list(family_browsers(site))[:3]
        one = people[0][0]
        with (
            watched(site, "/fr/", "/en/", f"/fr/cours/{site.world['course']}/") as visitors,
            watched(site, "/fr/family/", browser=Browser(site.line, one.cookies)) as families,
            ThreadPoolExecutor(3) as presses,
        ):
            pressed = [presses.submit(enroll_patiently, site, who, of["child"]) for who, of in people[1:]]
            if restart % 2:
                site.primary.kill()
            else:
                site.primary.stop()
            _status, wrong = until(lambda: (told := site.ready())[0] == 503 and told, "the light is red", RED)
            assert wrong["database"] == "OperationalError"
            until(lambda: families[503] > 0, "a family reads the sentence", 20)
            site.primary.start()
            statuses = [press.result() for press in pressed]
            until(site.is_well, "the database is back", 60)
        assert all(told[-1] == 302 for told in statuses) and visitors[200] > 0
        whole(site)


@pytest.mark.deep
def test_a_server_of_files_that_hangs_is_named_and_pages_go_on(site):
    shown = re.findall(r"/media/images/[^\s\"]+", site.browser().get("/fr/nos-robots/").text)[0]
    assert site.browser().get(shown).status == 200
    os.kill(site.file_process.pid, signal.SIGSTOP)
    try:
        with watched(site, "/fr/", "/fr/nos-robots/"):
            told = until(lambda: "files" in (told := site.ready())[1] and told, "the light", RED + 8)
            assert told == (200, {"files": "away"})
            if site.line.tls:
                assert site.browser().get(shown).status == 200, "the web server keeps it"
    finally:
        os.kill(site.file_process.pid, signal.SIGCONT)
    until(site.is_well, "files are back", 30)


@pytest.mark.deep
def test_without_any_node_the_web_server_says_the_sentence(site):
    if not site.line.tls:
        pytest.skip("no nginx here: see the end of the run")
    for node in site.nodes:
        node.kill()
    for path in ("/fr/", "/ar/account/login/"):
        answer = site.browser().get(path)
        assert answer.status == 503 and SENTENCE in answer.text and answer.headers["Retry-After"] == "5"
    posted = site.browser().post("/fr/account/login/", {"login": "a@example.org", "password": "x"})
    assert posted.status == 503 and SENTENCE in posted.text
    for node in site.nodes:
        node.start()
    until(site.is_well, "the nodes are back")


def test_at_the_end_nothing_is_lost(site):
    later(site)
    until(lambda: all_sent(site), "all letters are sent")
    whole(site)
    if site.line.tls:
        seen = re.findall(
            r'" (\d{3}) \d+ [\d.]+ [0-9a-f]{32}$', (site.folder / "access.log").read_text(), re.M
        )
        assert len(seen) > 100 and {status for status in seen if status >= "500"} <= {"503"}
