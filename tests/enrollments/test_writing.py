"""Staff messages to families: in the reader's language, held for 30 seconds, undone,
undelivered ones phoned.
"""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from courses.timetable import scheduling
from enrollments.classes import messages
from enrollments.letters import delivery, outbox
from enrollments.models import Letter, Message
from enrollments.places import admission, withdrawal
from enrollments.privacy import erasure, retention
from tests.factories import ChildFactory, GuardianshipFactory, SessionFactory, StaffFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def session(instructor, now):
    """Return a session with a class in two days and an open roster: one child of a French reader, one of an
    Arabic reader without an address.
    """
    session = SessionFactory(
        first_on=timezone.localdate() + timedelta(days=2), instructors=[instructor], count=2, minimum=0
    )
    one, other = UserFactory(name="Samia Une"), UserFactory(name="Karim Deux", language="ar", email=None)
    for guardian, name in ((one, "Adam"), (other, "Lina")):
        admission.enroll(
            child=ChildFactory(guardian=guardian, age=10, first_name=name), session=session, by=None, at=now
        )
    Letter.objects.all().delete()
    return session


def test_looked_at_then_sent_in_each_readers_language_or_in_french_with_a_note(
    logged_in, instructor, session, now
):
    client, url = logged_in(instructor), reverse("desk_write", args=[session.pk])
    assert client.post(url, {"act": "look"}).status_code == 422
    typed = {"fr": "Apportez une boîte <vide>.", "act": "look"}
    look = client.post(url, typed).content.decode()
    assert (
        "2 responsables légaux" in look
        and "Samia Une" in look
        and "1 personne n’a pas d’adresse" in look
        and "&lt;vide&gt;" in look
    )
    assert not Message.objects.exists(), "looking sends nothing"
    page = client.post(url, typed | {"act": "send"}, follow=True).content.decode()
    assert "Envoi dans" in page and "wa.me/" in page
    french, arabic = Letter.objects.get(language="fr"), Letter.objects.get(language="ar")
    assert "boîte <vide>" in french.body and "(" not in french.body.split("boîte")[0].replace("(Ce", "")
    assert "لم يُكتب هذا النص بلغتكم" in arabic.body and "boîte" in arabic.body and arabic.channel == "desk"
    assert delivery.send_due(now + timedelta(seconds=5)) == 0 and not mail.outbox
    assert delivery.send_due(timezone.now() + messages.UNDO) == 1 and mail.outbox[0].to == [
        french.recipient.email
    ]


def test_called_back_within_half_a_minute_and_never_after(logged_in, instructor, session, now):
    first = messages.write(session, texts={"fr": "x"}, by=instructor, at=now)
    client = logged_in(instructor)
    client.post(reverse("desk_message_undo", args=[first.pk]))
    assert set(Letter.objects.values_list("state", flat=True)) == {"withheld"}
    assert delivery.send_due(now + timedelta(hours=1)) == 0
    late = messages.write(session, texts={"fr": "y"}, by=instructor, at=now - timedelta(seconds=31))
    assert (
        not messages.undo(late, at=now)
        and "Trop tard"
        in client.post(reverse("desk_message_undo", args=[late.pk]), follow=True).content.decode()
    )


def test_to_one_childs_guardians_alone_and_about_one_class(logged_in, instructor, session, now):
    adam = session.enrollments.get(child__first_name="Adam").child
    informed = UserFactory()
    GuardianshipFactory(child=adam, guardian=informed, rights="informed")
    meeting = session.meetings.get(number=2)
    client, url = logged_in(instructor), reverse("desk_write", args=[session.pk])
    client.post(url, {"fr": "Bravo", "child": adam.pk, "meeting": meeting.pk, "act": "send"})
    letters = Letter.objects.all()
    assert {letter.recipient for letter in letters} == {adam.guardians.first(), informed} and {
        letter.child for letter in letters
    } == {adam}
    stranger = ChildFactory()
    assert client.post(url, {"fr": "x", "child": stranger.pk, "act": "send"}).status_code == 422


def test_a_prepared_text_is_added_to_what_is_typed_and_loses_nothing(logged_in, instructor, session):
    client, url = logged_in(instructor), reverse("desk_write", args=[session.pk])
    adam = session.enrollments.get(child__first_name="Adam").child_id
    meeting = session.meetings.order_by("number").first().pk
    typed = {"fr": "Bonjour,", "ar": "", "en": "  Hello,\n", "child": str(adam), "meeting": str(meeting)}
    page = client.post(url, typed | {"ready": "laptop"})
    said = page.context["form"].initial
    assert page.status_code == 200 and not Message.objects.exists()
    assert said["fr"].startswith("Bonjour,\n") and "ordinateur portable" in said["fr"]
    assert "حاسوب محمول" in said["ar"] and said["en"].startswith("  Hello,\n") and "charger" in said["en"]
    body = page.content.decode()
    assert f'<option value="{adam}" selected>' in body and f'<option value="{meeting}" selected>' in body
    assert "errorlist" not in body
    twice = client.post(url, said | {"ready": "laptop"}).context["form"].initial
    assert twice == said, "pressed twice it stands once"
    more = client.post(url, said | {"ready": "late"}).context["form"].initial
    assert more["fr"].startswith(said["fr"] + "\n")
    assert client.post(url, typed | {"ready": "nothing"}).context["form"].initial["fr"] == "Bonjour,"
    assert "?ready=" not in client.get(url).content.decode()


def test_who_is_taken_off_a_session_reads_no_longer_what_they_wrote_there(
    logged_in, instructor, session, manager, now
):
    message = messages.write(session, texts={"fr": "x"}, by=instructor, at=now)
    page, undo = (reverse(name, args=[message.pk]) for name in ("desk_message", "desk_message_undo"))
    assert logged_in(instructor).get(page).status_code == 200
    scheduling.assign_session(session, [StaffFactory(role="Instructors")], at=now)
    client = logged_in(instructor)
    assert (client.get(page).status_code, client.post(undo).status_code) == (404, 404), "at once"
    assert logged_in(manager).get(page).status_code == 200 and not Message.objects.get().undone_at


def test_only_who_teaches_it_now_or_a_manager(logged_in, session, manager, front_desk, parent, now):
    other = StaffFactory(role="Instructors")
    message = messages.write(session, texts={"fr": "x"}, by=manager, at=now)
    for person in (other, front_desk, parent):
        client = logged_in(person)
        assert client.get(reverse("desk_write", args=[session.pk])).status_code == 404
        assert client.get(reverse("desk_message", args=[message.pk])).status_code == 404
        assert client.post(reverse("desk_message_undo", args=[message.pk])).status_code == 404
    assert logged_in(manager).get(reverse("desk_write", args=[session.pk])).status_code == 200
    far = SessionFactory(first_on=timezone.localdate() + timedelta(days=30), instructors=[other])
    assert logged_in(other).get(reverse("desk_write", args=[far.pk])).status_code == 404


def test_nobody_seated_nobody_written_to(logged_in, manager, now):
    empty = SessionFactory()
    with pytest.raises(messages.NobodyToRead):
        messages.write(empty, texts={"fr": "x"}, by=manager, at=now)
    assert (
        "personne ne recevrait ce message"
        in logged_in(manager).get(reverse("desk_write", args=[empty.pk])).content.decode()
    )


def test_what_was_written_of_a_child_goes_with_its_file_and_after_ninety_days(session, manager, now):
    child = session.enrollments.get(child__first_name="Adam").child
    about = messages.write(session, texts={"fr": "Adam"}, by=manager, at=now, child=child)
    to_all = messages.write(session, texts={"fr": "tous"}, by=manager, at=now)
    withdrawal.withdraw(child.enrollments.get(), by=child.guardians.get(), at=now)
    erasure.erase_child(child, by=manager, at=now)
    assert set(Message.objects.all()) == {to_all} and about.pk
    retention.retain(now + timedelta(days=91), apply=True)
    assert not Message.objects.exists()


def test_news_that_reached_nobody_stands_on_the_call_list_with_its_words(logged_in, front_desk, now):
    session = SessionFactory()
    child = ChildFactory(first_name="Salma")
    silent = GuardianshipFactory(child=child, guardian=UserFactory(name="Fatna Sansadresse")).guardian
    lost = GuardianshipFactory(child=child, guardian=UserFactory(name="Karim Rendu")).guardian
    reached = GuardianshipFactory(child=child, guardian=UserFactory(name="Laila Atteinte")).guardian
    type(silent).objects.filter(pk=silent.pk).update(email=None)
    silent.refresh_from_db()
    words = {"meeting": session.meetings.first(), "session": session}
    first, second, third = (
        outbox.write("absent", to=person, child=child, at=now, **words) for person in (silent, lost, reached)
    )
    Letter.objects.filter(pk=second.pk).update(state="failed")
    Letter.objects.filter(pk=third.pk).update(state="sent")
    client, url = logged_in(front_desk), reverse("office_calls")
    page = client.get(url).content.decode()
    assert (
        "Fatna Sansadresse" in page
        and "Karim Rendu" in page
        and "Laila Atteinte" not in page
        and "wa.me/" in page
    )
    for letter in (first, second):
        assert client.post(reverse("office_told", args=[letter.pk]), {"next": url}).url == url
    assert "Fatna" not in client.get(url).content.decode()
    assert set(Letter.objects.filter(pk__in=[first.pk, second.pk]).values_list("state", "told_by_ref")) == {
        ("sent", front_desk.pk)
    }


def test_the_office_reads_a_familys_letters_without_the_links_that_answer_for_it(
    logged_in, front_desk, parent, now
):
    body = "Oui ou non :\nhttp://localhost:8000/fr/offers/secret-token/\n\nhttp://localhost:8000/fr/family/\n"
    letter = outbox.write(
        "guardian_added", to=parent, at=now, name="Karim", child=ChildFactory(guardian=parent)
    )
    Letter.objects.filter(pk=letter.pk).update(body=body)
    client = logged_in(front_desk)
    for url in (reverse("office_person", args=[parent.pk]), reverse("office_letter", args=[letter.pk])):
        page = client.get(url).content.decode()
        assert "secret-token" not in page and "Oui ou non" in page
