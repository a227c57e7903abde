"""`manage.py backup`: one encrypted file with everything, or a sentence and nothing that looks like one."""

import io
import json
import os
import re
import resource
import signal
import tarfile
from datetime import UTC, datetime, timedelta

import pyrage
import pytest
from django.core.management import CommandError, call_command

from academy.backups import ending
from tests import databases
from tests.backups.own_site import end, own_site, until

SECRETS = ("zerhounite", "Yassmina", "parent@example.org", "zercontenu")


@pytest.fixture
def site(tmp_path):
    with own_site(tmp_path) as found:
        yield found


def clear_text(site, path) -> bytes:
    """Open a backup as `age --decrypt` does, without our code."""
    key = re.search("AGE-SECRET-KEY-1.+", site.identity.read_text())[0]
    return pyrage.decrypt(path.read_bytes(), [pyrage.x25519.Identity.from_str(key)])


def test_a_backup_is_one_encrypted_file_with_database_files_and_no_key(site):
    site.scene("make")
    path = site.back_up()
    sealed, opened = path.read_bytes(), clear_text(site, path)
    assert not any(word.encode() in sealed for word in SECRETS)
    assert path.stat().st_mode & 0o777 == 0o600 and site.unfinished() == []
    with tarfile.open(fileobj=io.BytesIO(opened)) as archive:
        members = {one.name: archive.extractfile(one).read() for one in archive if one.isfile()}
    assert next(iter(members)) == "about.json" and list(members)[-1] == "manifest.json"
    files = {
        f"private/{one.relative_to(site.folder / 'data/private')}": one.read_bytes() for one in site.private()
    }
    assert len(files) == 3 and files.items() <= members.items()
    assert members["media/images/affiche.txt"] == b"zeraffiche"
    database = b"".join(body for name, body in sorted(members.items()) if name.startswith("database/"))
    assert database.startswith(b"PGDMP" if databases.SERVER else b"SQLite format 3\0")
    about = json.loads(members["about.json"])
    assert (
        about["rows"]["enrollments_project"] == 1
        and "enrollments.0001_children_and_places" in about["migrations"]
    )
    secret = (site.folder / "data/secret_key").read_text()
    assert not any(key.encode() in opened for key in (secret, site.variables["SAFETY_KEYS"]))
    assert list(about["notes"]) == about["keys"]["safety"], "the key of the environment opens the only note"
    assert not (site.folder / "data/.backup.sqlite3").exists()
    told = site.manage("backup", "--verify", str(path), "--identity", str(site.identity))
    assert "all sums are right" in told and "private: 3 pieces" in told


def test_what_is_altered_cut_off_or_anothers_is_not_called_whole(site):
    path = site.back_up()
    whole = path.read_bytes()
    other = site.folder / "other.txt"
    assert "BACKUP_KEYS=age1" in site.manage("backup", "--new-identity", str(other))
    assert other.stat().st_mode & 0o777 == 0o600

    def verified(identity=site.identity) -> str:
        """Return what it says; the command starts in this process, and reads no settings."""
        with pytest.raises(CommandError) as refusal:
            call_command("backup", verify=str(path), identity=str(identity))
        return str(refusal.value)

    assert "does not open" in site.refused("backup", "--verify", str(path), "--identity", str(other))
    assert "holds no identity" in verified(path.parent / ".backup.lock")
    for broken in (whole[:-1], whole[: len(whole) // 2], whole[:50], b"", whole + b"\0"):
        path.write_bytes(broken)
        assert "damaged, cut off, or was altered" in verified(), len(broken)
    for place in (300, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert "damaged, cut off, or was altered" in verified(), place
    path.unlink()
    assert "cannot be read" in verified()


def test_without_a_key_a_folder_or_room_there_is_a_sentence_and_no_backup(site):
    told = site.variables["BACKUP_KEYS"]
    site.variables["BACKUP_KEYS"] = ""
    assert "There is no key to encrypt the backup to" in site.refused("backup")
    site.variables["BACKUP_KEYS"] = told[:-1]
    assert "must be public keys of age" in site.refused("backup")
    site.variables["BACKUP_KEYS"] = told
    assert "is no folder" in site.refused("backup", "--to", str(site.folder / "away"))
    site.variables["BACKUP_DIR"] = ""
    assert "set BACKUP_DIR" in site.refused("backup")
    site.variables["BACKUP_DIR"] = str(site.backups)
    assert "is there already" in site.refused("backup", "--new-identity", str(site.identity))
    (site.folder / "data/media").mkdir(exist_ok=True)
    (site.folder / "data/media/large").write_bytes(os.urandom(20 * 1024**2))

    def small():  # as a disk that is full: no file of this process grows beyond
        resource.setrlimit(resource.RLIMIT_FSIZE, (12 * 1024**2, 12 * 1024**2))

    said = site.refused("backup", preexec_fn=small)
    assert said.startswith("BackupFailed: No backup was written. File too large"), said
    assert site.whole() == site.unfinished() == []


@pytest.mark.fault
def test_a_second_backup_waits_for_nobody_and_a_killed_one_leaves_no_backup(site):
    halt = site.folder / "data/private/halt"
    halt.parent.mkdir(exist_ok=True)
    os.mkfifo(halt)  # who opens it waits for its other end: the backup stops in the middle

    def is_begun() -> bool:
        return any(part.stat().st_size for part in site.unfinished())

    for how, code in ((signal.SIGTERM, 1), (signal.SIGKILL, -signal.SIGKILL)):
        process = site.start("manage.py", "backup")
        until(is_begun)
        assert "Another backup is being written" in site.refused("backup")
        ended, words = end(process, how)
        assert ended == code and "Traceback" not in words, words
        assert ("Told to stop: no backup was written." in words) is (how is signal.SIGTERM)
        assert site.whole() == []
        assert bool(site.unfinished()) is (how is signal.SIGKILL)
    halt.unlink()
    assert len([site.back_up()]) == 1 and site.unfinished() == []


def test_a_file_that_goes_while_it_is_read_is_told_and_one_that_changes_ends_it(site, monkeypatch):
    site.scene("make")
    told = site.scene("vanish")
    assert told["gone"] == 1 and told["whole"]
    assert "was changed while it was read. Try again." in site.scene("grow")["said"]
    assert site.unfinished() == []


def test_memory_stays_bounded_whatever_the_size(site):
    folder = site.folder / "data/media/images"
    folder.mkdir(parents=True)

    def peak() -> int:
        words = "import sys, resource; from django.core.management import execute_from_command_line as run; "
        words += "run(['manage.py', 'backup']); "
        words += "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        code, out, errors = site.run("-c", words)
        assert code == 0, errors
        return int(out.splitlines()[-1]) // 1024  # MB

    (folder / "small").write_bytes(b"0")
    small = peak()
    until(lambda: not (site.backups / ending.name_at(datetime.now(UTC))).exists())
    for name in "abcdefgh":
        with (folder / name).open("wb") as file:
            file.truncate(50 * 1024**2)
    assert peak() < small + 60, "400 MB of files"


@pytest.mark.parametrize(("keep", "left"), [(0, [0, 1, 30]), (2, [0, 1]), (1, [0])])
def test_backups_end_and_the_newest_never_does(tmp_path, settings, keep, left):
    settings.BACKUP_DAYS = 30
    at = datetime(2026, 11, 30, 3, tzinfo=UTC)

    def lay(days: int):
        path = tmp_path / ending.name_at(at - timedelta(days=days))
        path.touch()
        return path

    paths = {days: lay(days) for days in (0, 1, 30, 31, 400)}
    (tmp_path / "notes.age").touch()
    ending.end_old(tmp_path, at=at, keep=keep)
    assert [days for days, path in paths.items() if path.exists()] == left
    assert (tmp_path / "notes.age").exists(), "not ours"


def test_the_nightly_job_ends_old_backups_and_tells_when_there_is_no_new_one(tmp_path, settings):
    at = datetime(2026, 11, 30, 3, tzinfo=UTC)
    settings.BACKUP_DIR = None
    assert ending.watch(at) == 0
    settings.BACKUP_DIR, settings.BACKUP_DAYS = tmp_path, 30
    with pytest.raises(ending.NoRecentBackup):
        ending.watch(at)
    for days in (2, 31):
        (tmp_path / ending.name_at(at - timedelta(days=days))).touch()
    assert ending.watch(at) == 1
    with pytest.raises(ending.NoRecentBackup):
        ending.watch(at + timedelta(seconds=1))
    assert len(list(tmp_path.iterdir())) == 1, "the last one stays"
