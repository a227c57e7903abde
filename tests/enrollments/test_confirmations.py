"""What a family has in hands after it got a place, and a decline taken back."""

import email
import email.policy
from datetime import date, time
from decimal import Decimal

import pytest
from django.core import mail
from django.urls import reverse
from icalendar import Calendar

from courses.models import Closure
from enrollments.letters import delivery
from enrollments.models import Enrollment, Letter, PlaceEvent
from enrollments.places import audit, basket, offer_links, offers, withdrawal
from home.language.dates import day_words
from tests.factories import CourseFactory, SessionFactory, UserFactory, saturday_in
from tests.queues import DAY, HOUR, join, soon, state, ten, withdraw

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


def sent(letter) -> email.message.EmailMessage:
    """The message as the mail server gets it."""
    mail.outbox.clear()
    delivery.send_due(letter.written_at)
    raw = next(one for one in mail.outbox if letter.subject in one.subject).message().as_bytes()
    return email.message_from_bytes(raw, policy=email.policy.default)


def said(text: str) -> str:
    return text.replace("\xa0", " ").replace("\u2060", "").replace("’", "'")


# ---- the confirmation


def test_the_confirmation_says_price_payment_refund_and_who_collects(parent, now):
    session = soon(price=1600, capacity=3)
    row = join(session, ten(parent, first_name="Salma"), at=now, by=parent)
    body = said(Letter.objects.get(recipient=parent).body)
    for words in (
        "Enfant : Salma",
        "Référence : " + row.reference,
        "À payer : 1 600,00 DH, à l'accueil",
        ": 1 600,00 DH\n- jusqu'au",
        "ensuite : 0,00 DH",
        f"/fr/family/children/{row.child_id}/collection/",
    ):
        assert words in body, words


def test_a_child_that_waits_has_nothing_to_pay_and_no_calendar(parent, now):
    session = soon(capacity=1)
    join(session, at=now)
    join(session, ten(parent), at=now, by=parent)
    letter = Letter.objects.get(recipient=parent)
    assert "À payer" not in letter.body and "rien à payer" in letter.body
    assert "rembours" not in letter.body and "collection" not in letter.body
    assert [part.get_filename() for part in sent(letter).iter_attachments()] == []


def test_a_free_place_says_nothing_of_money(parent, now):
    join(soon(price=0), ten(parent), at=now, by=parent)
    body = Letter.objects.get(recipient=parent).body
    assert "payer" not in body and "rembours" not in body


def test_who_told_us_who_collects_is_not_asked_again(parent, now):
    child = ten(parent, collection_confirmed_at=now)
    join(soon(), child, at=now, by=parent)
    assert "/collection/" not in Letter.objects.get(recipient=parent).body


def test_the_classes_come_as_a_file_of_those_the_child_will_have(parent, now):
    session = soon(capacity=3)
    row = join(session, ten(parent), at=now, by=parent)
    session.meetings.filter(number=2).update(cancelled_at=now)
    (file,) = sent(Letter.objects.get(recipient=parent)).iter_attachments()
    assert file.get_filename() == f"active-labs-{row.reference.lower()}.ics"
    assert file.get_content_type() == "text/calendar"
    events = Calendar.from_ical(file.get_content()).walk("VEVENT")
    assert len(events) == session.meetings_count - 1
    assert row.child.first_name not in file.get_content()


def test_only_the_readers_own_children_are_in_the_file(parent, other_parent, now):
    """Two guardians of different children under one reference would each get their own."""
    session = soon(capacity=3)
    row = join(session, ten(parent), at=now, by=parent)
    letter = Letter.objects.get(recipient=parent)
    Letter.objects.filter(pk=letter.pk).update(recipient=other_parent)
    assert list(sent(letter).iter_attachments()) == [] and row.reference


def test_one_basket_gives_one_letter_with_both_sessions(parent, now):
    child, sibling = ten(parent, first_name="Adam"), ten(parent, first_name="Lina")
    one = soon(course=CourseFactory(title_fr="Premier"), price=1600, capacity=3)
    two = SessionFactory(
        course=CourseFactory(code="code-x", title_fr="Second"),
        first_on=saturday_in(4),
        starts=time(16),
        ends=time(17),
        price=900,
        capacity=3,
    )
    pairs = [(child.pk, one.pk), (sibling.pk, two.pk)]
    basket.confirm(pairs, by=parent, at=now, keep_what_fits=False)
    letter = Letter.objects.get(recipient=parent)
    assert letter.subject == "Vos 2 inscriptions"
    body = said(letter.body)
    assert body.count("Cours : ") == 2 and "2 500,00 DH" in body
    assert "dans « Premier »" in body and "dans « Second »" in body
    (file,) = sent(letter).iter_attachments()
    events = Calendar.from_ical(file.get_content()).walk("VEVENT")
    assert len(events) == one.meetings_count + two.meetings_count


# ---- accepting from the letter


@pytest.fixture
def offered(parent, now):
    """A row that is being offered a place, and its link."""
    session = soon(capacity=1, price=1600)
    seat = join(session, at=now)
    row = join(session, ten(parent), at=now, by=parent)
    withdraw(seat, at=now)
    row.refresh_from_db()
    assert row.state == "offered"
    return row, reverse("offer", args=[offer_links.token_for(row, parent)])


def test_accepting_from_the_letter_ends_with_date_price_payment_and_a_link(offered, client):
    row, url = offered
    page = said(client.post(url, {"answer": "yes"}).content.decode())
    for words in ("Comment payer", "1 600,00 DH", row.session.rhythm, row.reference):
        assert said(words) in page, words
    assert reverse("enrollment", args=[row.reference]) in page
    letter = Letter.objects.get(kind="accepted")
    assert "À payer : 1 600,00 DH" in said(letter.body)
    assert [part.get_content_type() for part in sent(letter).iter_attachments()] == ["text/calendar"]


# ---- a decline taken back


def test_a_decline_is_taken_back_from_its_link_and_the_place_is_offered_again(offered, client, now):
    row, url = offered
    page = client.post(url, {"answer": "no"}).content.decode()
    assert "Revenir sur la liste" in said(page)
    ticket = row.ticket
    page = said(client.post(url, {"answer": "again"}).content.decode())
    row.refresh_from_db()
    assert (row.state, row.ticket) == ("offered", ticket)
    assert "La place est encore libre" in page
    assert Letter.objects.filter(kind="offer").count() == 2
    assert list(PlaceEvent.objects.filter(enrollment_ref=row.pk).values_list("reason", flat=True)) == [
        "enrolled", "offered", "declined", "reconsidered", "offered",
    ]  # fmt: skip
    assert audit.check(now) == []


def test_a_seat_that_passed_on_stays_where_it_is_and_the_old_ticket_counts(offered, parent, now):
    row, _url = offered
    second = join(row.session, ten(), at=now)
    offers.decline(row, by=parent, at=now)
    third = join(row.session, ten(), at=now)
    assert state(second) == "offered"
    offers.reconsider(row, by=parent, at=now + HOUR)
    assert (state(row), state(second), state(third)) == ("waiting", "offered", "waiting")
    offers.decline(second, by=None, at=now + HOUR)
    assert (state(row), state(third)) == ("offered", "waiting")
    assert audit.check(now + HOUR) == []


def test_taking_back_twice_changes_nothing_more(offered, parent, now):
    row, _url = offered
    offers.decline(row, by=parent, at=now)
    offers.reconsider(row, by=parent, at=now)
    events = PlaceEvent.objects.count()
    offers.reconsider(row, by=parent, at=now)
    assert PlaceEvent.objects.count() == events


@pytest.mark.parametrize(("after", "allowed"), [(DAY - HOUR, True), (DAY, False)])
def test_it_can_be_taken_back_within_a_day(offered, parent, now, after, allowed):
    row, _url = offered
    offers.decline(row, by=parent, at=now)
    if allowed:
        offers.reconsider(row, by=parent, at=now + after)
        assert state(row) == "offered"
    else:
        with pytest.raises(offers.Refused):
            offers.reconsider(row, by=parent, at=now + after)
        assert state(row) == "declined"


def test_it_cannot_be_taken_back_when_the_session_is_cancelled_or_the_child_waits_anew(
    offered, parent, manager, now
):
    row, _url = offered
    offers.decline(row, by=parent, at=now)
    join(row.session, row.child, at=now, by=parent)
    assert not offers.may_be_reconsidered(Enrollment.objects.get(pk=row.pk), now)
    with pytest.raises(offers.Refused):
        offers.reconsider(row, by=parent, at=now)
    withdrawal.cancel_session(row.session, by=manager, at=now, reason="few")
    assert not offers.may_be_reconsidered(Enrollment.objects.get(pk=row.pk), now)


def test_two_children_offered_as_one_come_back_as_one(parent, now):
    from enrollments.places import admission

    session = soon(capacity=2)
    seats = [join(session, at=now) for _seat in range(2)]
    rows = admission.enroll_together(
        children=[ten(parent), ten(parent, birth_date=date(2016, 7, 1))],
        session=session,
        by=parent,
        at=now,
        all_or_none=True,
    )
    for seat in seats:
        withdraw(seat, at=now)
    assert [state(row) for row in rows] == ["offered", "offered"]
    other = [join(session, ten(), at=now) for _seat in range(2)]
    offers.decline(rows[0], by=parent, at=now)
    assert [state(row) for row in (*rows, *other)] == ["declined"] * 2 + ["offered"] * 2
    offers.reconsider(rows[1], by=parent, at=now + HOUR)
    assert [state(row) for row in rows] == ["waiting", "waiting"]
    assert rows[0].party == rows[1].party == rows[0].pk
    offers.decline(other[0], by=None, at=now + HOUR)
    assert [state(row) for row in rows] == ["waiting", "waiting"], "one seat is not enough for both"
    offers.decline(other[1], by=None, at=now + HOUR)
    assert [state(row) for row in rows] == ["offered", "offered"]
    assert audit.check(now + HOUR) == []


def test_the_family_page_takes_it_back_and_a_stranger_does_not(offered, parent, logged_in, now):
    row, _url = offered
    url, page = reverse("place_answer", args=[row.pk]), reverse("enrollment", args=[row.reference])
    client = logged_in(parent)
    assert client.post(url, {"answer": "no"}).status_code == 302
    assert 'value="again"' in client.get(page).content.decode()
    assert logged_in(UserFactory()).post(url, {"answer": "again"}).status_code == 404
    assert state(row) == "declined"
    assert logged_in(parent).post(url, {"answer": "again"}).status_code == 302
    assert state(row) == "offered"
    assert Decimal(row.price) >= 0


# ---- the layout


def test_a_letter_has_its_mark_its_facts_in_a_table_and_one_button(parent, now):
    join(soon(), ten(parent, first_name="Salma"), at=now, by=parent)
    text, page = delivery.composed(Letter.objects.get(recipient=parent))
    assert page.count("display:inline-block;padding:10px 18px") == 1
    assert "Active Labs" in page.split("<h1")[0] and page.index("<table") < page.index("<h1")
    assert said(page).count("white-space:nowrap") >= 4 and "Enfant" in page
    assert "Enfant" in text


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ("Enfant : Salma\nCours : Jeux\nOù : ici", 3),
        ("الطفل: سلمى\nالورشة: ألعاب\nالمكان: هنا", 3),
        ("Enfant : Salma\nCours : Jeux", 0),
        ("Enfant : Salma\nUne phrase.\nOù : ici", 0),
        ("Salma : samedi 14:00\nsamedi 5, 14:00–15:30\nLa fabrique", 0),
        ("https://example.org/a: b\nhttps://example.org/b: b\nhttps://example.org/c: c", 0),
    ],
)
def test_facts_are_at_least_three_lines_of_a_label_and_a_value(lines, count):
    parts = delivery.parts_of(lines)
    assert sum(len(part.facts) for part in parts) == count


def test_a_missing_week_is_explained_where_the_classes_are_listed(parent, logged_in, now):
    session = soon(count=3, capacity=3)
    row = join(session, ten(parent), at=now, by=parent)
    first, second, third = session.meetings.order_by("number")
    page = reverse("enrollment", args=[row.reference])
    assert "Pas de séance" not in logged_in(parent).get(page).content.decode()
    second.delete()
    Closure.objects.create(name="Aïd", starts_on=second.on - DAY, ends_on=second.on)
    Closure.objects.create(name="Ailleurs", starts_on=third.on + DAY, ends_on=third.on + 9 * DAY)
    told = logged_in(parent).get(page).content.decode()
    assert told.count("Pas de séance") == 1 and f"{day_words(second.on)}\xa0: Aïd" in told
    assert told.index(day_words(first.on)) < told.index("Aïd") < told.index(day_words(third.on))


def test_an_account_number_and_the_word_email_do_not_break_within_a_letter(parent, now, academy_settings):
    type(academy_settings).objects.update(bank_details="Banque — RIB 000 000 0000")
    row = join(soon(price=1600), ten(parent), at=now, by=parent)
    html = sent(Letter.objects.get(recipient=parent)).get_body(("html",)).get_content()
    assert row.reference in html and "000\xa0000\xa00000" in html
