"""Factories, each as small as the rules allow. Defaults: Tangier, band B, a Saturday in two weeks."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import factory
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone
from factory.django import DjangoModelFactory
from wagtail.models import GroupCollectionPermission, GroupPagePermission, Page

from courses.ages import birthday_in
from courses.models import (
    AgeBand,
    Closure,
    Course,
    CoursePage,
    Lesson,
    LessonBlock,
    Prerequisite,
    Room,
    Session,
    Skill,
    Term,
    Track,
    Venue,
)
from courses.timetable import scheduling
from enrollments.models import Child, Guardianship

PASSWORD = "atelier-du-detroit"
SATURDAY = 5
TRACKS = {"CODE": ("Programmation", "البرمجة", "Coding"), "ROBOT": ("Robotique", "الروبوتيك", "Robotics"),
          "PRINT": ("Impression 3D", "الطباعة ثلاثية الأبعاد", "3D printing")}  # fmt: skip
BANDS = {"A": (7, 8, 75, 10), "B": (9, 11, 90, 12), "C": (12, 14, 120, 12)}


def saturday_in(weeks: int, today: date | None = None) -> date:
    """Return the Saturday that many weeks after the next one."""
    today = today or timezone.localdate()
    return today + timedelta(days=(SATURDAY - today.weekday()) % 7 + 7 * weeks)


# ---- facts


class TrackFactory(DjangoModelFactory):
    class Meta:
        model = Track
        django_get_or_create = ("code",)

    code = "CODE"
    name_fr = factory.LazyAttribute(lambda track: TRACKS.get(track.code, ("Filière",) * 3)[0])
    name_ar = factory.LazyAttribute(lambda track: TRACKS.get(track.code, ("مسار",) * 3)[1])
    name_en = factory.LazyAttribute(lambda track: TRACKS.get(track.code, ("Track",) * 3)[2])
    position = factory.LazyAttribute(
        lambda track: list(TRACKS).index(track.code) if track.code in TRACKS else 9
    )


class AgeBandFactory(DjangoModelFactory):
    """Bands A (7–8), B (9–11) and C (12–14)."""

    class Meta:
        model = AgeBand
        django_get_or_create = ("code",)

    code = "B"
    min_age = factory.LazyAttribute(lambda band: BANDS[band.code][0])
    max_age = factory.LazyAttribute(lambda band: BANDS[band.code][1])
    minutes = factory.LazyAttribute(lambda band: BANDS[band.code][2])
    capacity = factory.LazyAttribute(lambda band: BANDS[band.code][3])


class SkillFactory(DjangoModelFactory):
    class Meta:
        model = Skill

    code = factory.Sequence("SK-{:05}".format)  # ordered as they were made
    track = factory.SubFactory(TrackFactory)
    name_fr = factory.LazyAttribute(lambda skill: f"Savoir {skill.code}")


class CourseFactory(DjangoModelFactory):
    """`CourseFactory(band="A", track="ROBOT", lessons=3)`: band and track can be given by code."""

    class Meta:
        model = Course
        skip_postgeneration_save = True

    code = factory.Sequence("COURSE-{}".format)
    track = "CODE"
    band = "B"
    title_fr = factory.LazyAttribute(lambda course: f"Cours {course.code}")
    title_ar = factory.LazyAttribute(lambda course: f"ورشة {course.code}")
    title_en = factory.LazyAttribute(lambda course: f"Course {course.code}")
    summary_fr, summary_ar, summary_en = "Un cours pour essayer.", "ورشة للتجربة.", "A course to try."
    meetings_count = 3
    minutes = 90
    price = Decimal("1600.00")

    @classmethod
    def _adjust_kwargs(cls, **kwargs):
        for name, maker in {"track": TrackFactory, "band": AgeBandFactory}.items():
            if isinstance(kwargs[name], str):
                kwargs[name] = maker(code=kwargs[name])
        return kwargs

    @factory.post_generation
    def lessons(course, create, count, **kwargs):
        for number in range(1, (count or 0) + 1):
            LessonFactory(course=course, number=number)


class LessonFactory(DjangoModelFactory):
    class Meta:
        model = Lesson

    course = factory.SubFactory(CourseFactory)
    number = 1
    title_fr = factory.LazyAttribute(lambda lesson: f"Leçon {lesson.number}")
    title_ar = factory.LazyAttribute(lambda lesson: f"الدرس {lesson.number}")
    title_en = factory.LazyAttribute(lambda lesson: f"Lesson {lesson.number}")


def ready(lesson: Lesson) -> Lesson:
    """Write what a lesson needs before its page is published: an objective, and parts that fill a class."""
    lesson.objective_fr, lesson.objective_ar, lesson.objective_en = (
        "Je programme.",
        "أبرمج.",
        "I can program.",
    )
    lesson.save()
    LessonBlock.objects.create(lesson=lesson, kind="activity", minutes=lesson.course.minutes, text="Essayer.")
    return lesson


def ask_for(course: Course, *required: Course, equivalent: bool = True) -> None:
    """Give a course its prerequisites: one per required course, and the guardian's declaration."""
    for before in required:
        Prerequisite.objects.create(course=course, kind=Prerequisite.Kind.COURSE, required_course=before)
    if equivalent:
        Prerequisite.objects.create(course=course, kind=Prerequisite.Kind.EQUIVALENT)


# ---- places and times


class VenueFactory(DjangoModelFactory):
    class Meta:
        model = Venue
        django_get_or_create = ("code",)

    code = "tanger"
    name_fr, name_ar, name_en = "Technopark de Tanger", "تكنوبارك طنجة", "Technopark Tangier"
    city_fr, city_ar, city_en = "Tanger", "طنجة", "Tangier"
    address_fr, address_ar, address_en = "Route de Rabat", "طريق الرباط", "Rabat road"


class RoomFactory(DjangoModelFactory):
    """A new room each time, so that sessions share one only if a test says so."""

    class Meta:
        model = Room

    venue = factory.SubFactory(VenueFactory)
    name_fr = factory.Sequence("Salle {}".format)
    name_ar = factory.Sequence("القاعة {}".format)
    name_en = factory.Sequence("Room {}".format)
    seats = 12


class TermFactory(DjangoModelFactory):
    """The year around today."""

    class Meta:
        model = Term

    name_fr, name_ar, name_en = "Cette saison", "هذا الموسم", "This season"
    starts_on = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=180))
    ends_on = factory.LazyAttribute(lambda term: term.starts_on + timedelta(days=360))


class ClosureFactory(DjangoModelFactory):
    class Meta:
        model = Closure

    name_fr, name_ar, name_en = "Fête", "عطلة", "Holiday"
    starts_on = factory.LazyFunction(lambda: saturday_in(3))
    ends_on = factory.LazyAttribute(lambda closure: closure.starts_on)


class SessionFactory(DjangoModelFactory):
    """A session open to families: published since yesterday, with weekly classes from `first_on` by
    courses.timetable.scheduling.

    `SessionFactory(first_on=date(2026, 12, 5), starts=time(14), ends=time(15, 30), count=3)`;
    `laid_out=False` leaves it without dates; `laid_out_at` is the time of scheduling (by default long before
    the first class, so that past ones can be created). `cancelled_at` is set afterwards, because a cancelled
    session cannot be scheduled. Strings such as `course="CODE-B"` are not looked up: pass a Course, or
    `course__band="A"`.
    """

    class Meta:
        model = Session

    course = factory.SubFactory(CourseFactory)
    term = factory.LazyFunction(lambda: Term.objects.first() or TermFactory())
    room = factory.SubFactory(RoomFactory)
    price = factory.LazyAttribute(lambda session: session.course.price)
    capacity = 12
    minimum = 0
    published_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=400))

    @classmethod
    def _create(
        cls,
        model,
        *args,
        laid_out=True,
        first_on=None,
        starts=time(14),
        ends=time(15, 30),
        count=None,
        weekday=None,
        laid_out_at=None,
        join_until=None,
        instructors=(),
        **kwargs,
    ):
        counters = {
            name: kwargs.pop(name)
            for name in ("seats_taken", "waiting_count", "next_ticket")
            if name in kwargs
        }
        cancelled_at = kwargs.pop("cancelled_at", None)
        session = super()._create(model, *args, **kwargs)
        if laid_out:
            first_on = first_on or saturday_in(2)
            scheduling.lay_out(
                session,
                first_on=first_on,
                starts=starts,
                ends=ends,
                count=count,
                weekday=weekday,
                at=laid_out_at
                or timezone.make_aware(datetime.combine(first_on, time())) - timedelta(days=60),
            )
            if join_until:
                session.join_until = join_until
                session.save(update_fields=["join_until"])
        session.instructors.set(instructors)
        if cancelled_at:
            session.cancelled_at = cancelled_at
            session.save(update_fields=["cancelled_at"])
        if counters:  # after the meetings: a session with children is not laid out
            Session.objects.filter(pk=session.pk).update(**counters)
        return Session.objects.with_facts().get(pk=session.pk)


# ---- people


class UserFactory(DjangoModelFactory):
    """A user with a verified address and PASSWORD."""

    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    email = factory.Sequence("guardian{}@example.org".format)
    name = factory.Sequence("Responsable {}".format)
    language = "fr"
    phone = factory.Sequence(lambda n: f"+2126000{n % 100000:05d}")

    @classmethod
    def _create(cls, model, *args, verified=True, password=PASSWORD, **kwargs):
        from allauth.account.models import EmailAddress

        user = model.objects.create_user(*args, password=password, **kwargs)
        if user.email:
            EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=verified)
        return user


class StaffFactory(UserFactory):
    """A team member with a role, and its permissions as `furnish` grants them."""

    @classmethod
    def _create(cls, model, *args, role, **kwargs):
        user = super()._create(model, *args, **kwargs)
        grant_roles()
        user.groups.add(Group.objects.get_or_create(name=role)[0])
        return user


_granted: set[tuple] = set()  # how the rights stood after granting them, in whichever database


def _rights() -> tuple:
    """Five questions that tell rights granted from rights not granted; granting them again asks a hundred."""
    homes, groups = (
        Page.objects.filter(depth=2).values_list("pk", flat=True),
        Group.objects.values_list("name", flat=True),
    )
    tables = (Group.permissions.through, GroupPagePermission, GroupCollectionPermission)
    return (*sorted(homes), *sorted(groups), *(table.objects.count() for table in tables))


def grant_roles() -> None:
    """Grant the four groups their CMS permissions, unless they stand as this process has left them before."""
    from courses import roles
    from enrollments.permissions import EDITOR, FRONT_DESK, INSTRUCTOR, MANAGER

    if _rights() not in _granted:
        roles.grant(instructors=INSTRUCTOR, editors=EDITOR, front_desk=FRONT_DESK, managers=MANAGER)
        _granted.add(_rights())


class ChildFactory(DjangoModelFactory):
    """`ChildFactory(guardian=parent, age=8)`: eight years and some months; without a guardian,
    none is set.
    """

    class Meta:
        model = Child
        skip_postgeneration_save = True

    class Params:
        age = 10

    first_name = factory.Iterator(["Salma", "Adam", "Lina", "Yassine", "Inès", "Ilyas"])
    last_name = "Amrani"
    birth_date = factory.LazyAttribute(
        lambda child: (
            birthday_in(timezone.localdate(), timezone.localdate().year - child.age) - timedelta(days=90)
        )
    )

    @factory.post_generation
    def guardian(child, create, user, **kwargs):
        if user:
            GuardianshipFactory(child=child, guardian=user)


class GuardianshipFactory(DjangoModelFactory):
    class Meta:
        model = Guardianship

    guardian = factory.SubFactory(UserFactory)
    child = factory.SubFactory(ChildFactory)
    relation = Guardianship.Relation.MOTHER
    rights = Guardianship.Rights.FULL


# ---- pages


def add_course_page(site_tree, course: Course, languages=("fr", "ar", "en")) -> dict[str, CoursePage]:
    """Add a course's pages below the site's catalogues, as translations, by language."""
    made = {}
    for code in languages:
        page = CoursePage(
            title=getattr(course, f"title_{code}"),
            slug=course.code.lower(),
            course=course,
            lead=getattr(course, f"summary_{code}"),
            locale=site_tree.locales[code],
        )
        if made:
            page.translation_key = next(iter(made.values())).translation_key
        site_tree.catalogue[code].refresh_from_db()
        made[code] = site_tree.catalogue[code].add_child(instance=page)
    return made
