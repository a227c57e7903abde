"""The folders behind the storages "private" and "copies": files that only a view of ours may hand out
(trust 25).

Use `storages["private"]`, never these classes: in production, settings.STORAGES may name a bucket instead.
"""

from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage


class PrivateFolder(FileSystemStorage):
    """A folder beside the media folder, readable by the server's account only. Its files have no address."""

    NAME = "private"

    def __init__(self) -> None:
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700)

    @property
    def base_location(self) -> Path:  # read each time: tests move the folder
        return Path(settings.DATA_DIR) / self.NAME

    @property
    def location(self) -> str:
        return str(self.base_location.absolute())

    def url(self, name: str | None) -> str:
        """Raise ValueError: there is no address to give away."""
        raise ValueError("A private file has no address.")


class CopiesFolder(PrivateFolder):
    """The same for the copies of their data that families asked for, which live for a day."""

    NAME = "copies"
