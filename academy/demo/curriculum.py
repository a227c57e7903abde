"""The nine demo courses: facts in three languages, lessons, equipment and prerequisites."""

from django.db import transaction

from academy.demo.words import LANGUAGES, in_three, lessons_of, read
from courses.models import AgeBand, Course, Equipment, Lesson, LessonBlock, Prerequisite, Skill, Track

PER = {
    "enfant": Equipment.Per.CHILD,
    "2 enfants": Equipment.Per.PAIR,
    "4 enfants": Equipment.Per.FOUR,
    "5 enfants": Equipment.Per.FIVE,
    "groupe": Equipment.Per.GROUP,
}


@transaction.atomic
def write_courses(say) -> None:
    """Write all courses and lessons, or nothing if the first of them already exists."""
    rows = read("curriculum")["courses"]
    if Course.objects.filter(code=rows[0]["code"]).exists():
        return
    say("Courses and lessons")
    tracks = {track.code: track for track in Track.objects.all()}
    bands = {band.code: band for band in AgeBand.objects.all()}
    skills = {skill.code: skill for skill in Skill.objects.all()}
    courses = {row["code"]: _course(row, tracks, bands) for row in rows}
    for row in rows:
        course = courses[row["code"]]
        course.leads_to.set(courses[code] for code in row["leads_to"])
        _equipment(course, row["equipment"])
        _doors(course, row["prerequisites"].get("any_of", []), courses, skills)
        _lessons(course, row["lessons"], skills)


def _course(row: dict, tracks: dict, bands: dict) -> Course:
    return Course.objects.create(
        code=row["code"],
        track=tracks[row["track"]],
        band=bands[row["band"]],
        meetings_count=row["weeks"],
        minutes=row["minutes"],
        price=row["price_mad"],
        **in_three("title", row["title"]),
        **in_three("summary", row["summary"]),
        **in_three("outcome", row["outcome"]),
    )


def _equipment(course: Course, rows: list[dict]) -> None:
    translated = read("pages")["equipment"]
    for position, row in enumerate(rows, start=1):
        Equipment.objects.create(
            course=course,
            per=PER[row["per"]],
            quantity=row["qty"],
            unit=row.get("unit", ""),
            position=position,
            **in_three("item", {"fr": row["item"], **translated[row["item"]]}),
        )


def _doors(course: Course, doors: list[dict], courses: dict, skills: dict) -> None:
    """Write the prerequisites.

    Any one is enough: a completed course, skills observed at a level, or the team's confirmation.
    """
    for door in doors:
        if "course" in door:
            Prerequisite.objects.create(
                course=course, kind=Prerequisite.Kind.COURSE, required_course=courses[door["course"]]
            )
        elif "skills" in door:
            made = Prerequisite.objects.create(
                course=course, kind=Prerequisite.Kind.SKILLS, level=min(door["skills"].values())
            )
            made.skills.set(skills[code] for code in door["skills"])
            made.save()
        else:
            Prerequisite.objects.create(course=course, kind=Prerequisite.Kind.READY)
            Prerequisite.objects.create(course=course, kind=Prerequisite.Kind.EQUIVALENT)


def _lessons(course: Course, rows: list[dict], skills: dict) -> None:
    written = lessons_of(course.code)
    blocks = []
    for row in rows:
        facts = written.get(row["n"], {})
        lesson = Lesson(
            course=course,
            number=row["n"],
            unplugged=row.get("unplugged", False),
            showcase=row.get("showcase", False),
            hazards=facts.get("hazards", []),
            kit=facts.get("kit", []),
            **in_three("title", row),
        )
        if facts:
            for field, value in (
                in_three("objective", facts["objective"]) | in_three("family_words", facts["family"])
            ).items():
                setattr(lesson, field, value)
        lesson.full_clean(exclude=["skills"])
        lesson.save()
        lesson.skills.set(skills[code] for code in row["skills"])
        blocks += [
            _block(lesson, position, block) for position, block in enumerate(facts.get("blocks", []), start=1)
        ]
    LessonBlock.objects.bulk_create(blocks)


def _block(lesson: Lesson, position: int, row: dict) -> LessonBlock:
    return LessonBlock(
        lesson=lesson,
        position=position,
        kind=row["type"],
        minutes=row["minutes"],
        for_learner="learner" in row["audience"],
        drawing=row.get("drawing", "").strip(),
        **{f"text_{language}": row[language] for language in LANGUAGES},
    )
