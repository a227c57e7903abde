"""What several people type on the page after a class: newer words of a colleague are not replaced unread."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from courses.models import Meeting, Skill
from enrollments.classes import diary, progress
from enrollments.models import Child, ClassNote, SkillObservation
from enrollments.places import seat_log
from home.account import User
from home.language.dates import one_line


@dataclass(frozen=True)
class Typed:
    """One field of the form: its value, and what the page showed there; None replaces whatever it is now."""

    value: str
    shown: str | None = None

    @property
    def is_touched(self) -> bool:
        return self.value != self.shown

    def settled(self, now: str) -> tuple[str, bool]:
        """Return the value to keep, and whether somebody else has changed it to another one since."""
        if not self.is_touched:
            return now, False
        is_newer = self.shown is not None and now not in (self.shown, self.value)
        return (now if is_newer else self.value), is_newer


def words(text: str, most: int) -> str:
    """Return typed words as the diary keeps them, with line ends of one kind."""
    return text.replace("\0", "").replace("\r\n", "\n")[:most].strip()


def chips(chosen: list[str]) -> str:
    """Return the chips of a note that exist, as a form shows them: in their order, with commas."""
    return ",".join(chip for chip in ClassNote.Chip.values if chip in chosen)


@transaction.atomic
def save_level(child: Child, skill: Skill, meeting: Meeting, typed: Typed, *, by: User, at: datetime) -> bool:
    """Save a level ("" removes it); False when a newer one stays. Raises ValueError for an unknown level."""
    seat_log.locked_children([child])
    row = SkillObservation.objects.filter(child=child, skill=skill, meeting=meeting).first()
    now = str(row.level) if row else ""
    value, is_newer = typed.settled(now)
    if value != now:
        progress.observe(child, skill, meeting, level=int(value) if value else None, by=by, at=at)
    return not is_newer


@transaction.atomic
def save_note(
    child: Child, meeting: Meeting, *, chosen: Typed, text: Typed, by: User, at: datetime
) -> tuple[bool, bool]:
    """Save a note's chips (as `chips` returns them) and words; for each, False when a newer one stays."""
    seat_log.locked_children([child])
    row = ClassNote.objects.filter(child=child, meeting=meeting).first()
    now = (chips(row.chips), row.text) if row else ("", "")
    kept, newer_chips = chosen.settled(now[0])
    said, newer_text = Typed(one_line(text.value, 400), text.shown).settled(now[1])
    if (kept, said) != now:
        progress.note(child, meeting, chips=kept.split(","), text=said, by=by, at=at)
    return not newer_chips, not newer_text


@transaction.atomic
def save_words(meeting: Meeting, typed: Mapping[str, Typed], *, by: User, at: datetime) -> set[str]:
    """Save words of the diary (as `words` returns them); return the names of those whose newer ones stay."""
    row = diary.diary_of(meeting, lock=True)
    changed, newer = {}, set()
    for name, one in typed.items():
        now = getattr(row, name).replace("\r\n", "\n")
        value, is_newer = one.settled(now)
        if is_newer:
            newer.add(name)
        elif value != now:
            changed[name] = value
    if changed:
        diary.write_diary(meeting, by=by, at=at, **changed)
    return newer
