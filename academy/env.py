"""Reading the environment, with one helpful line when something is missing. Imports nothing of Django."""

import os
import secrets
from pathlib import Path


class Missing(SystemExit):
    """Stops the start: a variable that production cannot do without is not set."""


def text(name: str, default: str | None = None) -> str:
    """The variable as text; without a default it must be there."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise Missing(
            f"{name} is not set: production needs it (DEMO=1 runs the demonstration, DEBUG=1 a workbench)."
        )
    return default


def flag(name: str, default: bool = False) -> bool:
    """1, true, yes, on are yes; anything else is no."""
    value = os.environ.get(name, "").strip().lower()
    return default if not value else value in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    """A whole number; a line that says which variable is not one."""
    value = os.environ.get(name, "").strip()
    try:
        return int(value) if value else default
    except ValueError:
        raise Missing(f"{name} must be a whole number, not {value!r}.") from None


def words(name: str, default: str | None = None) -> list[str]:
    """A list written with commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def kept_secret(path: Path) -> str:
    """The secret kept in this file; made on first use, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        value = secrets.token_urlsafe(50)
        file.write(value)
    return value


def kept_key(path: Path) -> str:
    """The encryption keys kept in this file, one a line, the first in use; one is made on first use, readable
    by its owner only.
    """
    from cryptography.fernet import Fernet

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return ",".join(path.read_text().split())
    with os.fdopen(handle, "w") as file:
        value = Fernet.generate_key().decode()
        file.write(value + "\n")
    return value
