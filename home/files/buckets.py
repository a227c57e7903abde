"""Files in a bucket (S3), through django-storages: the storages that academy/env.py names when there is one.

A bucket is private, whatever it holds: its files have no address of their own, signed or not. Views of ours
hand them out, each piece by piece.

A server that does not answer is an OSError here, as a full disk is. `home.files.reach` tells how it is.
"""

from collections.abc import Callable
from functools import wraps
from pathlib import PurePosixPath
from threading import Lock
from typing import Any, TypeVar, cast

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.base import File
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3File, S3Storage
from storages.utils import clean_name

from home.files.reach import Away

IN_MEMORY = 1024 * 1024  # bytes of a file that is read; the rest is on the disk
MISSING = 404
Call = TypeVar("Call", bound=Callable[..., Any])


def _config(*, patience: float, attempts: int) -> Config:
    """Return how the server is asked: the whole of `patience` (seconds) for each attempt to be answered."""
    return Config(
        signature_version="s3v4",
        connect_timeout=2,
        read_timeout=patience,
        retries={"total_max_attempts": attempts, "mode": "standard"},
        max_pool_connections=16,
        # Checksums of their own are Amazon's; other servers refuse them or store them as part of the file.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )


def _told(call: Call) -> Call:
    """Say in Python's own errors what the client met: FileNotFoundError, or Away."""

    @wraps(call)
    def telling(*args: Any, **more: Any) -> Any:
        try:
            return call(*args, **more)
        except ClientError as fault:
            if fault.response["ResponseMetadata"].get("HTTPStatusCode") == MISSING:
                raise FileNotFoundError("There is no such file in the bucket.") from fault
            raise Away(fault.response["Error"].get("Code", "")) from fault
        except (BotoCoreError, Boto3Error) as fault:
            raise Away(type(fault).__name__) from fault

    return cast(Call, telling)


class BucketFile(S3File):
    """A file of a bucket that is read: fetched when its content is asked for."""

    @_told
    def _get_file(self) -> Any:
        return super()._get_file()

    file = property(_get_file, S3File._set_file)


class Bucket(S3Storage):
    """A bucket whose files are stored and read like those of a folder."""

    _one_at_a_time = Lock()

    def __init__(self, **options: Any) -> None:
        self._resource: Any = None
        super().__init__(
            default_acl=None,  # as the bucket is: private
            file_overwrite=False,
            max_memory_size=IN_MEMORY,
            client_config=_config(patience=10, attempts=2),
            transfer_config=TransferConfig(use_threads=False),
            **options,
        )

    @property
    def connection(self) -> Any:
        """Return the client: one for all threads, since each takes megabytes and a second to make."""
        if self._resource is None:
            with self._one_at_a_time:
                self._resource = self._resource or self._client(self.client_config)
        return self._resource

    def _client(self, config: Config) -> Any:
        return self._create_session().resource(
            "s3",
            region_name=self.region_name,
            endpoint_url=self.endpoint_url,
            config=config,
        )

    @_told
    def check(self) -> None:
        """Ask once whether the bucket can be read, and wait two seconds at most. Raises Away."""
        config = _config(patience=2, attempts=1)
        self._client(config).meta.client.list_objects_v2(Bucket=self.bucket_name, MaxKeys=1)

    def url(self, name: str | None, *args: Any, **more: Any) -> str:
        """Raise ValueError: there is no address to give away."""
        raise ValueError("A file of a bucket has no address.")

    @_told
    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        if mode != "rb":
            raise ValueError("A file of a bucket is read, or stored whole.")
        return cast(File[Any], BucketFile(self._normalize_name(clean_name(name)), mode, self))

    @_told
    def _save(self, name: str, content: File[Any]) -> str:
        return cast(str, super()._save(name, content))

    @_told
    def delete(self, name: str) -> None:
        super().delete(name)

    @_told
    def exists(self, name: str) -> bool:
        return cast(bool, super().exists(name))

    @_told
    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        return cast(tuple[list[str], list[str]], super().listdir(path))

    @_told
    def size(self, name: str) -> int:
        return cast(int, super().size(name))

    @_told
    def get_modified_time(self, name: str) -> Any:
        return super().get_modified_time(name)


class MediaBucket(Bucket):
    """Pictures and documents of the pages. `url` is an address of the site: a view (home.files.media) or the
    web server answers there.
    """

    def url(self, name: str | None, *args: Any, **more: Any) -> str:
        return settings.MEDIA_URL + filepath_to_uri(name or "").lstrip("/")

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return a name that nobody else has: two nodes may store a file at the same moment, and a bucket,
        unlike a folder, lets the second one write over the first.
        """
        path = PurePosixPath(name)
        return cast(
            str,
            super().get_available_name(
                self.get_alternative_name(str(path.with_suffix("")), path.suffix), max_length
            ),
        )
