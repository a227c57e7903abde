"""The safety note under its own keys (settings.SAFETY_KEYS): sealed before it meets the database, opened only to be shown.

Fernet (AES-128-CBC with HMAC-SHA256, cryptography's recipe); several keys, the first seals, any opens, so that keys can be changed.
"""

import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from enrollments.models import SafetyNote
from home.models import AcademySettings

PARTS = ("may_happen", "what_to_do", "medicine", "whom_to_call")


class Unreadable(Exception):
    """There is a note, and none of our keys opens it. Whoever asked must be told so: it is not an empty note."""


def _keys() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in settings.SAFETY_KEYS])
    except ValueError as fault:  # no key, or one that is none
        raise Unreadable from fault


def may_write() -> bool:
    """Notes are taken only when the academy has entered its CNDP authorisation number, and has keys (law 09-08, article 21)."""
    return bool(settings.SAFETY_KEYS and AcademySettings.ours().cndp_number.strip())


def seal(parts: dict[str, str]) -> str:
    """The four parts as they are kept."""
    plain = json.dumps({part: parts.get(part, "") for part in PARTS}, ensure_ascii=False)
    return _keys().encrypt(plain.encode()).decode()


def open_note(note: SafetyNote) -> dict[str, str]:
    """The four parts of a note. Raises Unreadable."""
    try:
        return json.loads(_keys().decrypt(note.sealed.encode()))
    except (InvalidToken, ValueError) as fault:
        raise Unreadable from fault


def reseal(sealed: str) -> str:
    """The same note under the first key. Raises Unreadable."""
    try:
        return _keys().rotate(sealed.encode()).decode()
    except InvalidToken as fault:
        raise Unreadable from fault
