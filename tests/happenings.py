"""Make each event of enrollments.letters.audience happen, by the verbs that people's doors call."""

from datetime import date, time, timedelta
from decimal import Decimal
from unittest.mock import patch
from uuid import uuid4

from django.utils import timezone

from academy.demo.foundations import lay_policies
from courses.models import AgeBand, Meeting, Session
from courses.timetable import scheduling
from enrollments.classes import (
    class_reports,
    dismissal,
    incidents,
    makeups,
    messages,
    next_level,
    pickup_passes,
    register,
)
from enrollments.families import consents, guardian_accounts, guardians, pickup
from enrollments.letters import delivery
from enrollments.letters.audience import Who
from enrollments.models import Enrollment, Letter, PolicyVersion
from enrollments.money import receipts
from enrollments.places import offers, overrides, session_merge, waiting_list, withdrawal
from enrollments.portfolio import class_photos, showcase
from enrollments.privacy import child_merge, copy_files, copy_requests, data_export, erasure
from enrollments.staff import team
from tests.certified import (  # noqa: F401 - events of the table
    certificate_issued,
    certificate_merged,
    certificate_revoked,
)
from tests.classes import begin, put
from tests.factories import (
    AgeBandFactory,
    ChildFactory,
    CourseFactory,
    GuardianshipFactory,
    RoomFactory,
    UserFactory,
)
from tests.happening_scenes import (
    add_guest,
    add_offered,
    first,
    held,
    offered_now,
    only_offer,
    second_guardian,
)
from tests.prints import print_not_ready, print_ready, print_refused  # noqa: F401 - events of the table
from tests.queues import DAY, HOUR, join, soon
from tests.works import made_by, photo_of, photographed


def enrolled(w):
    join(
        soon(course=CourseFactory(code="code-x"), starts=time(9), ends=time(10)),
        w.child,
        at=w.now,
        by=w.parent,
    )


def offered(w):
    only_offer(w)
    withdrawal.withdraw(w.seat, by=w.seat.child.guardians.first(), at=w.now)
    Letter.objects.filter(kind="withdrawn").delete()


def reminded(w):
    offered_now(w)
    waiting_list.settle_due(w.row.due_at)


def accepted(w):
    offered_now(w)
    offers.accept(w.row, by=w.parent, at=w.now)


def lapsed(w):
    offered_now(w)
    Enrollment.objects.filter(pk=w.row.pk).update(offer_opened_at=w.now)
    for _half in range(2):
        waiting_list.settle_due(w.row.offer_until + HOUR)
    Letter.objects.filter(kind="offer_reminder").delete()


def joining_closed(w):
    only_offer(w)
    w.session.refresh_from_db()
    waiting_list.settle_due(w.session.joinable_until)


def withdrawn(w):
    withdrawal.withdraw(w.row, by=w.parent, at=w.now)


def leaving(w):
    second_guardian(w)
    withdrawal.withdraw(w.row, by=w.second, at=w.now)


def taken_back(w):
    leaving(w)
    Letter.objects.all().delete()
    w.row.refresh_from_db()
    withdrawal.take_back(w.row, by=w.parent, at=w.now)


def moved(w):
    withdrawal.move(w.row, soon(course=w.session.course, capacity=3), by=w.parent, at=w.now)


def removed(w):
    withdrawal.remove(w.row, by=w.manager, reason="conduct", at=w.now)


def session_confirmed(w):
    add_offered(w)  # an offer is answered first: its family is not told
    overrides.confirm(w.session, by=w.manager, at=w.now)


def session_cancelled(w):
    add_guest(w)
    add_offered(w)
    withdrawal.cancel_session(w.session, by=w.manager, at=w.now, reason="few")


def sessions_united(w):
    into = soon(course=w.session.course, capacity=5)
    session_merge.unite(
        w.session, into, answer_by=session_merge.proposed(into, w.now), reason="few", by=w.manager, at=w.now
    )


def class_moved(w):
    add_guest(w)
    add_offered(w)
    meeting = w.host
    scheduling.move(meeting, on=meeting.on + DAY, starts=time(8), ends=time(9), at=w.now)


def class_cancelled(w):
    add_guest(w)
    add_offered(w)
    scheduling.cancel(w.host, at=w.now, reason="Panne")


def room_changed(w):
    add_guest(w)
    add_offered(w)
    host, room = w.host, RoomFactory(name_fr="Salle Loin")
    host = begin(host, w.now + 2 * DAY)
    scheduling.move(host, on=host.on, starts=host.starts, ends=host.ends, room=room, at=w.now)


def substituted(w):
    scheduling.assign(first(w.session), [w.colleague], at=w.now)
    w.people[w.instructor] = Who.REPLACED


def absent(w):
    meeting = held(w)
    put(meeting, w.child, "absent", by=w.instructor, at=w.now)
    register.close(meeting, by=w.instructor, at=w.now)


def absent_mistaken(w):
    absent(w)
    delivery.send_due(w.now + HOUR)
    Letter.objects.filter(kind="absent").update(state="sent")
    put(held(w), w.child, "present", by=w.instructor, at=w.now + timedelta(minutes=9), seen=1)
    Letter.objects.filter(kind="absent").delete()


def in_class(w):
    meeting = held(w)
    put(meeting, w.child, "present", by=w.instructor, at=w.now)
    class_reports.tell(meeting, by=w.instructor, at=w.now)


def ready(w):
    meeting, course = held(w), CourseFactory()
    meeting.session.course.leads_to.add(course)
    next_level.recommend(w.child, course, meeting, by=w.instructor, at=w.now)


def missed(w):
    meeting = held(w)
    put(meeting, w.child, "absent", by=w.instructor, at=w.now)
    class_reports.tell(meeting, by=w.instructor, at=w.now)


def message(w):
    add_guest(w)
    messages.write(w.session, texts={"fr": "Bonjour"}, by=w.instructor, at=w.now)


def made_up(w):
    host_session = soon(course=w.session.course, capacity=3)
    gone = begin(first(w.session), w.now - 2 * HOUR)
    lesson = w.session.course.lessons.first()
    host = begin(first(host_session), w.now + DAY)
    Session.objects.filter(pk=host_session.pk).update(join_until=timezone.localdate(w.now))
    Meeting.objects.filter(pk__in=[gone.pk, host.pk]).update(lesson=lesson)
    gone, host = (
        Meeting.objects.select_related("session__course", "room__venue", "lesson").get(pk=one.pk)
        for one in (gone, host)
    )
    put(gone, w.child, "absent", by=w.instructor, at=w.now)
    w.made_up = makeups.book(w.child, gone, host, by=w.parent, at=w.now)
    w.missed = gone


def make_up_ended(w):
    made_up(w)
    Letter.objects.all().delete()
    put(w.missed, w.child, "present", by=w.instructor, at=w.now, seen=1)


def incident(w):
    incidents.write(
        w.child, held(w), happened_at=w.now, what="…", done="…", told="…", by=w.instructor, at=w.now
    )


def pickup_alert(w):
    dismissal.alert(w.child, held(w), at=w.now)


def pass_given(w):
    w.pass_, _token = pickup_passes.give(
        w.child, name="Tante Exemple", on=begin(first(w.session), w.now + DAY).on, by=w.parent, at=w.now
    )


def pass_used(w):
    meeting = held(w)
    w.pass_, _token = pickup_passes.give(w.child, name="Tante Exemple", on=meeting.on, by=w.parent, at=w.now)
    put(meeting, w.child, "present", by=w.instructor, at=w.now)
    Letter.objects.all().delete()
    pickup_passes.hand_over(w.pass_, meeting, key=uuid4(), by=w.instructor, at=w.now)


def collection_changed(w):
    persons = [{"name": "Tante Exemple", "relation": "aunt", "phone": "+212661000999"}]
    emergency = {"name": "", "relation": "", "phone": ""}
    pickup.settle_collection(
        w.child, persons=persons, may_go_alone=False, emergency=emergency, by=w.parent, at=w.now
    )


def paid(w):
    receipts.receive(
        w.row.reference, amount=Decimal(1600), method="cash", payer=w.parent, by=w.desk, at=w.now,
        form_key=uuid4(),
    )  # fmt: skip
    w.people[w.parent] = Who.ACTOR


def invited(w, email="invite@example.org"):
    return guardians.invite(
        children=[w.child], relation="father", rights="full", email=email, by=w.parent, at=w.now
    )[0]


def invitation_returned(w):
    invited(w)
    delivery.send_due(w.now)
    delivery.note_bounce(str(Letter.objects.get(kind="invitation").message_id), at=w.now)
    Letter.objects.filter(kind="invitation").delete()
    w.people[w.parent] = Who.ACTOR


def guardian_added(w):
    guardians.accept(invited(w, email=""), by=w.second, at=w.now)


def guardian_raised(w):
    guardians.accept(invited(w, email=""), by=w.informed, at=w.now)


def guardian_added_at_desk(w):
    new = UserFactory()
    guardians.add_at_desk(w.child, guardian=new, relation="other", rights="informed", by=w.desk, at=w.now)


def guardian_ended(w):
    second_guardian(w)
    guardians.leave(child=w.child, by=w.second, at=w.now)


def account_opened(w):
    new = guardian_accounts.open_account(
        name="Hind Neuve", phone="+212661000123", email="neuve@example.org", language="fr", at=w.now
    )
    w.people[new] = Who.INVITED


def team_invited(w):
    invitation, _token = team.invite(
        email="n@example.org", name="N", role="Instructors", language="fr", by=w.manager, at=w.now
    )
    w.people[invitation.user] = Who.INVITED


def export_ready(w):
    data_export.make(w.parent, at=w.now)
    w.people[w.parent] = Who.ACTOR


def export_failed(w):
    w.people[w.parent] = Who.ACTOR
    copy_requests.ask(w.parent, at=w.now)
    with patch.object(copy_files.disk, "has_room", return_value=False):
        for turn in range(copy_requests.MOST_TRIES):
            copy_requests.make_due(w.now + turn * copy_requests.PAUSE)


def erasure_asked(w):
    second_guardian(w)
    withdrawal.withdraw(w.row, by=w.parent, at=w.now)
    Letter.objects.all().delete()
    erasure.agree(w.child, by=w.parent, at=w.now)


def twin(w):
    return ChildFactory(
        guardian=w.second, first_name="Salma", last_name=w.child.last_name, birth_date=date(2016, 6, 1)
    )


def merge_asked(w):
    same = twin(w)
    GuardianshipFactory(child=same, guardian=w.parent, rights="full", relation="mother")
    child_merge.propose(w.child, same, by=w.manager, at=w.now)


def merged(w):
    same = ChildFactory(
        guardian=w.parent, first_name="Salma", last_name=w.child.last_name, birth_date=date(2016, 6, 1)
    )
    GuardianshipFactory(child=same, guardian=w.informed, rights="informed", relation="other")
    child_merge.propose(w.child, same, by=w.manager, at=w.now)


def consent_again(w):
    policy = consents.lay_policy("reglement", is_compulsory=True, per_child=False, position=9)
    texts = {code: {"title": "Règlement", "body": "…"} for code in ("fr", "ar", "en")}
    version = consents.publish(consents.draft(policy, texts), by=None, at=w.now - DAY)
    consents.answer(version, guardian=w.parent, yes=True, language="fr", at=w.now - DAY)
    consents.publish(consents.draft(policy, texts), by=None, at=w.now)


def agreed(w, code):
    """Agree to a purpose; return the moment after."""
    lay_policies()
    at = timezone.now()
    version = PolicyVersion.objects.current(at).get(policy__code=code)
    consents.answer(version, guardian=w.parent, yes=True, language="fr", at=at, child=w.child)
    return at


def photo_removed(w):
    at = agreed(w, "photo-families")
    meeting = held(w)
    photos = [photo_of(meeting, [w.child], w.instructor, size=(width, 300), at=at) for width in (400, 500)]
    for photo in photos:
        class_photos.erase(photo, by=w.desk, at=at)


def story_removed(w):
    at = agreed(w, "work-showcase")
    AgeBand.objects.filter(min_age__lte=10, max_age__gte=10).first() or AgeBandFactory(min_age=9, max_age=11)
    project = made_by(w.child, w.parent, photographed())
    words = {"picture": project.picture, "title": "Robot", "story": ""}
    showcase.end(showcase.approve(project, **words, by=w.manager, at=at), by=w.manager, at=at)
