"""Every route × eleven identities × GET and POST, in one table (trust 19).

A route missing from the table fails the suite.

One letter per identity, in this order: Visitor, Unverified (password correct, emailed code not entered yet),
Full guardian, Informed guardian, Removed guardian, Other parent, insTructor of the session, other inStructor,
Editor, front Desk, Manager. The letters:

    k 200   l to the sign-in page   r another redirect   n 404   x 405   w 422   f 403   g 410   c 409

Each request is rolled back. Where an existing object answers 404, the same request for a missing one must
have the same body, so that nothing is revealed.
"""

import re
from datetime import time, timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext

from academy import clockwork
from academy.demo.foundations import lay_policies
from courses.models import LessonBlock, Meeting
from enrollments.calendars import feeds
from enrollments.classes import incidents, messages, pickup_passes, progress, surveys
from enrollments.classes.diary import write_diary
from enrollments.families import consents, guardian_accounts, guardians, login_cards
from enrollments.letters import outbox, preferences
from enrollments.models import (
    Barring,
    Certificate,
    Enrollment,
    Guardianship,
    MakeUp,
    MergeProposal,
    PolicyVersion,
    SurveyLink,
)
from enrollments.money import receipts
from enrollments.permissions import EDITOR, INSTRUCTOR
from enrollments.places import admission, offer_links, withdrawal
from enrollments.portfolio import class_photos, print_queue, showcase
from enrollments.privacy import data_export
from enrollments.staff import team
from tests.classes import begin
from tests.factories import (
    PASSWORD,
    ChildFactory,
    GuardianshipFactory,
    LessonFactory,
    SessionFactory,
    StaffFactory,
    UserFactory,
    add_course_page,
)
from tests.prints import a_model, a_printer, a_spool
from tests.table import TABLE
from tests.works import made_by, photo_of, photographed

pytestmark = pytest.mark.django_db
IDENTITIES = "VUFIROTSEDM"
NAMES = (
    "visitor",
    "unverified",
    "full",
    "informed",
    "removed",
    "other parent",
    "instructor",
    "other instructor",
    "editor",
    "desk",
    "manager",
)
LETTERS = {200: "k", 404: "n", 405: "x", 422: "w", 403: "f", 410: "g", 409: "c"}

# Third-party rooms, by the beginning of their address; their own tests and tests/academy/test_middleware.py
# look into them.
PREFIXES = ("cms/", "documents/", "media/", "account/", "mailbox/")


def walk(patterns, before=""):
    """Return (name, URL pattern) of every route."""
    for entry in patterns:
        address = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield entry.name, address
        else:
            yield from walk(entry.url_patterns, address)


def our_routes() -> set[str]:
    found = set()
    for name, address in walk(get_resolver().url_patterns):
        bare = re.sub(r"^\^?(fr|ar|en)/", "", address).lstrip("^")
        if not bare.startswith(PREFIXES):
            found.add(name or address)
    return found


@pytest.fixture
def world(site_tree, academy_settings, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return furnish_world(site_tree)


def furnish_world(site_tree) -> SimpleNamespace:
    """Create one of everything a URL can name, and the users."""
    lay_policies()
    at = timezone.now()
    people_here = {
        "F": UserFactory(name="Fatiha Plein", email="full@example.org"),
        "I": UserFactory(name="Ismail Lecteur", email="informed@example.org"),
        "R": UserFactory(name="Rachid Parti", email="removed@example.org"),
        "O": UserFactory(name="Ouafa Autre", email="stranger@example.org"),
        "U": UserFactory(name="Umar Nouveau", email="unverified@example.org", verified=False),
        "T": StaffFactory(role=INSTRUCTOR),
        "S": StaffFactory(role=INSTRUCTOR),
        "E": StaffFactory(role=EDITOR),
        "D": StaffFactory(role="Front desk"),
        "M": StaffFactory(role="Programme managers"),
    }
    full, manager = people_here["F"], people_here["M"]
    child = ChildFactory(first_name="Nesrine", last_name="Plein")
    GuardianshipFactory(child=child, guardian=full)
    informed = GuardianshipFactory(child=child, guardian=people_here["I"], rights="informed")
    gone = GuardianshipFactory(child=child, guardian=people_here["R"])
    guardians.remove(gone, by=manager, at=at, paper=Barring.Paper.JUDGMENT)
    session = SessionFactory(first_on=timezone.localdate(), instructors=[people_here["T"]])
    session.opens_at, session.closes_at = at - timedelta(days=30), None
    session.save()
    for person in people_here.values():
        consents.accept_compulsory(person, language="fr", at=at)
    place = admission.enroll(child=child, session=session, by=full, at=at)
    add_course_page(site_tree, session.course)
    said = progress.declare_equivalent(
        child=ChildFactory(guardian=full), course=session.course, by=full, at=at
    )
    invitation, token = guardians.invite(
        children=[child], relation="other", rights="informed", email="", by=full, at=at
    )
    alone = guardian_accounts.open_account(
        name="Fatna Seule", phone="+212600000077", email="", language="fr", at=at
    )
    _card, card = login_cards.issue(alone, by=manager, at=at)
    offer, offer_token = team.invite(
        email="new@example.org", name="Rim", role=INSTRUCTOR, language="fr", by=manager, at=at
    )
    message = outbox.write("guardian_added", to=alone, at=at, child=child, name="x")
    barring = Barring.objects.create(
        child=child, name="Hamid", paper="judgment", seen_on=at.date(),
        recorded_by_ref=manager.pk, recorded_at=at,
    )  # fmt: skip
    twin = ChildFactory(first_name="Nesrine", last_name="Plein", birth_date=child.birth_date, guardian=full)
    merge = MergeProposal.objects.create(kept=child, gone=twin, proposed_by_ref=manager.pk, proposed_at=at)
    other = SessionFactory(starts=time(9), ends=time(10))
    into = SessionFactory(course=session.course, starts=time(9), ends=time(10))
    ended = SessionFactory(starts=time(11), ends=time(12))
    withdrawal.cancel_session(ended, by=manager, at=at, reason="too_few")
    ended.refresh_from_db()
    offered = Enrollment.objects.create(
        child=child,
        session=other,
        state="offered",
        ticket=1,
        price=1,
        first_meeting_on=other.first_on,
        created_at=at,
        changed_at=at,
        offered_at=at,
        offer_until=at + timedelta(days=2),
        due_at=at + timedelta(days=1),
    )
    receipt = receipts.receive(
        place.reference,
        amount=Decimal(100),
        method="cash",
        payer=full,
        by=manager,
        at=at,
        form_key=UUID(int=1),
    )
    clockwork.run_due(at)
    meeting, later, *_more = session.meetings.order_by("number")
    meeting = begin(meeting, at - timedelta(minutes=5))
    taught = LessonFactory(course=session.course, number=71)
    LessonBlock.objects.create(lesson=taught, kind="step", text="x", for_learner=True)
    Meeting.objects.filter(pk=meeting.pk).update(lesson=taught)
    begin(later, at + timedelta(days=6))
    day_pass, day_pass_token = pickup_passes.give(
        child, name="Fatima Tante", on=timezone.localdate(at), by=full, at=at
    )
    incident = incidents.write(
        child, meeting, happened_at=at, what="x", done="x", told="x", by=manager, at=at
    )
    host = into.meetings.order_by("number").last()
    make_up = MakeUp.objects.create(
        child=child, missed=meeting, host=host, booked_at=at, booked_by_ref=full.pk
    )
    certificate = Certificate.objects.create(
        child=child, session=into, code="B" * 28, ground="completed", first_name="x", title_fr="x",
        completed_on=at.date(), issued_at=at, issued_by_ref=manager.pk,
    )  # fmt: skip
    project = made_by(child, full, photographed())
    model = a_model(child, full)
    version = PolicyVersion.objects.get(policy__code="photo-families")
    consents.answer(version, guardian=full, yes=True, language="fr", at=at, child=child)
    photos = [photo_of(meeting, [child], people_here["T"], size=size) for size in ((90, 60), (60, 90))]
    class_photos.hide(photos[1], child=child, by=full, at=at)
    version = PolicyVersion.objects.get(policy__code="work-showcase")
    consents.answer(version, guardian=full, yes=True, language="fr", at=at, child=child)
    words = {"title": "Robot", "story": "", "picture": project.picture}
    story = showcase.approve(project, **words, by=manager, at=at)
    return SimpleNamespace(
        story=story.code,
        project=project.pk,
        photo=photos[0].pk,
        removed=photos[1].pk,
        work=project.picture.pk,
        certificate=certificate.pk,
        term=session.term_id,
        piece=model.project_id,
        model=model.pk,
        print=print_queue.ask(model, by=full, at=at).pk,
        printer=a_printer().pk,
        spool=a_spool(manager).pk,
        later=later.pk,
        kit=write_diary(meeting, by=people_here["T"], at=at, kit_missing="x").pk,
        day_pass=day_pass.pk,
        day_pass_token=day_pass_token,
        incident=incident.pk,
        make_up=make_up.pk,
        meeting=meeting.pk,
        wish=preferences.token_for(full, "weekly"),
        note=messages.write(session, texts={"fr": "x"}, by=manager, at=at).pk,
        feed=feeds.open_feed(full, child, at=at)[1],
        into=into.pk,
        ended=ended.pk,
        receipt=receipt.pk,
        row=place.pk,
        offer_link=offer_links.token_for(offered, full),
        twin=twin.pk,
        merge=merge.pk,
        people=people_here,
        child=child.pk,
        informed=informed.pk,
        session=session.pk,
        place=place.reference,
        said=said.pk,
        lesson=LessonFactory(course=session.course).pk,
        invitation=invitation.pk,
        token=token,
        person=full.pk,
        alone=alone.pk,
        card=card,
        offer=offer.pk,
        offer_token=offer_token,
        message=message.pk,
        barring=barring.pk,
        colleague=people_here["S"].pk,
        copy=data_export.make(full, at=at).name,
        course=session.course.code,
        course_key=session.course_id,
        questions=surveys.token_for(
            SurveyLink.objects.create(
                guardian=full, session=session, asked_hash="a" * 64, expires_at=at + timedelta(days=1)
            )
        ),
        second=said.child_id,
    )


def client_of(who: str, world) -> Client:
    """Sign in like a user who has just confirmed the password."""
    client = Client()
    client.raise_request_exception = True
    if who == "V":
        return client
    user = world.people[who]
    if who == "U":
        client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
        assert "_auth_user_id" not in client.session
        return client
    client.force_login(user, backend="academy.signed_in.ModelBackend")
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302
    return client


def args_of(names: str, world) -> list:
    return [getattr(world, name) if hasattr(world, name) else name for name in names.split()]


def missing(args: list) -> list:
    """Return the same URL for a missing object."""
    kinds = {int: 99_999_999, UUID: UUID(int=7), str: "AL-ZZZZZZ"}
    return [kinds[type(arg)] if place == 0 else arg for place, arg in enumerate(args)]


class Undo(Exception):
    pass


def answer(client, method: str, url: str) -> tuple[str, str]:
    """Return (the letter of the response, its body); all writes are rolled back."""
    cookies = client.cookies.copy()
    try:
        with transaction.atomic():
            response = getattr(client, method)(url)
            read = response.getvalue()  # a file as well: read to its end, it is closed
            body = "" if response.streaming else read.decode(errors="replace")
            if response.status_code in {301, 302}:
                letter = "l" if response["Location"].startswith("/fr/account/login/") else "r"
            else:
                letter = LETTERS.get(response.status_code, str(response.status_code))
            raise Undo
    except Undo:
        client.cookies = cookies
        return letter, body


def bare(body: str, url: str) -> str:
    """Return a page without its own URL, the code that was typed, and random parts."""
    tail = url.split("/", 2)[2]
    body = re.sub(r'<input\b[^>]*\bname="code"[^>]*>', "", body)
    return re.sub(r'value="[^"]{20,}"', "", body.replace(tail, "…"))


def test_every_route_stands_in_the_table():
    assert our_routes() - set(TABLE) == set(), "routes nobody has said who may use"
    assert set(TABLE) - our_routes() == set(), "rows of routes that are gone"


@pytest.mark.parametrize("who", IDENTITIES, ids=NAMES)
def test_each_identity_gets_what_the_table_says(world, who):
    client, column, wrong = client_of(who, world), IDENTITIES.index(who), []
    for name, (names, *expected) in TABLE.items():
        args = args_of(names, world)
        url = reverse(name, args=args)
        for method, row in zip(("get", "post"), expected, strict=True):
            letter, body = answer(client, method, url)
            if letter != row[column]:
                wrong.append(f"{method} {name}: {letter} instead of {row[column]}")
            elif letter == "n" and args:
                nowhere = reverse(name, args=missing(args))
                other, there = answer(client, method, nowhere)
                if other != "n" or bare(body, url) != bare(there, nowhere):
                    wrong.append(f"{method} {name}: a missing one is answered otherwise ({other})")
    assert wrong == []


def test_an_address_that_only_takes_a_form_leads_to_the_page_with_that_form(world):
    """As after signing in again: the browser asks for the address of the form by GET."""
    clients, found, wrong = {}, 0, []
    not_saved = gettext("Your last action was not saved. Please repeat it here.")
    for name, (names, _get, post) in TABLE.items():
        url = reverse(name, args=args_of(names, world))
        if not hasattr(resolve(url).func, "only_takes_a_form"):
            continue
        found += 1
        able = next((who for who, letter in zip(IDENTITIES, post, strict=True) if letter in "rw"), "M")
        if able not in clients:  # confirming the password is limited to ten a minute
            clients[able] = client_of(able, world)
        client = clients[able]
        response = client.get(url, follow=True)
        if not_saved not in response.content.decode() or response.status_code != 200:
            wrong.append(f"{name}: {response.status_code} {response.redirect_chain}")
    assert wrong == []
    assert found >= 33
    assert [name for name, (_names, get, _post) in TABLE.items() if "x" in get] == []


def test_a_removed_guardian_is_told_nothing_anywhere(world):
    """Check that the child's name is on no page of a former guardian."""
    client = client_of("R", world)
    for name, (names, *_expected) in TABLE.items():
        _letter, body = answer(client, "get", reverse(name, args=args_of(names, world)))
        # A full guardian's link is told by that guardian, and the showcase by a full guardian's consent.
        if name not in {"invitation", "offer", "showcase", "showcase_remove"}:
            assert "Nesrine" not in body, name
        assert "Plein" not in body or name in {"invitation", "offer"}, name


def test_control_the_tie_is_what_opens_the_file(world):
    client, url = client_of("R", world), reverse("child", args=[world.child])
    assert answer(client, "get", url)[0] == "n"
    guardians.add_guardian(
        child=Guardianship.objects.get(pk=world.informed).child,
        guardian=world.people["R"],
        relation="father",
        rights="full",
    )
    assert answer(client, "get", url)[0] == "k"
