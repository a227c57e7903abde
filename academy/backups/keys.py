"""Keys around a backup: the public keys it is encrypted to, and fingerprints of the site's own keys.

A backup is an age file (https://age-encryption.org/v1), which the program `age` opens too. The public keys
are on the server. The identity that opens a backup is not, except while one is checked or restored.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.management.base import CommandError
from pyrage import IdentityError, RecipientError, x25519

LETTERS = 16  # of a fingerprint: 64 bits tell a handful of keys apart


class BackupFailed(CommandError):
    """A backup was not written, not opened or not restored; the sentence says why and what to do."""


def recipients(told: Iterable[str] = ()) -> list[Any]:
    """Return the public keys to encrypt to: these, else settings.BACKUP_KEYS. Raises BackupFailed."""
    words = list(told) or settings.BACKUP_KEYS
    if not words:
        raise BackupFailed(
            "There is no key to encrypt the backup to. Create one with `manage.py backup --new-identity "
            "FILE`, keep the file away from this machine, and set BACKUP_KEYS to its public key."
        )
    try:
        return [x25519.Recipient.from_str(word) for word in words]
    except RecipientError:
        raise BackupFailed("BACKUP_KEYS must be public keys of age, such as age1…, between commas.") from None


def new_identity(path: Path) -> str:
    """Write a new identity to a file for its owner only; return its public key. Raises BackupFailed."""
    identity = x25519.Identity.generate()
    public = str(identity.to_public())
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(f"# public key: {public}\n{identity}\n")
    except FileExistsError:
        raise BackupFailed(f"{path} is there already. Nothing was written.") from None
    except OSError as fault:
        raise BackupFailed(f"{path} cannot be written: {fault.strerror}.") from fault
    return public


def identities(path: Path) -> list[Any]:
    """Return the identities in a file as age-keygen writes it. Raises BackupFailed."""
    try:
        lines = [line.strip() for line in path.read_text().splitlines()]
    except (OSError, UnicodeDecodeError):
        raise BackupFailed(f"The identity {path} cannot be read.") from None
    try:
        found = [x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except IdentityError:
        found = []
    if not found:
        raise BackupFailed(f"{path} holds no identity of age: one line that begins with AGE-SECRET-KEY-1.")
    return found


def fingerprint(key: str) -> str:
    """Return what tells a key from others and does not lead back to it."""
    return hashlib.sha256(f"active-labs key {key}".encode()).hexdigest()[:LETTERS]


def ours() -> dict[str, Any]:
    """Return the fingerprints of SECRET_KEY and of SAFETY_KEYS, the first first."""
    return {
        "secret": fingerprint(settings.SECRET_KEY),
        "safety": [fingerprint(key) for key in settings.SAFETY_KEYS],
    }


def notes_by_key(notes: Iterable[tuple[int, str]]) -> dict[str, list[int]]:
    """Return which safety notes each key opens, by its fingerprint; "" for those that none opens.

    `notes`: primary key and encrypted text.
    """
    opens = [(fingerprint(key), Fernet(key)) for key in settings.SAFETY_KEYS]
    found: dict[str, list[int]] = {}
    for number, sealed in notes:
        name = next((name for name, key in opens if _opens(key, sealed)), "")
        found.setdefault(name, []).append(number)
    return found


def _opens(key: Fernet, sealed: str) -> bool:
    try:
        key.decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True
