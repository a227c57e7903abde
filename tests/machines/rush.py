"""Families that browse, enroll, answer offers and give places up for as long as a rush lasts, and keep what
the site has told them.
"""

import random
import re
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.machines.browser import Answer, Browser, Forms
from tests.machines.cluster import Cluster

CALM = {200, 302, 303, 304, 409, 422, 429, 503}  # 422: the page says why not, such as a class at that hour
SENTENCES = ("The site is restarting or very busy.", "Trop de demandes au même moment")
CALLERS = 8
PAUSE = 0.25  # seconds at most between two requests of one caller
AGAIN = 240  # seconds of pressing at most, until a press is answered
CONFIRMATION = re.compile(r"^/fr/family/enrollments/(AL-\w+)/$")


@dataclass
class Told:
    """What the families were told: counted answers, the longest wait, promises, and what was not calm."""

    answers: Counter = field(default_factory=Counter)
    slowest: float = 0.0  # seconds
    confirmed: list[tuple[str, int, int]] = field(default_factory=list)  # reference, child, session
    changed: list[tuple[int, str]] = field(default_factory=list)  # place, state
    faults: list[str] = field(default_factory=list)

    def add(self, other: "Told") -> None:
        self.answers += other.answers
        self.slowest = max(self.slowest, other.slowest)
        self.confirmed += other.confirmed
        self.changed += other.changed
        self.faults += other.faults


class Family:
    """A guardian with one child, who does one thing after the other and acts on what the pages show."""

    def __init__(self, site: Cluster, world: dict, chance: random.Random, told: Told):
        cookies = dict(one.split("=", 1) for one in world["cookies"].split("; "))
        self.browser, self.child = Browser(site.line, cookies), world["child"]
        self.sessions, self.courses = site.world["sessions"], site.world["courses"]
        self.chance, self.told, self.held = chance, told, {}  # confirmation by session
        self.has_nginx = bool(site.line.tls)

    def act(self) -> None:
        wish = self.chance.random()
        if wish < 0.3:
            self.look(self.chance.choice(["/fr/", "/ar/", "/fr/family/", *self._course_pages()]))
        elif self.held and wish < 0.75:
            self.see_to(self.chance.choice(list(self.held)))
        else:
            self.enroll(self.chance.choice(self.sessions))

    def _course_pages(self) -> list[str]:
        return [f"/fr/cours/{self.chance.choice(self.courses)}/"]

    def look(self, path: str) -> Answer | None:
        return self._asked(lambda: self.browser.get(path), path)

    def enroll(self, session: int) -> None:
        answer = self._pressed(f"/fr/family/enroll/{session}/", {"children": self.child})
        if answer and (found := self._leads(answer, CONFIRMATION)):
            self.held[session] = answer.leads_to
            self.told.confirmed.append((found[1], self.child, session))

    def see_to(self, session: int) -> None:
        """Open a confirmation, and answer the offer or perhaps give the place up."""
        page = self.look(self.held[session])
        if page is None or page.status != 200:
            return
        offer = re.search(r'href="/fr/family/places/(\d+)/answer/"', page.text)
        leave = re.search(r'href="/fr/family/places/(\d+)/leave/"', page.text)
        if offer:
            answer, state = self.chance.choice([("yes", "seated"), ("no", "declined")])
            path = f"/fr/family/places/{offer[1]}/answer/"
            done = self._pressed(path, {"answer": answer})
            if done and self._leads(done, CONFIRMATION):
                self.told.changed.append((int(offer[1]), state))
        elif leave and self.chance.random() < 0.6:
            self.leave(int(leave[1]))
        elif not leave:
            del self.held[session]  # it has ended

    def leave(self, place: int) -> None:
        path = f"/fr/family/places/{place}/leave/"
        page = self.look(path)
        if page is None or page.status != 200:
            return
        done = self._pressed(path, Forms(page.text).found[-1][1])
        if done and self._leads(done, re.compile("^/fr/family/$")):
            self.told.changed.append((place, "withdrawn"))

    def _leads(self, answer: Answer, where: re.Pattern) -> re.Match | None:
        if answer.status != 302:
            return None
        found = where.match(answer.leads_to)
        if not found:
            self.told.faults.append(f"{answer.path} leads to {answer.leads_to}")
        return found

    def _pressed(self, path: str, fields: dict) -> Answer | None:
        """Press, and press again while the answer is "try again"."""
        end = time.monotonic() + AGAIN
        while time.monotonic() < end:
            answer = self._asked(lambda: self.browser.post(path, fields), path)
            if answer is None or answer.status != 503:
                return answer
            time.sleep(self.chance.uniform(0.3, 1.0))
        self.told.faults.append(f"{path}: {AGAIN} s in vain")
        return None

    def _asked(self, ask, path: str) -> Answer | None:
        began = time.monotonic()
        try:
            answer = ask()
        except Exception as fault:  # noqa: BLE001 — none may happen, whatever it is
            self.told.faults.append(f"{path}: {fault!r} after {time.monotonic() - began:.0f} s")
            return None
        self.told.slowest = max(self.told.slowest, time.monotonic() - began)
        self.told.answers[answer.status] += 1
        if answer.status not in CALM or not self._is_calm(answer):
            self.told.faults.append(f"{path}: {answer.status} {answer.headers} {answer.text[:2000]}")
        return answer

    def _is_calm(self, answer: Answer) -> bool:
        if answer.status != 503 or not self.has_nginx:
            return True
        return bool(answer.headers["Retry-After"]) and any(one in answer.text for one in SENTENCES)


@contextmanager
def rushing(site: Cluster, seed: int):
    """Let all families of the world act until the block ends; give what they are told, whole afterwards."""
    over, told = threading.Event(), Told()
    shares = [Told() for _caller in range(CALLERS)]

    def call(number: int) -> None:
        chance = random.Random(f"{seed}-{number}")
        mine = site.world["families"][number::CALLERS]
        families = [Family(site, one, chance, shares[number]) for one in mine]
        while not over.is_set():
            chance.choice(families).act()
            over.wait(chance.uniform(0, PAUSE))

    threads = [threading.Thread(target=call, args=(number,)) for number in range(CALLERS)]
    for thread in threads:
        thread.start()
    try:
        yield told
    finally:
        over.set()
        for thread in threads:
            thread.join()
        for share in shares:
            told.add(share)
