"""The form of the page after a class: each field beside what the page showed in it (`was-` and its name)."""

from dataclasses import dataclass
from datetime import datetime

from courses.models import Meeting
from enrollments.classes import after_class
from enrollments.classes.after_class import Typed
from enrollments.models import ClassDiary, ClassNote, SkillObservation
from home.language.dates import one_line

WORDS = {
    "stopped_at": 200,
    "handover": 1000,
    "worked": 1000,
    "kit_missing": 300,
}  # of the diary: each one's maximum length
LEVELS = {"", *map(str, SkillObservation.Level.values)}


@dataclass(frozen=True)
class Field:
    """A field as the page shows it: `now` is saved, `value` is shown in the box, `newer` is what somebody
    else wrote in the meantime, in words (None: nobody).
    """

    name: str
    now: str
    value: str
    newer: str | None = None

    @property
    def chosen(self) -> list[str]:
        """The values of boxes to tick."""
        return self.value.split(",")


def save(request, meeting: Meeting, rows: list[dict], at: datetime) -> set[str]:
    """Save the fields that were changed on the page; return the names of those that somebody else has changed
    in the meantime, whose newer value stays. Children and skills not in this class are ignored.
    """
    by, newer = request.user, set()
    for row in rows:
        child = row["line"].child
        for skill, now in row["skills"]:
            name = f"skill-{child.pk}-{skill.pk}"
            typed = Typed(request.POST.get(name, "x"), request.POST.get(f"was-{name}"))
            if typed.value not in LEVELS or not typed.is_touched or typed.value == str(now or ""):
                continue
            if not after_class.save_level(child, skill, meeting, typed, by=by, at=at):
                newer.add(name)
        if f"note-{child.pk}" in request.POST:
            chosen, text = _note(request, child.pk)
            if chosen.is_touched or text.is_touched:
                saved = after_class.save_note(child, meeting, chosen=chosen, text=text, by=by, at=at)
                names = (f"chip-{child.pk}", f"note-{child.pk}")
                newer |= {name for name, is_saved in zip(names, saved, strict=True) if not is_saved}
    typed_words = {
        name: Typed(after_class.words(request.POST[name], most), _shown_words(request, name, most))
        for name, most in WORDS.items()
        if name in request.POST
    }
    touched = {name: typed for name, typed in typed_words.items() if typed.is_touched}
    return newer | (after_class.save_words(meeting, touched, by=by, at=at) if touched else set())


def _note(request, child_id: int) -> tuple[Typed, Typed]:
    shown, was = request.POST.get(f"was-chip-{child_id}"), request.POST.get(f"was-note-{child_id}")
    chosen = after_class.chips(request.POST.getlist(f"chip-{child_id}"))
    return (
        Typed(chosen, None if shown is None else after_class.chips(shown.split(","))),
        Typed(one_line(request.POST[f"note-{child_id}"], 400), None if was is None else one_line(was, 400)),
    )


def _shown_words(request, name: str, most: int) -> str | None:
    shown = request.POST.get(f"was-{name}")
    return None if shown is None else after_class.words(shown, most)


def put_fields(request, rows: list[dict], diary: ClassDiary, newer: set[str]) -> dict[str, Field]:
    """Give each row its fields, and return those of the diary by name. Those in `newer` keep what was typed,
    to be read beside what it says now.
    """

    def field(name: str, now: str, label: str) -> Field:
        if name not in newer:
            return Field(name, now, now)
        return Field(name, now, ",".join(request.POST.getlist(name)), label)

    for row in rows:
        child, note = row["line"].child, row["note"]
        row["levels"] = [
            (
                skill,
                field(
                    f"skill-{child.pk}-{skill.pk}",
                    str(level or ""),
                    str(SkillObservation.Level(level).label) if level else "",
                ),
            )
            for skill, level in row["skills"]
        ]
        chips = note.chips if note else []
        labels = (str(label) for value, label in ClassNote.Chip.choices if value in chips)
        row["chips"] = field(f"chip-{child.pk}", after_class.chips(chips), " · ".join(labels))
        text = note.text if note else ""
        row["text"] = field(f"note-{child.pk}", text, text)
        row["is_open"] = note or {row["chips"].name, row["text"].name} & newer
    return {name: field(name, getattr(diary, name), getattr(diary, name)) for name in WORDS}
