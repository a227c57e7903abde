"""Read environment variables, with one helpful line when something is missing. Does not import Django."""

import os
import secrets
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet


class Missing(SystemExit):
    """Raised at start-up when a variable required in production is not set."""


def text(name: str, default: str | None = None) -> str:
    """Return the variable as text. Raises Missing if it is unset and has no default."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise Missing(
            f"{name} is not set: production needs it (DEMO=1 runs the demonstration, DEBUG=1 a workbench)."
        )
    return default


def flag(name: str, default: bool = False) -> bool:
    """Return the variable as a boolean: 1, true, yes and on are true, anything else is false."""
    value = os.environ.get(name, "").strip().lower()
    return default if not value else value in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    """Return the variable as a whole number. The error names a variable that is not one."""
    value = os.environ.get(name, "").strip()
    try:
        return int(value) if value else default
    except ValueError:
        raise Missing(f"{name} must be a whole number, not {value!r}.") from None


def numbers(name: str, default: str) -> list[int]:
    """Return the variable as whole numbers between commas. The error names one that is something else."""
    try:
        return [int(word) for word in words(name, default)]
    except ValueError:
        raise Missing(f"{name} must be whole numbers between commas, such as {default}.") from None


def words(name: str, default: str | None = None) -> list[str]:
    """Return the variable as a list of comma-separated values."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def private_storage() -> dict[str, Any]:
    """Return where children's work is stored, for STORAGES: a bucket if one is named, else a folder.

    The client of the bucket reads its keys itself (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY).
    """
    bucket = os.environ.get("PRIVATE_BUCKET", "").strip()
    if not bucket:
        return {"BACKEND": "home.files.private.PrivateFolder"}
    options = {
        "bucket_name": bucket,
        "endpoint_url": os.environ.get("PRIVATE_BUCKET_ENDPOINT", "").strip() or None,
        "region_name": os.environ.get("PRIVATE_BUCKET_REGION", "").strip() or None,
        "signature_version": "s3v4",
        "default_acl": None,  # as the bucket is: private
        "file_overwrite": False,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def kept_secret(path: Path) -> str:
    """Return the secret stored in this file. Created on first use, readable by its owner only."""
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
    """Return the encryption keys stored in this file, one per line, the first for encrypting.

    Created on first use, readable by its owner only.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return ",".join(path.read_text().split())
    with os.fdopen(handle, "w") as file:
        value = Fernet.generate_key().decode()
        file.write(value + "\n")
    return value
