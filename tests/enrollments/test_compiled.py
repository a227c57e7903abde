"""Precompiled queries: each matches its queryset, in every language, for any number of values."""

import sys
from datetime import timedelta
from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session as Login
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Model, QuerySet
from django.utils import timezone, translation
from wagtail.models import Page, PageViewRestriction

from academy.demo.foundations import lay_policies
from academy.signed_in import DJANGOS, PERSON, SessionStore
from courses.models import Equipment, InstructorPage, Prerequisite, Session
from enrollments.families import consents
from enrollments.models import (
    Child,
    Enrollment,
    Equivalence,
    Letter,
    PlaceEvent,
    PolicyVersion,
    Recommendation,
)
from enrollments.places import admission, seat_log
from home.cms.closed import paths_above
from home.database.compiled import MOST, Compiled, CompiledUpdate, insert, together
from home.language.table import LANGUAGES
from home.models import StandardPage
from tests.factories import (
    ChildFactory,
    ClosureFactory,
    CourseFactory,
    LessonFactory,
    SessionFactory,
    UserFactory,
    add_course_page,
    saturday_in,
)

OURS = ("home", "courses", "enrollments", "academy")


def questions() -> dict[str, list[Compiled]]:
    """Return all of them by name; several if there is one per language."""
    for name in (
        "academy.urls",
        "courses.catalogue.browse",
    ):  # the views, and what a page asks for only when it is served
        import_module(name)
    modules = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] in OURS]
    named = [
        (name, one)
        for module in modules
        for name, one in vars(module).items()
        if name.isupper() and name[0] != "_"
    ]
    found = {name: [one] for name, one in named if isinstance(one, Compiled)}
    for name, some in named:
        if isinstance(some, dict) and some and all(isinstance(one, Compiled) for one in some.values()):
            found[name] = list(some.values())
    there = {
        id(one)
        for name, some in named
        for one in (some.values() if isinstance(some, dict) else [some])
        if isinstance(one, Compiled)
    }
    assert len(there) == sum(map(len, found.values()))  # no two by one name
    return found


def every(found: dict[str, list[Compiled]], values: dict):
    """Return each query by name, with each of its forms."""
    for name, some in found.items():
        for one in some:
            for given in values[name] if isinstance(values[name], list) else [values[name]]:
                yield name, one, given


def plain(row, *, depth=3):
    """Return what a row knows without queries: its columns, and its selected related rows."""
    if not isinstance(row, Model):
        return row if isinstance(row, dict) else row._asdict()
    known = {name: value for name, value in vars(row).items() if not name.startswith("_")}
    assert known.keys() | row.get_deferred_fields() >= {field.attname for field in row._meta.concrete_fields}
    if depth:
        known |= {
            f"{name} →": plain(one, depth=depth - 1)
            for name, one in row._state.fields_cache.items()
            if one is not None
        }
    return known


@pytest.fixture
def child(parent):
    return ChildFactory(guardian=parent, age=10)


@pytest.fixture
def values(parent, instructor, site_tree, academy_settings):
    """Return values with a result for each query; several if it has several forms."""
    lay_policies()
    at = timezone.now()
    children = [ChildFactory(guardian=parent, age=10) for _one in range(2)]
    keys = sorted(child.pk for child in children)
    session, other = (SessionFactory(first_on=saturday_in(week)) for week in (2, 14))
    for child in children:
        held = admission.enroll(child=child, session=session, by=None, at=at)
    closure = ClosureFactory()
    for version in PolicyVersion.objects.for_children(at):
        consents.answer(version, guardian=parent, yes=True, language="fr", at=at, child=children[0])
    elsewhere = admission.enroll(child=children[0], session=other, by=None, at=at)
    Enrollment.objects.filter(session=session).update(due_at=at)
    Enrollment.objects.filter(pk=elsewhere.pk).update(state=Enrollment.State.CANCELLED, seat_ended_at=at)
    asking = CourseFactory()
    Prerequisite.objects.create(course=asking, required_course=session.course, kind=Prerequisite.Kind.COURSE)
    Equivalence.objects.create(child=children[0], course=asking, declared_at=at)
    Recommendation.objects.create(child=children[0], course=asking, given_by_ref=1, given_at=at)
    EmailAddress.objects.create(user=parent, email="second@example.org", verified=False)
    login = SessionStore()
    login["one"] = 1
    login.save()
    page = add_course_page(site_tree, session.course)["fr"]
    session.course.leads_to.add(asking)
    add_course_page(site_tree, asking)
    session.instructors.add(instructor)
    LessonFactory(course=session.course)
    Equipment.objects.create(course=session.course, item_fr="Casque", item_ar="سماعة", item_en="Headset")
    site_tree.home["fr"].add_child(
        instance=InstructorPage(
            title="Nadia", slug="nadia", role="Animatrice", user=instructor, locale=site_tree.locales["fr"]
        )
    )
    Page.objects.filter(pk=site_tree.catalogue["fr"].pk).update(show_in_menus=True)
    hidden = site_tree.home["fr"].add_child(
        instance=StandardPage(title="Entre nous", slug="entre-nous", locale=site_tree.locales["fr"])
    )
    PageViewRestriction.objects.create(page=hidden, restriction_type=PageViewRestriction.LOGIN)
    above = [page.path[:length] for length in range(page.steplen, len(page.path), page.steplen)]
    return {
        "SETTINGS": {"site": site_tree.site.pk},
        "FRAME": [{}, {"above": above, "key": page.translation_key}],
        "RESTRICTIONS": {"paths": paths_above(hidden)},
        "LIVE_PAGE": {"slug": page.slug, "path": page.url_path},
        "SHELVES": [{}, {"after": session.course_id}],
        "CURRENT": {"on": timezone.localdate()},
        "SESSIONS": {"course": session.course_id, "on": timezone.localdate()},
        "LESSONS": {"course": session.course_id},
        "EQUIPMENT": {"course": session.course_id},
        "WAYS_IN": {"course": asking.pk},
        "TEACHING": {"sessions": [session.pk]},
        "CHILDREN": [{"keys": keys}, {"keys": keys, "user": parent.pk}],
        "FULL_TIES": {"children": keys},
        "SESSION_ITSELF": {"key": session.pk},
        "NEXT_DUE": {"key": session.pk},
        "CANCELLED_ROWS": {"children": keys, "term": other.term_id},
        "LIVE_ROWS": {"children": keys},
        "MEETINGS": {"sessions": [session.pk], "at": at},
        "DOORS": {"courses": [asking.pk]},
        "EQUIVALENCES": {"children": keys, "courses": [asking.pk]},
        "RECOMMENDED": {"children": keys, "courses": [asking.pk]},
        "OUTSTANDING": {"user": parent.pk, "at": at},
        "TIES": {"user": parent.pk},
        "SESSION_SHOWN": {"key": session.pk},
        "PLACES_UNDER": {"user": parent.pk, "reference": held.reference},
        "CLASSES": {"sessions": [session.pk]},
        "CLOSURES": {"first": closure.starts_on, "last": closure.ends_on},
        "PLACES_PAID_FOR": {"references": [held.reference]},
        "CHILDREN_OF": {"user": parent.pk, "at": at},
        "PLACES_OF": {"children": keys, "at": at},
        "NEXT_MEETINGS": {"sessions": [session.pk], "at": at},
        "TEACHERS": {"meetings": [session.meetings.first().pk]},
        "TITLED": [{"at": at, "language": code} for code in LANGUAGES],
        "ANSWERS": {"children": keys},
        "UNPROVED": {"user": parent.pk},
        "SESSION": {"key": login.session_key, "at": at},
        "PERSON": {"key": parent.pk},
    }


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_each_says_what_its_queryset_says(values, language, django_assert_num_queries):
    found = questions()
    assert found.keys() == values.keys()
    with translation.override(language):
        for name, question, given in every(found, values):
            rows: QuerySet = question.rows(**given)
            expected = [plain(row) for row in rows]
            assert expected, name
            with django_assert_num_queries(1):
                answer = question(**given)
                assert [plain(row) for row in answer] == expected, name
            for row in answer:
                assert not isinstance(row, Model) or (row._state.db == "default" and not row._state.adding)


def test_none_depends_on_the_language_it_was_made_in(values):
    for name, question, given in every(questions(), values):
        made = set()
        for language in ("fr", "ar", "en"):
            with translation.override(language):
                anew = Compiled(question.rows)
                anew(**given)
                made.update(plan.sql for plan in anew.plans.values())
        assert len(made) == 1, name


def test_a_list_may_be_empty_or_long(parent, django_assert_num_queries):
    keys = [ChildFactory(guardian=parent).pk for _one in range(MOST + 1)]
    for some in (keys[:1], keys[:MOST], keys):
        with django_assert_num_queries(1):
            assert sorted(child.pk for child in seat_log.CHILDREN(keys=some)) == some
    with django_assert_num_queries(0):
        assert seat_log.CHILDREN(keys=[]) == []
        assert seat_log.locked_with_ties([]) == ({}, [])
    locked, ties = seat_log.locked_with_ties(keys, in_care_of=parent)
    assert sorted(locked) == sorted(tie.child_id for tie in ties) == keys
    assert seat_log.locked_with_ties(keys, in_care_of=UserFactory())[0] == {}


def test_values_are_values_and_never_words_of_the_question(parent):
    """A word that would end a quotation is searched for like any other."""
    children = Compiled(lambda name: Child.objects.filter(first_name=name))
    odd = ChildFactory(guardian=parent, first_name="L'\"%s); --")
    assert children(name=odd.first_name) == [odd]
    assert children(name="' OR '1'='1") == []


@pytest.mark.parametrize("fault", ["no key", object()], ids=["at the server", "before it is sent"])
def test_a_fault_in_the_middle_is_djangos_and_the_next_question_is_answered(parent, child, fault):
    if isinstance(fault, str) and connection.vendor != "postgresql":
        fault = object()  # SQLite compares a word with a number and finds nothing
    no_key = seat_log.CHILDREN.asked(keys=[fault])
    with pytest.raises(DatabaseError), transaction.atomic():
        together(
            seat_log.CHILDREN.asked(keys=[child.pk]), no_key, seat_log.FULL_TIES.asked(children=[child.pk])
        )
    children, ties = together(
        seat_log.CHILDREN.asked(keys=[child.pk]), seat_log.FULL_TIES.asked(children=[child.pk])
    )
    assert children == [child] and [tie.guardian for tie in ties] == [parent]


@pytest.mark.parametrize("key", [2**63, -(10**30)])
def test_a_number_too_large_for_a_key_is_no_row(parent, child, logged_in, key):
    assert seat_log.SESSION_ITSELF.rows(key=key).first() is None
    with transaction.atomic():
        assert seat_log.SESSION_ITSELF.one(key=key) is None
        assert seat_log.CHILDREN(keys=[child.pk, key]) == [child]
    assert logged_in(parent).get(f"/fr/family/enroll/{abs(key)}/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_what_locks_is_asked_in_a_transaction_only():
    child = ChildFactory(guardian=UserFactory())
    with pytest.raises(transaction.TransactionManagementError):
        seat_log.CHILDREN(keys=[child.pk])
    with transaction.atomic():
        assert seat_log.CHILDREN(keys=[child.pk]) == [child]


def test_a_seat_is_taken_where_one_is_and_nowhere_else(db):
    session, beside = SessionFactory(capacity=2, minimum=0), SessionFactory(capacity=2, minimum=0)
    Session.objects.filter(pk=session.pk).update(held_back=1)
    assert seat_log.TAKE_SEAT_IF_NONE_WAITS(key=session.pk) == 1
    assert (
        seat_log.TAKE_SEAT_IF_NONE_WAITS(key=session.pk) == seat_log.TAKE_SEAT(key=session.pk) == 0
    )  # what is held back is no seat
    Session.objects.filter(pk=session.pk).update(held_back=0)
    assert seat_log.JOIN_TAIL(key=session.pk) == 1
    assert seat_log.TAKE_SEAT_IF_NONE_WAITS(key=session.pk) == 0
    assert seat_log.TAKE_SEAT(key=session.pk) == 1
    session.refresh_from_db()
    before = beside.next_ticket
    beside.refresh_from_db()
    assert (session.seats_taken, session.waiting_count) == (2, 1) and session.next_ticket == before + 3
    assert (beside.seats_taken, beside.waiting_count, beside.next_ticket) == (0, 0, before)


def test_a_row_written_anew_is_as_save_writes_it(parent, child, now):
    def a_letter():
        return Letter(
            recipient=parent,
            child=child,
            kind="enrolled",
            language="ar",
            subject="Été",
            body="نص\n1",
            channel="email",
            written_at=now,
            next_try_at=now + timedelta(hours=1),
        )

    def event():
        return PlaceEvent(
            enrollment_ref=1, session_ref=2, child_ref=child.pk, to_state="seated", reason="enrolled", at=now
        )

    for make in (a_letter, event):
        saved, written = make(), insert(make())
        saved.save()
        assert not written._state.adding and written.pk != saved.pk
        rows = [plain(type(one).objects.get(pk=one.pk)) for one in (saved, written)]
        for row in rows:
            del row["id"]
            row.pop("message_id", None)  # one for each letter
        assert rows[0] == rows[1]
        with pytest.raises(ValueError):
            insert(written)
    letter = insert(a_letter())
    letter.subject = "Hiver"
    letter.save()  # an ordinary row from now on
    assert Letter.objects.get(pk=letter.pk).subject == "Hiver"


def test_a_login_that_is_over_or_unknown_is_nobodys(parent, client, logged_in):
    assert logged_in(parent).get("/fr/family/").status_code == 200
    browser = logged_in(parent)
    Login.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert browser.get("/fr/family/").status_code == 302
    browser = logged_in(parent)
    parent.is_active = False
    parent.save()
    assert browser.get("/fr/family/").status_code == 302
    client.cookies["session"] = "z" * 32
    assert client.get("/fr/family/").status_code == 302


def test_what_cannot_be_compiled_is_refused(parent):
    for rows in (
        lambda: Child.objects.prefetch_related("guardianships"),
        lambda: Child.objects.values_list("pk", flat=True),
        lambda: Child.objects.values_list("pk"),
        lambda: parent.guardianships.all(),
    ):
        with pytest.raises(TypeError):
            Compiled(rows)()


def test_what_equals_nothing_is_no_row(parent):
    assert PERSON.one(key=None) is None and seat_log.CHILDREN.asked(keys=[None]).plan is None


def test_a_seat_the_database_refuses_ends_the_transaction(db):
    session = SessionFactory(capacity=1, minimum=0)
    refused = CompiledUpdate(lambda key: Session.objects.filter(pk=key), seats_taken=F("seats_taken") + 2)
    with transaction.atomic():
        with pytest.raises(DatabaseError):
            refused(key=session.pk)
        with pytest.raises(transaction.TransactionManagementError):
            Session.objects.get(pk=session.pk)
        transaction.set_rollback(True)
    session.refresh_from_db()
    assert session.seats_taken == 0


def test_a_login_made_with_djangos_own_backend_goes_on(parent, client):
    login = SessionStore()
    login["_auth_user_id"], login["_auth_user_hash"], login["_auth_user_backend"] = (
        str(parent.pk),
        parent.get_session_auth_hash(),
        DJANGOS,
    )
    login.save()
    client.cookies["session"] = login.session_key
    assert client.get("/fr/family/").status_code == 200


def test_the_answer_to_the_terms_is_asked_anew_each_time(parent):
    lay_policies()
    now = timezone.now()
    assert PolicyVersion.objects.are_outstanding(parent, now)
    consents.accept_compulsory(parent, language="fr", at=now)
    assert not PolicyVersion.objects.are_outstanding(parent, timezone.now())
