"""The team's shell and Today: the tabs of each role, what waits and how much of it, at a cost that does not
grow.
"""

import re
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import Session
from enrollments.classes import dismissal
from enrollments.letters import outbox
from enrollments.models import Enrollment, Equivalence, Letter, Presence
from enrollments.money import receipts
from enrollments.places import admission
from enrollments.staff.worklist import Worklist
from home.language.dates import day_words
from tests.classes import begin, class_now, kids, put
from tests.factories import ChildFactory, LessonFactory, SessionFactory, StaffFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
MINUTE = timedelta(minutes=1)
NAV = re.compile(r'<nav class="tabs.*?</nav>', re.S)


def tabs(client, url) -> dict[str, str]:
    """Return the tabs shown on that page: route's address → count, or nothing."""
    nav = NAV.search(client.get(url).content.decode()).group()
    found = re.findall(r'<a href="([^"]+)"[^>]*>(.*?)</a>', nav, re.S)
    return {url: "".join(re.findall(r"tabs__count\">\s*(\d+)", words)) for url, words in found}


def routes(*names):
    return [reverse(name) for name in names]


def section(client, code):
    sections = client.get(reverse("office")).context["sections"]
    return next(one for one in sections if one.code == code)


def begun(days=0, *, at, price=1200, **facts) -> Enrollment:
    """Return a paid seat in a session whose first class was that many days ago."""
    session = SessionFactory(first_on=timezone.localdate(at) + timedelta(days=7), price=price, **facts)
    guardian = UserFactory()
    seat = admission.enroll(child=ChildFactory(guardian=guardian), session=session, by=guardian, at=at)
    Session.objects.filter(pk=session.pk).update(first_on=timezone.localdate(at) - timedelta(days=days))
    return seat


def pay(seat, amount, by, at):
    receipts.receive(
        seat.reference,
        amount=Decimal(amount),
        method="cash",
        payer=None,
        by=by,
        at=at,
        form_key=uuid4(),
    )


# ---- the shell


def test_each_role_has_its_own_tabs(logged_in, instructor, front_desk, manager):
    teaching = routes("desk", "desk_calendar", "desk_prints", "desk_evacuation", "desk_practice")
    office = routes(
        "office", "office_calls", "desk", "office_people", "office_sessions", "office_unpaid",
        "office_letters", "office_team", "desk_prints",
    )  # fmt: skip
    assert list(tabs(logged_in(instructor), reverse("desk"))) == teaching
    assert list(tabs(logged_in(front_desk), reverse("office"))) == office
    assert list(tabs(logged_in(front_desk), reverse("desk"))) == office, "the same on both sides"
    shown = tabs(logged_in(manager), reverse("office"))
    own = ("office_decisions", "office_photos", "office_showcase", "office_policies")
    assert set(shown) == {*office, *routes(*own, "wagtailadmin_home")}


def test_every_tab_opens_and_says_that_it_is_current(logged_in, instructor, front_desk, manager):
    for person, start in ((instructor, "desk"), (front_desk, "office"), (manager, "office")):
        client = logged_in(person)
        for url in tabs(client, reverse(start)):
            page = client.get(url)
            assert page.status_code == 200, url
            if not url.startswith("/cms/"):
                nav = NAV.search(page.content.decode()).group()
                assert re.findall(r'href="([^"]+)" aria-current="(\w+)"', nav) == [(url, "page")]


def test_a_page_below_a_tab_marks_it(logged_in, front_desk):
    child = ChildFactory(guardian=UserFactory())
    page = logged_in(front_desk).get(reverse("office_child", args=[child.pk])).content.decode()
    assert f'href="{reverse("office_people")}" aria-current="true"' in page


@pytest.mark.parametrize("room", ["office", "office_calls", "office_people", "desk"])
def test_a_staff_page_has_no_public_menu_and_no_footer(logged_in, manager, room):
    page = logged_in(manager).get(reverse(room)).content.decode()
    assert "<footer" not in page and 'class="top"' not in page and 'class="nav"' not in page
    assert manager.name in page and reverse("account_logout") in page and 'href="/fr/"' in page
    assert page.count('type="search"') == 1, "one search a page"


def test_an_instructor_has_no_family_search(logged_in, instructor):
    assert reverse("office_people") not in logged_in(instructor).get(reverse("desk")).content.decode()


def test_the_offline_page_names_nobody(logged_in, front_desk):
    page = logged_in(front_desk).get(reverse("desk_offline")).content.decode()
    assert front_desk.name not in page and "tabs" not in page


# ---- what is shown to a role, it may open


def test_lesson_links_are_for_those_who_may_read_them(logged_in, instructor, front_desk, manager, now):
    meeting = class_now(1, at=now, instructors=[instructor])
    meeting.lesson = LessonFactory(course=meeting.session.course)
    meeting.save()
    url = reverse("desk_lesson", args=[meeting.lesson_id])
    for person, may_read in ((instructor, True), (manager, True), (front_desk, False)):
        client = logged_in(person)
        assert client.get(url).status_code == (200 if may_read else 404)
        for page in (reverse("desk"), reverse("desk_register", args=[meeting.pk])):
            assert (url in client.get(page).content.decode()) is may_read


def test_the_front_desk_sees_no_form_to_tell_the_families(logged_in, instructor, front_desk, now):
    meeting = class_now(1, at=now, instructors=[instructor])
    page, form = reverse("desk_after", args=[meeting.pk]), reverse("desk_tell", args=[meeting.pk])
    assert form in logged_in(instructor).get(page).content.decode()
    assert form not in logged_in(front_desk).get(page).content.decode()


# ---- what waits


def test_today_says_that_nothing_waits(logged_in, front_desk):
    page = logged_in(front_desk).get(reverse("office"))
    assert page.context["nothing_waits"] and 'class="empty"' in page.content.decode()
    assert not any(tabs(logged_in(front_desk), reverse("office")).values())


def test_another_day_shows_its_classes_only(logged_in, front_desk, now):
    class_now(1, at=now, began=15 * MINUTE)
    tomorrow = timezone.localdate(now) + timedelta(days=1)
    assert logged_in(front_desk).get(reverse("office"), {"day": f"{tomorrow}"}).context["sections"] == []


def test_a_missing_child_is_ticked_off_in_place(logged_in, front_desk, instructor, now):
    meeting = class_now(2, at=now, began=15 * MINUTE)
    here, lost = kids(meeting)
    put(meeting, here, "present", by=instructor, at=now)
    client = logged_in(front_desk)
    assert [row.child for row in section(client, "children").rows] == [lost]
    assert tabs(client, reverse("office"))[reverse("office_calls")] == "1"
    done = client.post(reverse("office_child_found", args=[meeting.pk, lost.pk]), {"next": reverse("office")})
    assert done.url == reverse("office") and section(client, "children").count == 0


def test_a_register_nobody_took_waits_for_the_office_and_for_its_instructor(
    logged_in, front_desk, instructor, now
):
    class_now(3, at=now, began=15 * MINUTE, instructors=[instructor])
    other = StaffFactory(role="Instructors")
    client = logged_in(front_desk)
    assert section(client, "registers").count == 1 and section(client, "children").count == 0
    shown = tabs(client, reverse("office"))
    assert (shown[reverse("desk")], shown[reverse("office_calls")]) == ("1", "1")
    assert tabs(logged_in(instructor), reverse("desk"))[reverse("desk")] == "1"
    assert tabs(logged_in(other), reverse("desk"))[reverse("desk")] == ""


@pytest.mark.parametrize(("minutes", "is_late"), [(9, False), (10, True), (359, True), (360, False)])
def test_a_child_is_late_from_ten_minutes_after_the_class_for_six_hours(instructor, now, minutes, is_late):
    meeting = class_now(2, at=now, began=5 * MINUTE)
    child = kids(meeting)[0]
    put(meeting, child, "present", by=instructor, at=now)
    late = dismissal.not_collected(meeting.ends_at + minutes * MINUTE)
    assert [row.child for row in late] == ([child] if is_late else [])


def test_a_child_in_a_later_class_or_gone_is_not_late(instructor, now):
    first = class_now(2, at=now, began=5 * MINUTE)
    stays, leaves = kids(first)
    for child in (stays, leaves):
        put(first, child, "present", by=instructor, at=now)
    later = begin(SessionFactory().meetings.first(), first.ends_at + 5 * MINUTE)
    Presence.objects.create(meeting=later, child=stays, mark="present")
    at = first.ends_at + 20 * MINUTE
    assert [row.child for row in dismissal.not_collected(at)] == [leaves]
    assert dismissal.step_due(leaves, first, at) == str(dismissal.LATE[1][1]), "the latest step that is due"
    home = leaves.guardianships.get()
    dismissal.send_home(first, leaves.pk, home="guardian", who=home.pk, key=uuid4(), by=instructor, at=at)
    assert dismissal.not_collected(at) == []


def test_the_decision_of_today_waits_for_a_manager(logged_in, front_desk, manager, now):
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    tonight, tomorrow, overdue = (
        SessionFactory(minimum=3, decision_at=moment)
        for moment in (midnight - MINUTE, midnight, now - timedelta(days=2))
    )
    client = logged_in(manager)
    assert [row.pk for row in section(client, "decisions").rows] == [overdue.pk, tonight.pk]
    assert tabs(client, reverse("office"))[reverse("office_decisions")] == "2"
    said = {"session": overdue.pk, "next": reverse("office")}
    asked = client.post(reverse("office_decisions"), said)
    client.post(reverse("office_decisions"), said | {"seen": asked.context["mark"]})
    assert [row.pk for row in section(client, "decisions").rows] == [tonight.pk]
    assert tomorrow.pk in {row.pk for row in Session.objects.undecided(now)}
    assert "decisions" not in {
        one.code for one in logged_in(front_desk).get(reverse("office")).context["sections"]
    }


def test_today_and_the_decisions_name_the_same_due_ones_and_the_next_day(logged_in, manager, now):
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    due, _later, later = (
        SessionFactory(minimum=3, decision_at=moment)
        for moment in (midnight - MINUTE, midnight + timedelta(days=9), midnight)
    )
    client = logged_in(manager)
    page = client.get(reverse("office_decisions"))
    assert [row.pk for row in page.context["page_obj"].object_list if row.is_due] == [due.pk]
    for url in (reverse("office"), reverse("office_decisions")):
        assert client.get(url).context["next_decision"] == later.decision_at
        assert (
            f"Prochaine décision\N{NO-BREAK SPACE}: {day_words(midnight)}" in client.get(url).content.decode()
        )
    nav = NAV.search(page.content.decode()).group()
    (title,) = re.findall(r"<h1>(.*?)</h1>", page.content.decode())
    assert re.search(rf">\s*{title}\s*<", nav), "the page has the name of its tab"


def test_who_may_not_confirm_a_level_reads_who_does(logged_in, front_desk, manager, now):
    guardian = UserFactory()
    child, course = ChildFactory(guardian=guardian), SessionFactory().course
    Equivalence.objects.create(child=child, course=course, declared_by=guardian, declared_at=now)
    words = "ou la direction confirme"
    assert words in logged_in(front_desk).get(reverse("office")).content.decode()
    page = logged_in(manager).get(reverse("office")).content.decode()
    assert words not in page and "/desk/levels/" in page


def test_the_calls_say_that_a_place_is_free_or_that_there_is_none_to_offer(logged_in, front_desk):
    page = logged_in(front_desk).get("/en/office/calls/").content.decode()
    assert "these families are next" not in page and "No place to offer by phone" in page


@pytest.mark.parametrize(("days", "is_due"), [(-1, False), (0, True), (30, True)])
def test_a_payment_is_due_from_the_day_of_the_first_class(logged_in, front_desk, now, days, is_due):
    seat = begun(days, at=now)
    client = logged_in(front_desk)
    assert [line["reference"] for line in section(client, "unpaid").rows] == [seat.reference] * is_due
    page = client.get(reverse("office_unpaid")).content.decode()
    assert (reverse("office_till", args=[seat.reference]) in page) is is_due


@pytest.mark.parametrize(("amount", "is_due"), [("1199.99", True), ("1200", False)])
def test_a_payment_waits_until_the_last_centime(front_desk, now, amount, is_due):
    seat = begun(at=now)
    pay(seat, amount, front_desk, now)
    assert [reference for reference, _account in receipts.unpaid(timezone.localdate(now))] == (
        [seat.reference] if is_due else []
    )


def test_a_free_seat_and_a_place_given_up_are_not_asked_for(now):
    begun(at=now, price=0)
    gone = begun(at=now)
    Enrollment.objects.filter(pk=gone.pk).update(state="withdrawn", seat_ended_at=now)
    assert receipts.unpaid(timezone.localdate(now)) == []


def test_a_failed_message_waits_and_is_tried_again_in_place(logged_in, front_desk, parent, now):
    recent, _old, sealed = (
        outbox.write("guardian_added", to=parent, at=at, name="x")
        for at in (now, now - timedelta(days=15), now)
    )
    Letter.objects.update(state="failed")
    Letter.objects.filter(pk=sealed.pk).update(kind=Letter.ACCOUNT)
    client = logged_in(front_desk)
    assert section(client, "failed").rows == [recent]
    assert tabs(client, reverse("office"))[reverse("office_letters")] == "1"
    again = client.post(
        reverse("office_letter_again", args=[recent.pk]), {"next": reverse("office")}, follow=True
    )
    assert again.request["PATH_INFO"] == reverse("office") and section(client, "failed").count == 0


# ---- at a cost that does not grow


def busy(number, *, at, instructor):
    """Make that many rows of every list."""
    guardian = UserFactory(phone="+212600000001")
    for _row in range(number):
        outbox.write("guardian_added", to=guardian, at=at, name="x")
        begun(at=at)
        SessionFactory(minimum=3, decision_at=at)
    Letter.objects.update(state="failed")
    class_now(number, at=at, began=20 * MINUTE, instructors=[instructor])
    taken = class_now(number + 1, at=at, began=20 * MINUTE)
    put(taken, kids(taken)[0], "present", by=instructor, at=at)
    over = class_now(number, at=at, began=110 * MINUTE)
    for child in kids(over):
        Presence.objects.create(meeting=over, child=child, mark="present")
    walk_in = class_now(number, at=at, began=15 * MINUTE)
    desk = StaffFactory(role="Front desk")
    Enrollment.objects.filter(session=walk_in.session).update(seated_at=at - MINUTE, enrolled_by=desk)


def test_thirty_rows_cost_what_one_costs(logged_in, manager, instructor, now, queries):
    client, spent = logged_in(manager), {"office": [], "office_people": []}
    for number in (1, 30):
        busy(number, at=now, instructor=instructor)
        for page, costs in spent.items():
            client.get(reverse(page))  # the access log writes a child once
            with queries() as seen:
                client.get(reverse(page))
            costs.append(len(seen))
    assert [costs[0] == costs[1] for costs in spent.values()] == [True, True], spent
    assert spent["office"][1] <= 60 and spent["office_people"][1] <= 40, spent
    counts = Worklist(manager, now).counts
    assert (counts["late"], counts["registers"]) == (31, 2) and counts["failed"] > 30
