"""Pictures of a class: stored with every child's yes, seen by their families, gone in the request of a no."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from enrollments.families import consents
from enrollments.models import AccountEvent, Child, ChildInPhoto, ClassPhoto, Letter, ReadRecord
from enrollments.permissions import INSTRUCTOR
from enrollments.portfolio import class_photos
from enrollments.privacy import child_merge, data_export, erasure, retention
from enrollments.staff.worklist import Worklist
from home.language.dates import date_words
from home.language.isolates import FSI, POP
from tests.classes import begin, class_now, kids
from tests.factories import ChildFactory, GuardianshipFactory, StaffFactory, UserFactory
from tests.works import photo_of, photographed, status, stored_photos

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]


@pytest.fixture
def version(policies):
    return policies["photo-families"]


@pytest.fixture
def meeting(instructor):
    return class_now(3, names=["Aya", "Bilal", "Chaima"], instructors=[instructor])


def say(version, child, yes, *, guardian=None, **more):
    consents.answer(
        version, guardian=guardian or child.guardians.first(), yes=yes, language="fr", at=timezone.now(),
        child=child, **more,
    )  # fmt: skip


@pytest.fixture
def agreed(version, meeting):
    """The first two children of the class, each with a yes; the third has none."""
    two = kids(meeting)[:2]
    for child in two:
        say(version, child, True)
    return two


@pytest.fixture
def photo(agreed, meeting, instructor):
    return photo_of(meeting, agreed, instructor)


def url_of(meeting):
    return reverse("desk_photos", args=[meeting.pk])


def post(client, meeting, children, **more):
    form = {"picture": photographed(), "children": [child.pk for child in children]} | more
    return client.post(url_of(meeting), form)


def reached(enter, photo, child, *, guardian=None) -> list[int]:
    """Return the statuses of the child's pictures page if it shows the picture, and of the two files."""
    client = enter(guardian or child.guardians.first())
    names = ("photo_small", "photo_file")
    files = [status(client.get(reverse(name, args=[photo.pk]))) for name in names]
    page = client.get(reverse("child_photos", args=[child.pk])).content.decode()
    file = client.get(reverse("child", args=[child.pk])).content.decode()
    small = reverse("photo_small", args=[photo.pk])
    assert (small in page) == (small in file)
    return [*files, 200 if small in page else 404]


SEEN, GONE = [200, 200, 200], [404, 404, 404]


def test_a_page_without_pictures_says_whether_the_family_agreed(enter, agreed, meeting):
    for child, words in zip(kids(meeting)[1:], ("Vous avez donné votre accord", "si vous les"), strict=True):
        url = reverse("child_photos", args=[child.pk])
        assert words in enter(child.guardians.first()).get(url).content.decode()


def test_an_instructor_adds_a_picture_and_the_families_of_its_children_see_it(
    enter, instructor, meeting, agreed
):
    client = enter(instructor)
    page = client.get(url_of(meeting)).content.decode().translate(dict.fromkeys(map(ord, FSI + POP)))
    assert 'accept="image/*"' in page and "capture" not in page, "camera or gallery, as the phone offers"
    assert "Chaima N. (pas de photos)" in page and "Aya N. (pas" not in page
    assert url_of(meeting) in client.get(reverse("desk_register", args=[meeting.pk])).content.decode()
    answer = post(client, meeting, agreed)
    photo = ClassPhoto.objects.get()
    assert answer.url == url_of(meeting) and {tick.child for tick in photo.ticks.all()} == set(agreed)
    for child in agreed:
        assert reached(enter, photo, child) == SEEN
    third = kids(meeting)[2]
    assert reached(enter, photo, third) == GONE, "the family of a child who is not in it"
    file = enter(agreed[0].guardians.first()).get(reverse("photo_file", args=[photo.pk]))
    content = file.getvalue()
    assert content[:2] == b"\xff\xd8" and b"Exif" not in content, "written again, without its profile"
    assert file["Cache-Control"] == "no-store" and file["X-Content-Type-Options"] == "nosniff"
    assert file["Content-Disposition"] == f'attachment; filename="CP-{photo.pk}.jpg"'


@pytest.mark.parametrize("who", ["nobody asked", "informed", "child", "other full"])
def test_one_child_without_a_yes_and_nothing_is_stored_and_the_sentence_names_it(
    enter, instructor, meeting, agreed, version, who
):
    aya, bilal, chaima = kids(meeting)
    ticked, named = [aya, bilal], "Aya N."
    if who == "nobody asked":
        ticked, named = [aya, chaima], "Chaima N."
    elif who == "child":
        say(version, aya, False, by_child=True)
    else:
        other = UserFactory()
        rights = "informed" if who == "informed" else "full"
        GuardianshipFactory(child=aya, guardian=other, rights=rights)
        say(version, aya, False, guardian=other)
    answer = post(enter(instructor), meeting, ticked)
    assert answer.status_code == 422 and not ClassPhoto.objects.exists() and stored_photos() == []
    faults = answer.context["form"].errors
    assert faults["children"] == [f"Non enregistrée. Il n’y a pas d’accord pour les photos\u00a0: {named}"]
    assert "picture" in faults, "it says to choose the picture again"
    page = answer.content.decode()
    assert [page.count(f'value="{child.pk}" id') for child in ticked] == [1, 1]
    assert page.count("checked") == 2, "the ticks are kept"


def test_nobody_ticked_a_strange_child_a_class_to_come_and_no_picture_are_refused(
    enter, instructor, meeting, agreed
):
    client = enter(instructor)
    for children in ([], [ChildFactory(guardian=UserFactory())]):
        answer = post(client, meeting, children)
        assert answer.status_code == 422 and "children" in answer.context["form"].errors
        assert "picture" in answer.context["form"].errors
    assert post(client, meeting, agreed, picture="").status_code == 422
    begin(meeting, timezone.now() + timedelta(hours=1))
    assert post(client, meeting, agreed).status_code == 422 and stored_photos() == []


def test_the_same_picture_sent_again_is_one_and_takes_the_child_that_was_forgotten(
    enter, instructor, meeting, agreed, version
):
    client = enter(instructor)
    for children in (agreed[:1], agreed[:1], agreed):
        assert post(client, meeting, children).status_code == 302
    photo = ClassPhoto.objects.get()
    assert photo.ticks.count() == 2 and len(stored_photos()) == 2


def test_a_no_hides_the_picture_from_everybody_in_the_same_request(
    enter, instructor, meeting, agreed, photo, version
):
    """At the door the guardian uses; then a yes shows it again."""
    aya, bilal = agreed
    assert reached(enter, photo, bilal) == SEEN
    guardian = enter(aya.guardians.first())
    answers = reverse("child_consents", args=[aya.pk])
    assert guardian.post(answers, {"withdraw": version.pk}).status_code == 302
    assert reached(enter, photo, aya) == reached(enter, photo, bilal) == GONE
    desk = enter(instructor)
    assert status(desk.get(reverse("desk_photo", args=[meeting.pk, photo.pk]))) == 404
    assert desk.get(url_of(meeting)).context["photos"] == []
    say(version, aya, True)
    assert reached(enter, photo, bilal) == SEEN


def test_a_new_text_of_the_policy_hides_it_until_it_is_agreed_to(enter, agreed, photo, version):
    texts = {code: {"title": "x", "body": "y"} for code in ("fr", "ar", "en")}
    newer = consents.publish(consents.draft(version.policy, texts), by=None, at=timezone.now())
    assert reached(enter, photo, agreed[0]) == GONE
    for child in agreed:
        say(newer, child, True)
    assert reached(enter, photo, agreed[0]) == SEEN


def test_any_guardian_removes_a_picture_for_everybody_and_a_manager_decides(
    enter, instructor, manager, meeting, agreed, photo
):
    aya, bilal = agreed
    informed = UserFactory()
    GuardianshipFactory(child=aya, guardian=informed, rights="informed")
    client, url = enter(informed), reverse("photo_remove", args=[photo.pk])
    assert "ne peuvent pas être rappelées" in client.get(url).content.decode()
    assert reached(enter, photo, bilal) == SEEN, "looking changes nothing"
    assert client.post(url).url == reverse("child_photos", args=[aya.pk])
    assert client.post(url).status_code == 404
    assert reached(enter, photo, aya) == reached(enter, photo, bilal) == GONE
    assert post(enter(instructor), meeting, agreed).status_code == 422, "the same picture does not come back"
    office = enter(manager)
    assert Worklist(manager, timezone.now()).counts["photos"] == 1
    assert reverse("office_photos") in office.get(reverse("office")).content.decode()
    page = office.get(reverse("office_photos")).content.decode()
    assert f"CP-{photo.pk}" in page and "Aya" not in page.split("<main")[1]
    assert status(office.get(reverse("office_photo", args=[photo.pk]))) == 200
    assert ReadRecord.objects.filter(what="photos", by_ref=manager.pk).count() == 2
    decide = reverse("office_photo_decide", args=[photo.pk])
    office.post(decide, {"act": "show"})
    assert reached(enter, photo, bilal) == SEEN
    assert list(AccountEvent.objects.values_list("what", flat=True)) == ["photo_shown", "photo_hidden"]


def test_a_manager_deletes_a_removed_picture_with_its_files(
    enter, manager, agreed, photo, django_capture_on_commit_callbacks
):
    class_photos.hide(photo, child=agreed[0], by=agreed[0].guardians.first(), at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        enter(manager).post(reverse("office_photo_decide", args=[photo.pk]), {"act": "erase"})
    assert not ClassPhoto.objects.exists() and stored_photos() == []
    assert AccountEvent.objects.filter(what="photo_erased", by_ref=manager.pk).exists()


def test_each_look_of_the_team_is_recorded_for_every_child_in_it(enter, instructor, meeting, agreed, photo):
    client = enter(instructor)
    assert status(client.get(reverse("desk_photo", args=[meeting.pk, photo.pk]))) == 200
    looks = ReadRecord.objects.filter(what="photos", by_ref=instructor.pk)
    assert {look.child_ref for look in looks} == {child.pk for child in agreed}
    enter(agreed[0].guardians.first()).get(reverse("photo_file", args=[photo.pk])).getvalue()
    assert ReadRecord.objects.filter(what="photos").count() == 2, "families look at their own pictures"


@pytest.mark.parametrize(("days", "opens"), [(13, True), (15, False)])
def test_the_window_of_the_roster_is_the_window_of_pictures(enter, instructor, meeting, photo, days, opens):
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        expected = 200 if opens else 404
        assert enter(instructor).get(url_of(meeting)).status_code == expected
        assert status(enter(instructor).get(reverse("desk_photo", args=[meeting.pk, photo.pk]))) == expected


def test_a_stranger_another_instructor_and_an_editor_find_no_picture(enter, editor, meeting, photo, parent):
    for user in (StaffFactory(role=INSTRUCTOR), editor):
        for name in ("desk_photo", "desk_photo_erase"):
            assert enter(user).get(reverse(name, args=[meeting.pk, photo.pk])).status_code == 404
        assert enter(user).get(url_of(meeting)).status_code == 404
    for name in ("photo_file", "photo_small", "photo_remove"):
        assert enter(parent).get(reverse(name, args=[photo.pk])).status_code == 404
    assert enter(parent).post(reverse("photo_remove", args=[photo.pk])).status_code == 404


def test_an_instructor_deletes_their_own_mistake_and_the_office_any(
    enter, instructor, front_desk, meeting, agreed, photo, django_capture_on_commit_callbacks
):
    colleague = StaffFactory(role=INSTRUCTOR)
    meeting.instructors.set([instructor, colleague])
    url = reverse("desk_photo_erase", args=[meeting.pk, photo.pk])
    assert enter(colleague).post(url).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        assert enter(instructor).post(url).url == url_of(meeting)
    again = photo_of(meeting, agreed, instructor)
    url = reverse("desk_photo_erase", args=[meeting.pk, again.pk])
    assert enter(front_desk).post(url).url == url_of(meeting)
    assert not ClassPhoto.objects.exists()


@pytest.mark.parametrize(
    ("who", "minutes", "told"),
    [("instructor", 14, 0), ("instructor", 15, 2), ("front_desk", 1, 2), (None, 60, 0)],
)
def test_families_hear_of_a_removed_picture_unless_it_was_a_slip(
    request, meeting, agreed, photo, who, minutes, told
):
    by = request.getfixturevalue(who) if who else None
    class_photos.erase(photo, by=by, at=photo.added_at + timedelta(minutes=minutes))
    letters = Letter.objects.filter(kind="photo_removed")
    assert letters.count() == told
    for letter in letters:
        [child] = Child.objects.of(letter.recipient)
        assert letter.child == child and f"/children/{child.pk}/photos/" in letter.body
        assert letter.meeting == meeting


@pytest.mark.parametrize("is_hidden", [True, False])
def test_a_picture_a_family_took_away_itself_is_deleted_without_a_message(
    version, agreed, photo, manager, is_hidden
):
    """It was hidden, or one family said no: nobody sees it any more."""
    child = agreed[0]
    if is_hidden:
        class_photos.hide(photo, child=child, by=child.guardians.first(), at=timezone.now())
    else:
        say(version, child, False)
    class_photos.erase(photo, by=manager, at=timezone.now() + timedelta(hours=1))
    assert not ClassPhoto.objects.exists() and not Letter.objects.filter(kind="photo_removed").exists()


def test_pictures_removed_one_after_the_other_are_one_message(meeting, agreed, instructor, front_desk):
    photos = [photo_of(meeting, agreed, instructor, size=(width, 300)) for width in (400, 500, 600)]
    later = timezone.now() + timedelta(hours=1)
    for photo in photos[:2]:
        class_photos.erase(photo, by=front_desk, at=later)
    assert Letter.objects.filter(kind="photo_removed").count() == 2, "one to each family"
    Letter.objects.update(state="sent")
    class_photos.erase(photos[2], by=front_desk, at=later)
    assert Letter.objects.filter(kind="photo_removed").count() == 4


def test_erasing_a_child_deletes_the_pictures_it_is_in(
    enter, agreed, photo, django_capture_on_commit_callbacks
):
    aya, bilal = agreed
    aya.enrollments.update(state="withdrawn", seat_ended_at=timezone.now())
    assert len(stored_photos()) == 2
    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase_child(aya, by=None, at=timezone.now())
    assert not ClassPhoto.objects.exists() and stored_photos() == []
    assert enter(bilal.guardians.first()).get(reverse("child_photos", args=[bilal.pk])).status_code == 200


def test_merging_moves_the_pictures_and_a_child_is_in_each_once(
    version, meeting, instructor, parent, front_desk
):
    kept, gone = (ChildFactory(guardian=parent, first_name="Nour") for _each in range(2))
    for child in (kept, gone):
        say(version, child, True)
    both = photo_of(meeting, [kept, gone], instructor)
    other = photo_of(meeting, [gone], instructor, size=(640, 480))
    assert child_merge.propose(kept, gone, by=front_desk, at=timezone.now())
    found = ChildInPhoto.objects.values_list("photo", "child")
    assert sorted(found) == sorted([(both.pk, kept.pk), (other.pk, kept.pk)])


def test_a_picture_carries_the_day_of_its_class_whenever_it_was_added(enter, agreed, meeting, instructor):
    aya, parent = agreed[0], agreed[0].guardians.first()
    earlier = begin(meeting.session.meetings.get(number=2), meeting.starts_at - timedelta(days=7))
    first = photo_of(meeting, [aya], instructor)
    second = photo_of(earlier, [aya], instructor, at=timezone.now() + timedelta(days=1))  # added last
    shown = enter(parent).get(reverse("child_photos", args=[aya.pk]))
    assert list(shown.context["page_obj"]) == [first, second], "those of the latest class first"
    page = shown.content.decode()
    days = [date_words(one.meeting.on) for one in (first, second)]
    assert page.index(days[0]) < page.index(days[1]) and page.count('"work__when"') == 2
    assert date_words(timezone.localdate(second.added_at)) not in page
    told = data_export.told_of(parent, timezone.now())["children"][0]["photos"]
    assert [one["class_on"] for one in told] == [first.meeting.on, earlier.on]


def test_a_copy_holds_the_pictures_that_may_be_seen(agreed, photo, version):
    aya, bilal = agreed
    told = data_export.told_of(aya.guardians.first(), timezone.now())
    assert [one["name"] for one in told["children"][0]["photos"]] == [photo.name]
    say(version, bilal, False)
    told = data_export.told_of(aya.guardians.first(), timezone.now())
    assert told["children"][0]["photos"] == []


@pytest.mark.parametrize("why", ["hidden", "no"])
def test_what_nobody_may_see_for_thirty_days_is_deleted(
    agreed, photo, version, why, django_capture_on_commit_callbacks
):
    now = timezone.now()
    if why == "hidden":
        class_photos.hide(photo, child=agreed[0], by=agreed[0].guardians.first(), at=now)
    else:
        say(version, agreed[0], False)
    retention.retain(now + timedelta(days=29), apply=True)
    assert ClassPhoto.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        retention.retain(now + timedelta(days=31), apply=True)
    assert not ClassPhoto.objects.exists() and stored_photos() == []


def test_a_no_that_was_taken_back_deletes_nothing(agreed, photo, version):
    say(version, agreed[0], False)
    say(version, agreed[0], True)
    retention.retain(timezone.now() + timedelta(days=31), apply=True)
    assert ClassPhoto.objects.exists()


def test_the_pages_ask_the_same_for_one_picture_and_for_sixty(
    enter, instructor, meeting, agreed, photo, queries
):
    clients = {url_of(meeting): enter(instructor)}
    clients[reverse("child_photos", args=[agreed[0].pk])] = enter(agreed[0].guardians.first())
    counts = {url: [] for url in clients}
    for more in (0, 59):
        rows = ClassPhoto.objects.bulk_create(
            ClassPhoto(
                meeting=meeting, added_at=timezone.now(), added_by_ref=1, extension=".jpg", size=1,
                digest=str(number), stored_as=f"x{number}", small_as="x",
            )
            for number in range(more)
        )  # fmt: skip
        ChildInPhoto.objects.bulk_create(
            ChildInPhoto(photo=row, child=child) for row in rows for child in agreed
        )
        for url, client in clients.items():
            client.get(url)
            with queries() as seen:
                assert client.get(url).status_code == 200
            counts[url].append(len(seen))
    assert all(first == second for first, second in counts.values()), counts
