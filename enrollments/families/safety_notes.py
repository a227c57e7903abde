"""Safety notes, encrypted under keys of their own (settings.SAFETY_KEYS). Sole writer of SafetyNote.

A note is encrypted before it reaches the database and decrypted only to be shown. Fernet (AES-128-CBC with
HMAC-SHA256, cryptography's recipe); several keys, the first seals, any opens, so that keys can be changed.
"""

import json
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction

from enrollments.families import erased_numbers
from enrollments.models import Child, SafetyNote
from home.account import User
from home.models import AcademySettings

PARTS = ("may_happen", "what_to_do", "medicine", "whom_to_call")


class Unreadable(Exception):
    """Raised if there is a note that none of our keys decrypts.

    The user must be told: it is not an empty note.
    """


def _keys() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in settings.SAFETY_KEYS])
    except ValueError as fault:  # no key, or an invalid one
        raise Unreadable from fault


def may_write(academy: AcademySettings | None = None) -> bool:
    """Return whether notes may be stored: the academy has entered its CNDP authorisation number, and has keys
    (law 09-08, article 21). `academy`: its settings, where a request has loaded them already.
    """
    return bool(settings.SAFETY_KEYS and (academy or AcademySettings.ours()).cndp_number.strip())


def seal(parts: dict[str, str]) -> str:
    """Encrypt the four parts for storage."""
    plain = json.dumps({part: parts.get(part, "") for part in PARTS}, ensure_ascii=False)
    return _keys().encrypt(plain.encode()).decode()


def open_note(note: SafetyNote) -> dict[str, str]:
    """Decrypt the four parts of a note. Raises Unreadable."""
    try:
        parts: dict[str, str] = json.loads(_keys().decrypt(note.sealed.encode()))
    except (InvalidToken, ValueError) as fault:
        raise Unreadable from fault
    return parts


def reseal(sealed: str) -> str:
    """Re-encrypt a note with the first key. Raises Unreadable."""
    try:
        return _keys().rotate(sealed.encode()).decode()
    except InvalidToken as fault:
        raise Unreadable from fault


@transaction.atomic
def write_note(child: Child, *, parts: dict[str, str], by: User, at: datetime) -> SafetyNote | None:
    """Save a child's safety note, encrypted.

    Four empty parts delete it. Raises PermissionError while the academy may not store notes.
    """
    if not any(text.strip() for text in parts.values()):
        erase_note(child, at=at)
        return None
    if not may_write():
        raise PermissionError
    note, _made = SafetyNote.objects.update_or_create(
        child=child, defaults={"sealed": seal(parts), "changed_at": at, "changed_by_ref": by.pk}
    )
    return note


@transaction.atomic
def erase_note(child: Child, *, at: datetime) -> None:
    """Delete the note. No copy is kept."""
    if SafetyNote.objects.filter(child=child).delete()[0]:
        erased_numbers.note(erased_numbers.What.SAFETY_NOTE, child.pk, born=child.created_at, at=at)


def reseal_notes() -> tuple[int, list[int]]:
    """Re-encrypt every note with the first key.

    Return how many, and the ids of those no key decrypts (left unchanged).
    """
    done, closed = 0, []
    for pk in SafetyNote.objects.values_list("pk", flat=True).order_by("pk"):
        with transaction.atomic():
            note = SafetyNote.objects.select_for_update().filter(pk=pk).first()
            if note is None:
                continue
            try:
                note.sealed = reseal(note.sealed)
            except Unreadable:
                closed.append(pk)
                continue
            note.save(update_fields=["sealed"])
            done += 1
    return done, closed
