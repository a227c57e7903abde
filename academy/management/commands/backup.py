"""Save everything that cannot be made again into one encrypted file, or check such a file."""

import signal
import sys
from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils import timezone

from academy.backups import archive, ending, keys, saving


class Command(BaseCommand):
    help = (
        "Save the database, pictures, documents and children's work into one file, encrypted with age to a "
        "public key. The file has its name once it is whole. Old backups end after BACKUP_DAYS."
    )

    def add_arguments(self, parser):
        parser.add_argument("--to", default="", metavar="DIRECTORY", help="instead of BACKUP_DIR")
        parser.add_argument(
            "--recipient",
            action="append",
            default=[],
            metavar="KEY",
            help="a public key, instead of BACKUP_KEYS",
        )
        parser.add_argument(
            "--keep", type=int, default=0, metavar="N", help="then delete all but the newest N backups there"
        )
        parser.add_argument(
            "--verify", metavar="FILE", help="write none: open this one and check all its sums"
        )
        parser.add_argument("--identity", metavar="FILE", help="with --verify: the file of the secret key")
        parser.add_argument(
            "--new-identity", metavar="FILE", help="write none: create a secret key in this file"
        )

    def handle(self, *, to, recipient, keep, verify, identity, new_identity, **options):
        if new_identity:
            self.stdout.write(f"BACKUP_KEYS={keys.new_identity(Path(new_identity))}")
            self.stdout.write(
                "Keep the file away from this machine, twice: without it, no backup can be opened."
            )
        elif verify:
            self.verify(Path(verify), identity)
        else:
            self.save(to, recipient, keep)

    def verify(self, path: Path, identity: str | None):
        if not identity:
            raise keys.BackupFailed("A backup is checked with its secret key: --identity FILE.")
        opened = keys.identities(Path(identity))
        about = archive.about(path, opened)
        manifest = archive.checked(path, opened)
        self.stdout.write(f"{path.name} of {about['made_at']} opens, is whole, and all sums are right.")
        self.tell(manifest)

    def save(self, to: str, recipient: list[str], keep: int):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("Told to stop: no backup was written."))
        place = saving.folder(to)
        done = saving.save(place, keys.recipients(recipient), at=timezone.now())
        self.stdout.write(f"{done.path}: {_megabytes(done.size)}, {done.seconds:.0f} s")
        self.tell(done.manifest)
        for path in ending.end_old(place, at=timezone.now(), keep=keep):
            self.stdout.write(f"Ended: {path.name}")

    def tell(self, manifest: dict):
        for name, part in manifest["parts"].items():
            self.stdout.write(f"  {name}: {part['members']} pieces, {_megabytes(part['bytes'])}")
        if gone := sum(manifest["gone"].values()):
            self.stdout.write(
                f"  {gone} files were deleted while the backup was written; it does not hold them."
            )


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:.1f} MB"
