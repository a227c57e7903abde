"""Family views of a place: offer links, withdrawing with the consequences shown, undoing, moving."""

import re
from datetime import time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from enrollments.families import guardians
from enrollments.letters import outbox
from enrollments.models import Enrollment, Guardianship, Letter
from enrollments.money import receipts
from enrollments.places import admission, offer_links, offers, waiting_list, withdrawal
from tests.factories import ChildFactory, GuardianshipFactory, UserFactory
from tests.queues import soon, state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


def join(session, guardian, at, **facts):
    child = ChildFactory(guardian=guardian, age=10, **facts)
    return admission.enroll(child=child, session=session, by=guardian, at=at)


@pytest.fixture
def offered(parent, now):
    """Return a place offered to the parent's child, and the next one waiting."""
    session, first = soon(), UserFactory()
    seated = join(session, first, now)
    row, behind = join(session, parent, now, first_name="Salma"), join(session, UserFactory(), now)
    withdrawal.withdraw(seated, by=first, at=now)
    row.refresh_from_db()
    assert row.state == "offered"
    row.behind = behind
    return row


def link(row, reader) -> str:
    return reverse("offer", args=[offer_links.token_for(row, reader)])


@pytest.mark.parametrize(
    ("answer", "ends", "next_one"), [("yes", "seated", "waiting"), ("no", "declined", "offered")]
)
def test_the_letters_link_answers_without_a_login(client, parent, offered, answer, ends, next_one):
    # The letter's own link: one made here a second later would carry another stamp.
    url = re.search(r"/fr/offers/\S+/", Letter.objects.get(kind="offer", recipient=parent).body).group()
    for _scanner in range(3):
        page = client.get(url)
        assert page.status_code == 200 and "Salma" in page.content.decode()
    assert state(offered) == "offered" and offered.offer_opened_at is None, (
        "looking changes nothing: machines look too"
    )
    assert page["Cache-Control"] and page["Referrer-Policy"] == "same-origin", (
        "no-referrer would let no browser answer"
    )
    for _press in range(2):
        client.post(url, {"answer": answer})
        assert state(offered) == ends
    assert state(offered.behind) == next_one
    assert client.get(url).status_code == 200 and "_auth_user_id" not in client.session


def test_the_page_says_what_is_wrong_with_the_answer(client, parent, offered):
    assert client.post(link(offered, parent), {"answer": "perhaps"}).status_code == 409
    assert state(offered) == "offered"


def test_a_link_that_is_forged_foreign_or_of_another_purpose_opens_nothing(client, parent, offered):
    good = offer_links.token_for(offered, parent)
    stranger = UserFactory()
    for token in (
        good[:-2] + "xx",
        signing.dumps([offered.pk, parent.pk, 1], salt="another"),
        signing.dumps("x", salt=offer_links.SALT),
        signing.dumps([offered.pk, stranger.pk, 1], salt=offer_links.SALT),
        signing.dumps([0, parent.pk, 1], salt=offer_links.SALT),
    ):
        assert client.get(reverse("offer", args=[token])).status_code == 404, token


def test_a_link_ends_with_its_offer_and_with_the_guardianship(
    client, parent, other_parent, offered, now, manager
):
    url = link(offered, parent)
    offers.mark_opened(offered, now)
    waiting_list.settle_due(now + timedelta(days=4))
    page = client.get(url)
    assert page.status_code == 410 and "a expiré" in page.content.decode()
    assert client.post(url, {"answer": "yes"}).status_code == 410
    assert (
        offered.child.first_name not in page.content.decode()
        and offered.reference not in page.content.decode()
    )
    GuardianshipFactory(child=offered.child, guardian=other_parent)
    guardians.remove(Guardianship.objects.get(guardian=parent), by=manager, at=now, paper="judgment")
    assert client.get(url).status_code == 404


def test_an_offer_that_ran_out_is_over_though_nobody_ticked(client, parent, offered, now):
    offers.mark_opened(offered, now)
    Enrollment.objects.filter(pk=offered.pk).update(
        offer_until=now - timedelta(minutes=1), due_at=now - timedelta(minutes=1)
    )
    offered.session.due_at = now - timedelta(minutes=1)
    offered.session.save(update_fields=["due_at"])
    assert client.post(link(offered, parent), {"answer": "yes"}).status_code == 410
    assert [state(offered), state(offered.behind)] == ["lapsed", "offered"]


def test_a_link_answers_its_own_offer_only(client, parent, offered):
    old = link(offered, parent)
    Enrollment.objects.filter(pk=offered.pk).update(offered_at=offered.offered_at + timedelta(seconds=1))
    answer = client.post(old, {"answer": "yes"})
    assert answer.status_code == 410 and offered.child.first_name not in answer.content.decode()
    assert state(offered) == "offered"


def test_an_answer_is_shown_for_a_day(client, parent, offered):
    url = link(offered, parent)
    assert client.post(url, {"answer": "yes"}).status_code == 200
    assert offered.reference in client.get(url).content.decode()
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1), tick=False):
        page = client.get(url)
    assert page.status_code == 410 and offered.child.first_name not in page.content.decode()


def test_my_family_leads_to_the_answer(logged_in, parent, offered):
    client = logged_in(parent)
    url = reverse("place_answer", args=[offered.pk])
    assert url in client.get(reverse("family")).content.decode()
    assert url in client.get(reverse("enrollment", args=[offered.reference])).content.decode()
    assert client.get(url).status_code == 200
    assert state(offered) == "offered" and offered.offer_opened_at
    assert client.post(url, {"answer": "yes"}).url == reverse("enrollment", args=[offered.reference])
    assert state(offered) == "seated"
    assert client.post(url, {"answer": "yes"}).url == reverse("enrollment", args=[offered.reference]), (
        "twice is once"
    )


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (21, "Nous vous rembourserons 1 200,00 DH"),
        (4, "Nous vous rembourserons 600,00 DH"),
        (-1, "La session a commencé"),
    ],
)
def test_leaving_says_what_is_given_back_before_the_button(logged_in, parent, days, words, now):
    first_on = timezone.localdate() + timedelta(days=days)
    session = soon(first_on=first_on, price=1200)
    row = join(session, parent, session.first_at - timedelta(days=30))
    receipts.receive(
        row.reference, amount=row.price, method="cash", payer=None, by=parent, at=now, form_key=uuid4()
    )
    client, url = logged_in(parent), reverse("place_leave", args=[row.pk])
    page = client.get(url).content.decode()
    assert words in page.replace("\u202f", "").replace("\xa0", " ")
    assert client.post(url).url == reverse("family")
    assert state(row) == "withdrawn"
    assert client.post(url).url == reverse("family"), "twice is once"
    assert Letter.objects.filter(kind="withdrawn").count() == 1
    assert client.get(reverse("enrollment", args=[row.reference])).status_code == 200, (
        "the page of the reference stays"
    )


def test_the_other_guardians_enrollment_is_kept_for_a_day_and_taken_back(
    logged_in, parent, other_parent, now
):
    row = join(soon(), parent, now)
    GuardianshipFactory(child=row.child, guardian=other_parent)
    client = logged_in(other_parent)
    assert "reprendre" in client.get(reverse("place_leave", args=[row.pk])).content.decode()
    client.post(reverse("place_leave", args=[row.pk]))
    assert state(row) == "seated" and row.leaves_at
    client = logged_in(parent)
    back = reverse("place_take_back", args=[row.pk])
    assert back in client.get(reverse("enrollment", args=[row.reference])).content.decode()
    client.post(back)
    assert state(row) == "seated" and row.leaves_at is None


def test_a_move_is_one_press_to_a_session_that_fits(logged_in, parent, now):
    here = soon()
    there, full = (soon(course=here.course, starts=time(9), ends=time(10)) for _twice in range(2))
    join(full, UserFactory(), now)
    row = join(here, parent, now)
    client, url = logged_in(parent), reverse("place_move", args=[row.pk])
    page = client.get(url).content.decode()
    assert f'value="{there.pk}"' in page and f'value="{full.pk}"' not in page
    assert client.post(url, {"session": full.pk}).status_code == 409 and state(row) == "seated"
    assert client.post(url, {"session": there.pk}).url == reverse("enrollment", args=[row.reference])
    assert state(row) == "moved" and Enrollment.objects.get(session=there, child=row.child).state == "seated"
    page = client.get(reverse("enrollment", args=[row.reference])).content.decode()
    assert there.rhythm in page.replace("\u2060", "")


@pytest.mark.parametrize(
    "kind",
    [
        "offer",
        "offer_reminder",
        "offer_lapsed",
        "waiting_over",
        "accepted",
        "withdrawn",
        "leaving",
        "taken_back",
        "removed",
        "moved",
        "session_cancelled",
        "enrolled",
    ],
)
@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_each_letter_about_a_place_speaks_the_readers_language(kind, language, parent, offered, now):
    reader = UserFactory(language=language)
    offered.leaves_at = now
    words = {
        "enrollment": offered,
        "session": offered.session,
        "name": "Karim",
        "waited": False,
        "rows": [offered],
        "reference": offered.reference,
        "waiting": True,
    }
    letter = outbox.write(kind, to=reader, at=now, child=offered.child, **words)
    assert letter.subject and "\n" not in letter.subject and "{" not in letter.body and "&" not in letter.body
    assert (
        f"/{language}/family/" in letter.body and offered.session.course.title_fr not in letter.body
        if language == "ar"
        else True
    )
    assert (
        language == "fr"
        or outbox.write(kind, to=parent, at=now, child=offered.child, **words).subject != letter.subject
    )


def test_who_may_only_read_touches_nothing(parent, other_parent, offered):
    GuardianshipFactory(child=offered.child, guardian=other_parent, rights="informed")
    client = Client()
    client.force_login(other_parent, backend="academy.signed_in.ModelBackend")
    for name in ("place_answer", "place_leave", "place_move", "place_take_back"):
        assert client.post(reverse(name, args=[offered.pk]), {"answer": "yes"}).status_code == 404
    assert client.get(link(offered, other_parent)).status_code == 404
    assert state(offered) == "offered"


def test_who_waits_reads_an_honest_outlook(logged_in, parent, now):
    long_ago = timezone.localdate() - timedelta(days=60)
    over = soon(first_on=long_ago, capacity=3)
    for _child in range(2):
        guardian = UserFactory()
        withdrawal.withdraw(
            join(over, guardian, over.first_at - timedelta(days=9)),
            by=guardian,
            at=over.first_at - timedelta(days=8),
        )
    for weeks in (1, 2):  # of fewer than three past sessions nothing is said
        soon(course=over.course, first_on=long_ago - timedelta(weeks=weeks), capacity=3)
    session = soon(course=over.course)
    join(session, UserFactory(), now)
    row = join(session, parent, now)
    assert row.state == "waiting"
    page = logged_in(parent).get(reverse("enrollment", args=[row.reference])).content.decode()
    assert "2 places se sont libérées" in page and "rang 1" in page


def test_a_session_that_somebody_holds_is_settled_later(offered, now, monkeypatch):
    """A session that cannot be locked within three seconds delays neither the others nor the emails."""
    from django.db import OperationalError

    from enrollments.places import seat_log

    real, asked = seat_log.locked_sessions, []

    def held(sessions):
        asked.append(list(sessions))
        if len(asked) == 1:
            raise OperationalError("lock timeout")
        return real(sessions)

    offers.mark_opened(offered, now)
    monkeypatch.setattr(seat_log, "locked_sessions", held)
    assert waiting_list.settle_due(now + timedelta(days=4)) == 0
    assert waiting_list.settle_due(now + timedelta(days=4)) == 1 and state(offered) == "lapsed"


def test_a_row_read_before_its_party_dissolved_still_locks_its_own_child(parent, now):
    session = soon(capacity=2)
    for _child in range(2):
        join(session, UserFactory(), now)
    pair = [ChildFactory(guardian=parent, age=10) for _child in range(2)]
    rows = admission.enroll_together(children=pair, session=session, by=parent, at=now, all_or_none=True)
    stale = Enrollment.objects.get(pk=rows[0].pk)
    withdrawal.withdraw(rows[1], by=parent, at=now)
    assert waiting_list.party_children(stale) == [stale.child_id]
