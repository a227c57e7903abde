"""Put a backup in place of what is there, and erase again what was erased after it."""

from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils import timezone

from academy.backups import keys, restoring
from home.language.lists import listed


class Command(BaseCommand):
    help = (
        "Restore a backup: database and files, then migrate, erase again what was erased since, hold back "
        "emails of the past, and check. Stop the web processes and the workers first."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", help="a backup that `manage.py backup` wrote")
        parser.add_argument("--identity", required=True, metavar="KEY", help="the file of the secret key")
        parser.add_argument(
            "--erased",
            metavar="LIST",
            help="erased.jsonl, if it is neither beside the backup nor in BACKUP_DIR",
        )
        parser.add_argument(
            "--replace", action="store_true", help="delete the database and files that are there"
        )
        parser.add_argument(
            "--without-notes", action="store_true", help="go on although some safety notes cannot be read"
        )
        parser.add_argument(
            "--without-erasures",
            action="store_true",
            help="go on although the list of erased numbers is away",
        )

    def handle(self, *, file, identity, erased, replace, without_notes, without_erasures, **options):
        done = restoring.restore(
            Path(file),
            keys.identities(Path(identity)),
            erased=Path(erased) if erased else None,
            agreed=restoring.Agreed(replace, without_notes, without_erasures),
            at=timezone.now(),
            tell=self.stdout.write,
        )
        self.stdout.write(f"The backup of {timezone.localtime(done.made_at):%d/%m/%Y %H:%M} is in place:")
        self.stdout.write(f"  {done.rows} rows, {done.files} files")
        again = listed(f"{count} × {what}" for what, count in done.erased.items()) or "nothing"
        self.stdout.write(f"  erased again: {again}; past its date: {done.expired} rows")
        self.stdout.write(f"  {done.held_back} emails of that time were held back: /fr/office/letters/")
        for words in done.remarks:
            self.stdout.write(f"  {words}")
        for words in done.faults:
            self.stdout.write(f"  FAULT: {words}")
        self.stdout.write(f"It took {done.seconds / 60:.1f} minutes ({done.seconds:.0f} s).")
        if done.faults:
            raise keys.BackupFailed("It is in place, but not everything holds. See the faults above.")
