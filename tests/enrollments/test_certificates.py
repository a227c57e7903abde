"""Certificates: issued in bulk, checked by their code, issued again, revoked, forgotten."""

import io
import re
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from pypdf import PdfReader

from courses.models import Meeting, Session
from enrollments.learning import certificates
from enrollments.models import Certificate, CertificateEvent, Child, Enrollment, Letter, ReadRecord
from enrollments.privacy import child_merge, data_export, erasure, journal
from tests.classes import put
from tests.factories import ChildFactory, CourseFactory, GuardianshipFactory, SessionFactory, UserFactory
from tests.queues import DAY, join

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings", "data_folder")]


@pytest.fixture
def over(now) -> Session:
    """A session of three classes that is over."""
    first_on = timezone.localdate(now) - timedelta(days=28)
    return SessionFactory(first_on=first_on, course=CourseFactory(title_ar="مصنع الألعاب", lessons=3))


def seated(session: Session, parent=None, **facts) -> Child:
    facts = {"first_name": "Salma", "last_name": "El Amrani"} | facts
    child = ChildFactory(guardian=parent or UserFactory(), **facts)
    join(session, child, at=session.first_at - 9 * DAY, by=None)
    return child


def mark_all(session: Session, child: Child, mark: str, by) -> None:
    for meeting in Meeting.objects.filter(session=session).select_related("session"):
        put(meeting, child, mark, by=by, at=meeting.starts_at)


def issued(session: Session, child: Child, manager, now) -> Certificate:
    return certificates.issue(session, {child.pk: ""}, by=manager, at=now)[0]


def check(client, code: str, language: str = "fr"):
    with translation.override(language):
        return client.get(reverse("certificate_check", args=[code]))


def confirmed(client, url: str, form: dict) -> int:
    """Press the button, then tick what the page asks about; return the status of the second answer."""
    asked = client.post(url, form)
    assert asked.status_code == 422
    return client.post(url, form | {"seen": seen_in(asked)}).status_code


def seen_in(answer) -> str:
    return re.search(r'name="seen" value="(\w+)"', answer.content.decode())[1]


def words_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


# ---- issued


def test_a_manager_issues_them_at_once_and_each_family_gets_one_letter(
    logged_in, manager, parent, over, now, instructor
):
    siblings = [seated(over, parent), seated(over, parent, first_name="Adam")]
    never = seated(over, first_name="Lina")
    mark_all(over, never, "absent", instructor)
    mark_all(over, siblings[0], "present", instructor)
    client, url = logged_in(manager), reverse("office_certificates", args=[over.pk])
    page = client.get(url)
    assert [(one.child, one.has_completed) for one, _tick, _ground in page.context["form"].lines] == [
        (siblings[1], True), (never, False), (siblings[0], True),
    ]  # fmt: skip
    assert ReadRecord.objects.filter(what="certificate", by_ref=manager.pk).count() == 3
    ticks = {f"child_{child.pk}": "on" for child in siblings}
    asked = client.post(url, ticks)
    said = asked.content.decode()
    assert "2 certificats seront délivrés." in said and "1 responsable légal reçoit un e-mail." in said
    assert asked.status_code == 422 and not Certificate.objects.exists(), "asked first"
    ticks["seen"] = seen_in(asked)
    other = ticks | {f"child_{never.pk}": "on", f"ground_{never.pk}": "at_home"}
    assert client.post(url, other).status_code == 422, "more children than were read of"
    assert [client.post(url, ticks).status_code for _press in range(2)] == [302, 302], "a double click"
    assert Certificate.objects.count() == CertificateEvent.objects.count() == 2
    letter = Letter.objects.get(recipient=parent, kind="certificate")
    assert Letter.objects.filter(kind="certificate").count() == 1
    for row in Certificate.objects.all():
        assert f"/children/{row.child_id}/certificates/{row.pk}/" in letter.body and row.ground == "completed"
    assert letter.about and letter.child is None


def test_an_exception_needs_a_reason_and_keeps_it(logged_in, manager, over, instructor):
    child = seated(over)
    mark_all(over, child, "absent", instructor)
    client, url = logged_in(manager), reverse("office_certificates", args=[over.pk])
    refused = client.post(url, {f"child_{child.pk}": "on"})
    assert refused.status_code == 422 and not Certificate.objects.exists()
    assert refused.context["form"][f"child_{child.pk}"].value(), "the tick is not lost"
    assert confirmed(client, url, {f"child_{child.pk}": "on", f"ground_{child.pk}": "at_home"}) == 302
    assert Certificate.objects.get().ground == "at_home"
    assert CertificateEvent.objects.get().reason == "at_home"


@pytest.mark.parametrize("ground", ["", "completed", "invented"])
def test_the_verb_itself_refuses_an_exception_without_a_reason(manager, over, instructor, now, ground):
    child = seated(over)
    mark_all(over, child, "absent", instructor)
    with pytest.raises(certificates.Refused) as refusal:
        certificates.issue(over, {child.pk: ground}, by=manager, at=now)
    assert refusal.value.code is certificates.Reason.GROUND


def test_none_before_the_last_class_has_ended_and_none_for_a_strange_child(manager, over, now):
    child = seated(over)
    for at, keys, code in [
        (over.over_at - timedelta(seconds=1), [child.pk], certificates.Reason.NOT_OVER),
        (now, [ChildFactory().pk], certificates.Reason.NOT_THERE),
    ]:
        with pytest.raises(certificates.Refused) as refusal:
            certificates.issue(over, dict.fromkeys(keys, ""), by=manager, at=at)
        assert refusal.value.code is code
    assert len(certificates.issue(over, {child.pk: ""}, by=manager, at=over.over_at)) == 1


def test_a_child_without_any_mark_is_not_ticked_and_needs_no_reason(logged_in, manager, over, instructor):
    marked, unmarked = seated(over, first_name="Adam"), seated(over, first_name="Nora")
    put(over.meetings.first(), marked, "present", by=instructor, at=over.first_at)
    client, url = logged_in(manager), reverse("office_certificates", args=[over.pk])
    page = client.get(url)
    lines = page.context["form"].lines
    assert [(one.child, tick.value(), ground) for one, tick, ground in lines] == [
        (marked, False, None), (unmarked, False, None),
    ]  # fmt: skip
    assert "1 sur 1, présence non relevée pour 2 séances" in page.content.decode()
    second = over.meetings.order_by("starts_at")[1]
    put(second, marked, "absent", by=instructor, at=second.starts_at)
    lines = client.get(url).context["form"].lines
    assert [tick.value() for _one, tick, _ground in lines] == [True, False], "one class without a mark"
    assert confirmed(client, url, {f"child_{unmarked.pk}": "on"}) == 302
    assert Certificate.objects.get().child == unmarked, "somebody who knows ticks it"


def test_a_child_that_left_is_listed_and_not_ticked(logged_in, manager, over, now):
    child = seated(over)
    Enrollment.objects.filter(child=child).update(state="withdrawn", seat_ended_at=over.over_at - DAY)
    page = logged_in(manager).get(reverse("office_certificates", args=[over.pk]))
    assert [one.has_completed for one, _tick, _ground in page.context["form"].lines] == [False]


def test_the_same_number_of_queries_for_one_and_for_three(logged_in, manager, over, queries):
    client, url = logged_in(manager), reverse("office_certificates", args=[over.pk])
    seated(over)
    client.get(url)
    with queries() as one:
        client.get(url)
    seated(over, first_name="Adam"), seated(over, first_name="Lina")
    client.get(url)
    with queries() as three:
        client.get(url)
    assert len(one) == len(three)


# ---- the public page


def test_the_page_says_initials_course_month_and_nothing_else(client, manager, over, now):
    row = issued(over, seated(over), manager, now)
    assert len(row.code) == 28 and len(certificates.ALPHABET) ** 28 > 2**128
    titles = {"fr": over.course.title_fr, "ar": "مصنع الألعاب", "en": over.course.title_en}
    for language, title in titles.items():
        response = check(client, row.shown_code, language)
        page = response.content.decode()
        assert response.status_code == 200 and title in page and "S. E." in page
        assert str(over.last_on.year) in page
        for hidden in ("Salma", "Amrani", str(row), over.room.venue.name, f"{over.last_on.day}/"):
            assert hidden not in page
    assert "no-store" in response["Cache-Control"] and response["X-Robots-Tag"] == "noindex"
    assert check(client, row.code.lower()).status_code == 200, "typed without hyphens, in small letters"
    assert client.post(reverse("certificate_check", args=[row.code])).status_code == 405


def test_every_failure_looks_the_same(client, manager, over, now):
    row, gone = (issued(over, seated(over), manager, now) for _time in range(2))
    protected = issued(over, seated(over), manager, now)
    erased_code = gone.shown_code
    Enrollment.objects.filter(child=gone.child).update(state="withdrawn", seat_ended_at=now)
    erasure.erase_child(gone.child, by=manager, at=now)
    Child.objects.filter(pk=protected.child_id).update(is_protected=True)
    altered = row.code[:5] + ("3" if row.code[5] == "2" else "2") + row.code[6:]
    bodies = set()
    for code in (erased_code, protected.shown_code, altered, row.code[:-1], row.code + "2", "é" * 28):
        response = client.get(f"/fr/certificate/{code}/")
        assert response.status_code == 404, code
        assert response["Cache-Control"] == "no-store" and response["X-Robots-Tag"] == "noindex"
        page = re.sub(r"/certificate/[^\"<]*", "", response.content.decode())
        bodies.add(re.sub(r'(maxlength="40")\s+value="[^"]*"', r"\1", page))
    (page,) = bodies
    assert erased_code not in page
    assert 'name="code"' in page and "Aucun certificat ne porte ce code" in page
    assert client.get("/fr/certificate/%00/").status_code == 404
    assert check(client, row.code).status_code == 200


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_a_code_is_typed_as_it_is_printed_and_typed_again_after_a_slip(client, manager, over, now, language):
    row = issued(over, seated(over), manager, now)
    with translation.override(language):
        for nothing in ("", " - ", "/", "../"):
            empty = client.get(box := reverse("certificate_code"), {"code": nothing})
            assert empty.status_code == 200 and 'role="alert"' not in empty.content.decode()
        slip = client.get(box, {"code": row.shown_code[:-1] + "/"}, follow=True)
        page = slip.content.decode()
        assert slip.status_code == 404 and 'role="alert"' in page and f'action="{box}"' in page
        assert f'value="{row.shown_code[:-1]}"' in page, "what was typed stays, to be corrected"
        again = client.get(box, {"code": f" {row.shown_code.lower()} "}, follow=True)
        assert again.status_code == 200 and "S. E." in again.content.decode()


def unknown(number: int) -> str:
    """Return a well-formed code that no certificate has."""
    return certificates.ALPHABET[number] * 28


def test_twenty_unknown_codes_close_the_page_to_guessing_and_never_to_a_certificate(
    client, manager, over, now
):
    first, second = (issued(over, seated(over), manager, now) for _time in range(2))
    caches["default"].clear()
    assert check(client, first.code).status_code == 200
    for number in range(20):
        assert check(client, unknown(number)).status_code == 404
    assert check(client, second.code).status_code == 200, "a certificate not yet seen here is answered"
    closed = check(client, unknown(20))
    assert closed.status_code == 429 and closed["Retry-After"] == "600"
    assert closed["Cache-Control"] == "no-store"


def test_what_cannot_be_a_code_does_not_count_as_guessing(client, manager, over, now):
    row = issued(over, seated(over), manager, now)
    caches["default"].clear()
    for number in range(25):
        assert check(client, f"{row.code[: number + 1]}").status_code == 404, "still typing"
        assert check(client, f"WRONG{number}").status_code == 404
    for _again in range(25):
        assert check(client, unknown(0)).status_code == 404, "the same one counts once"
    assert check(client, unknown(1)).status_code == 404


# ---- corrected, revoked, forgotten


def test_a_revoked_one_is_printed_no_more_and_the_child_can_get_another(
    logged_in, manager, parent, front_desk, over, now, client
):
    child = seated(over, parent)
    row = issued(over, child, manager, now)
    url = reverse("office_certificate_revoke", args=[row.pk])
    assert logged_in(front_desk).post(url).status_code == 404
    assert [logged_in(manager).post(url).status_code for _press in range(2)] == [302, 302]
    assert Letter.objects.filter(kind="certificate_revoked").count() == 1
    assert CertificateEvent.objects.filter(what="revoked").count() == 1
    family = logged_in(parent)
    assert family.get(reverse("certificate_pdf", args=[child.pk, row.pk])).status_code == 404
    page = family.get(reverse("certificate", args=[child.pk, row.pk])).content.decode()
    assert "n’est plus valable" in page and "certificate.pdf" not in page and "délivré par erreur" in page
    assert "n’est plus valable" in check(client, row.code).content.decode()
    assert issued(over, child, manager, now).code != row.code


def test_erasure_leaves_a_number_and_no_name_and_no_code(logged_in, manager, parent, over, now):
    child = seated(over, parent, first_name_ar="سلمى")
    row = issued(over, child, manager, now)
    assert data_export.told_of(parent, now)["children"][0]["certificates"][0]["code"] == row.code
    Enrollment.objects.filter(child=child).update(state="withdrawn", seat_ended_at=now)
    erasure.erase_child(child, by=manager, at=now)
    row.refresh_from_db()
    assert (row.code, row.first_name, row.last_name, row.first_name_ar) == (None, "", "", "")
    assert row.completed_on == over.last_on and CertificateEvent.objects.get().certificate_ref == row.pk
    assert logged_in(manager).get(reverse("office_certificate", args=[row.pk])).status_code == 404


def test_two_files_made_one_keep_one_valid_certificate_for_a_session(manager, parent, over, now):
    kept, gone = seated(over, parent), seated(over, parent)
    for child in (kept, gone):
        issued(over, child, manager, now)
    Enrollment.objects.filter(child=gone).update(state="withdrawn", seat_ended_at=now)
    Letter.objects.all().delete()
    child_merge.propose(kept, gone, by=manager, at=now)
    told = Letter.objects.get(kind="merged")
    stays = Certificate.objects.valid().get(child=kept)
    assert f"/children/{kept.pk}/certificates/{stays.pk}/" in told.body and stays.title_fr in told.body
    rows = Certificate.objects.filter(child=kept).order_by("pk")
    assert [(row.is_valid, row.revoked_for) for row in rows] == [(True, ""), (False, "merged")]


def test_the_journal_tells_of_every_act(logged_in, manager, over, now):
    issued(over, seated(over), manager, now)
    assert [row["word"] for row in journal.rows("certificates")] == ["issued"]
    page = logged_in(manager).get(reverse("office_journal"), {"kind": "certificates"}).content.decode()
    assert "certificat délivré" in page and "Amrani" not in page


# ---- on paper, and whose it is


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_paper_has_the_name_of_its_language_the_title_and_the_link(
    logged_in, manager, parent, over, now, language, settings
):
    child = seated(over, parent, first_name_ar="سلمى", last_name_ar="العمراني")
    row = issued(over, child, manager, now)
    with translation.override(language):
        response = logged_in(parent).get(reverse("certificate_pdf", args=[child.pk, row.pk]))
        page = logged_in(parent).get(reverse("certificate", args=[child.pk, row.pk])).content.decode()
    pdf = PdfReader(io.BytesIO(response.content))
    box, words = pdf.pages[0].mediabox, words_of(response.content)
    assert len(pdf.pages) == 1 and box.width > box.height and "no-store" in response["Cache-Control"]
    link = f"{settings.SITE_URL}/{language}/certificate/{row.shown_code}/"
    assert link in words and link in page
    name = "سلمى العمراني" if language == "ar" else "Salma El Amrani"
    assert name in page
    if language != "ar":  # shaped letters are read from the picture
        assert name in words and getattr(over.course, f"title_{language}") in words


def test_without_an_arabic_name_the_latin_one_is_isolated(logged_in, manager, parent, over, now):
    child = seated(over, parent)
    row = issued(over, child, manager, now)
    with translation.override("ar"):
        assert row.name == "\u2068Salma El Amrani\u2069"
        response = logged_in(parent).get(reverse("certificate_pdf", args=[child.pk, row.pk]))
    assert "Salma El Amrani" in words_of(response.content)


@pytest.mark.parametrize("route", ["certificate", "certificate_pdf", "certificate_badge"])
def test_somebody_elses_certificate_is_missing(logged_in, manager, parent, other_parent, over, now, route):
    mine, theirs = seated(over, parent), seated(over, other_parent)
    row = issued(over, theirs, manager, now)
    client = logged_in(parent)
    assert client.get(reverse(route, args=[theirs.pk, row.pk])).status_code == 404
    assert client.get(reverse(route, args=[mine.pk, row.pk])).status_code == 404, "under one's own child"
    assert logged_in(other_parent).get(reverse(route, args=[theirs.pk, row.pk])).status_code == 200


def test_a_protected_childs_page_and_paper_say_nothing_new_and_the_check_nothing_at_all(
    client, logged_in, manager, parent, over, now
):
    child = seated(over, parent)
    row = issued(over, child, manager, now)
    pages = [reverse(name, args=[child.pk, row.pk]) for name in ("certificate", "certificate_pdf")]

    def shown():
        page, paper = (logged_in(parent).get(url).content for url in pages)
        return re.sub(r'value="[^"]{60,}"|nonce="[^"]+"', "", page.decode()), words_of(paper)

    before = shown()
    Child.objects.filter(pk=child.pk).update(is_protected=True)
    assert shown() == before and row.shown_code in before[1]
    assert client.get(reverse("certificate_check", args=[row.shown_code])).status_code == 404


def test_an_informed_guardian_reads_it_too(logged_in, manager, parent, other_parent, over, now):
    child = seated(over, parent)
    GuardianshipFactory(child=child, guardian=other_parent, rights="informed")
    row = issued(over, child, manager, now)
    told = Letter.objects.filter(kind="certificate")
    assert {letter.recipient for letter in told} == {parent, other_parent}
    page = reverse("certificate", args=[child.pk, row.pk])
    assert "avec tous les droits peut le corriger" in logged_in(other_parent).get(page).content.decode()
    said = logged_in(parent).get(page).content.decode()
    assert "Corrigez-le dans le dossier" in said and gettext("Do you have a question?") in said
    assert reverse("child_change", args=[child.pk]) in said
    assert str(row.pk) in logged_in(other_parent).get(reverse("child", args=[child.pk])).content.decode()
