"""What a letter says of a place that is kept, and of one that is only hoped for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from enrollments.letters import delivery
from enrollments.models import Letter
from enrollments.places import overrides
from tests.factories import saturday_in
from tests.queues import join, soon, ten

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
TO_CONFIRM = "Votre place est gardée, mais la session n'est pas encore confirmée."


def said(text: str) -> str:
    return text.replace("\xa0", " ").replace("\u2060", "").replace("’", "'")


def letter_of(parent) -> Letter:
    return Letter.objects.get(kind="enrolled", recipient=parent)


@pytest.mark.parametrize(("minimum", "is_said"), [(0, False), (1, False), (2, True)])
def test_a_place_in_a_session_still_to_be_confirmed_says_so(parent, now, minimum, is_said):
    session = soon(capacity=6, minimum=minimum, decision_at=now + timedelta(days=4))
    join(session, ten(parent), at=now, by=parent)
    body = said(letter_of(parent).body)
    assert (TO_CONFIRM in body, f"{minimum} enfants, réponse le" in body) == (is_said, is_said)


def test_a_session_confirmed_by_a_manager_is_not_said_to_be_open(parent, manager, now):
    session = soon(capacity=6, minimum=2, decision_at=now + timedelta(days=4))
    overrides.confirm(session, by=manager, at=now)
    session.refresh_from_db()
    join(session, ten(parent), at=now, by=parent)
    assert TO_CONFIRM not in said(letter_of(parent).body)


def test_the_letter_says_the_last_class_and_how_many_classes_are_left(parent, other_parent, now):
    session = soon(count=4, capacity=3)
    join(session, ten(parent), at=now, by=parent)
    body = said(letter_of(parent).body)
    assert "Dernière séance : samedi" in body and "Nombre de séances : 4\n" in body
    running = soon(first_on=saturday_in(0) - timedelta(days=7), count=4, capacity=3)
    join(running, ten(other_parent), at=now, by=other_parent)
    missed = running.meetings.filter(starts_at__lte=timezone.now()).count()
    assert f"Nombre de séances : {4 - missed}\n" in said(letter_of(other_parent).body)


def test_the_arabic_heading_says_that_the_place_is_kept(parent, now):
    parent.language = "ar"
    parent.save()
    join(soon(capacity=6, minimum=4), ten(parent), at=now, by=parent)
    letter = letter_of(parent)
    assert letter.subject.startswith("مقعد محفوظ") and "مؤكد" not in letter.subject + letter.body


def test_a_wait_says_how_an_offer_comes_and_nothing_that_reads_like_a_place(parent, now, academy_settings):
    academy_settings.bank_details = "RIB 007 640 0001"
    academy_settings.save()
    session = soon(capacity=1)
    join(session, at=now)
    join(session, ten(parent), at=now, by=parent)
    letter = letter_of(parent)
    text, page = map(said, delivery.composed(letter))
    for words in (
        "rien à payer pour le moment",
        "48 heures pour répondre",
        "Si une place se libère, la première",
    ):
        assert words in text and words in page, words
    assert "RIB" not in text + page and "Première séance :" not in text and "Dernière séance" not in text


def test_a_place_names_the_bank_account_and_whatsapp_with_its_space(parent, now, academy_settings):
    academy_settings.bank_details, academy_settings.whatsapp = "RIB 007 640 0001", "+212661000000"
    academy_settings.save()
    join(soon(capacity=1), ten(parent), at=now, by=parent)
    text, _page = delivery.composed(letter_of(parent))
    assert "RIB 007" in text and "WhatsApp\xa0: http" in text
