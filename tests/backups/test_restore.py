"""The drill: everything is lost, and a backup brings it back, without those erased since (trust 39)."""

import re
import shutil

import pytest

from tests import databases
from tests.backups.own_site import OwnSite, own_site

SERVED = 200


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """A site with two families, its backup, and what happened after it."""
    with own_site(tmp_path_factory.mktemp("origin")) as site:
        site.scene("make")
        site.scene("make_more")
        site.back_up()
        site.before = site.scene("look")
        site.told = site.scene("erase")
        site.after = site.scene("look")
        yield site


@pytest.fixture
def copy_of(origin, tmp_path):
    """`copy_of(template)`: another machine with the keys of the site, its backup and its list."""
    opened = []

    def made(template=None) -> OwnSite:
        context = own_site(tmp_path / "other", template)
        site = context.__enter__()
        opened.append(context)
        site.variables |= {name: origin.variables[name] for name in ("SAFETY_KEYS", "BACKUP_KEYS")}
        (site.folder / "data/secret_key").write_text((origin.folder / "data/secret_key").read_text())
        for path in origin.backups.iterdir():
            shutil.copy(path, site.backups / path.name)
        shutil.copy(origin.identity, site.folder / "origin.txt")
        return site

    yield made
    for context in opened:
        context.__exit__(None, None, None)


def command(site: OwnSite, *more: str) -> list[str]:
    return ["restore", str(site.whole()[0]), "--identity", str(site.folder / "origin.txt"), *more]


def test_the_drill(origin, copy_of):
    assert origin.before["children"] == origin.before["parties"] == 1 and origin.after["children"] == 0
    assert ["guardian_added", "queued"] in origin.before["letters"]
    site = copy_of()
    told = site.manage(*command(site))
    found = site.scene("look")
    assert found["note"] == "zerhounite", "the note decrypts"
    assert (found["status"], found["served"]) == (SERVED, origin.before["served"]), "the picture is served"
    assert (found["parties"], found["children"], found["projects"]) == (0, 0, ["Robot suiveur"])
    assert found["files"] == origin.after["files"], "the program that was deleted is deleted again"
    kept = {path.name for path in origin.private()}
    assert {path.name for path in site.private()} == kept, "the erased ones are erased in files"
    assert "zeraffiche" in (site.folder / "data/media/images/affiche.txt").read_text()
    assert found["faults"] == [] and "FAULT" not in told
    assert "queued" not in {state for kind, state in found["letters"]}
    assert ["guardian_added", "failed"] in found["letters"], "held back, for the desk to decide"
    site.manage("tick")
    assert not list((site.folder / "data/letters").glob("*")), "no email of the past is sent"
    assert re.search(r"It took \d+\.\d minutes \(\d+ s\)\.", told)
    print(told)
    site.manage(*command(site, "--replace"))
    assert site.scene("look")["served"] == origin.before["served"], "and again, in place of itself"
    newer = site.back_up()
    assert "all sums are right" in site.manage(
        "backup", "--verify", str(newer), "--identity", str(site.folder / "origin.txt")
    )


def test_what_cannot_be_restored_is_refused_with_a_sentence_and_changes_nothing(origin, copy_of):
    site = copy_of(databases.PLAIN)
    site.scene("make")
    before = site.scene("look")
    path = site.whole()[0]
    whole = path.read_bytes()
    replace = command(site, "--replace")

    assert "Not empty: the database" in site.refused(*command(site))
    other = [*replace[:3], str(site.identity), *replace[4:]]
    assert "This identity does not open" in site.refused(*other)
    path.write_bytes(whole[:-20])
    assert "damaged, cut off, or was altered" in site.refused(*replace)
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    assert "damaged, cut off, or was altered" in site.refused(*replace)
    path.write_bytes(whole)

    right = site.variables["SAFETY_KEYS"]
    site.variables["SAFETY_KEYS"] = origin.variables["SAFETY_KEYS"][:10] + "A" * 33 + "="
    said = site.refused(*replace)
    assert "SAFETY_KEYS lacks a key of this backup: 1 safety notes cannot be read (1)" in said
    assert "--without-notes" in said
    site.variables["SAFETY_KEYS"] = right
    listed = site.backups / "erased.jsonl"
    hidden = listed.rename(site.folder / "elsewhere.jsonl")
    site.variables["BACKUP_DIR"] = ""
    assert "The list of erased numbers (erased.jsonl) is not beside the backup" in site.refused(*replace)
    hidden.rename(listed)
    assert site.scene("look")["served"] == before["served"]
    assert site.scene("look")["letters"] == before["letters"], "nothing was changed by any of them"


def test_a_backup_of_newer_software_is_refused_and_one_of_older_software_is_migrated(tmp_path):
    with own_site(tmp_path / "site") as site:
        (site.folder / "origin.txt").write_text(site.identity.read_text())
        site.manage("migrate", "enrollments", "0046", "--verbosity=0")
        older = site.back_up()
        site.manage("migrate", "--verbosity=0")
        site.scene("come_from_tomorrow")
        newer = site.back_up()
        said = site.refused("restore", str(newer), "--identity", str(site.identity), "--replace")
        assert "written by newer software: enrollments.9999_from_tomorrow is not known here" in said
        site.manage("restore", str(older), "--identity", str(site.identity), "--replace")
        site.manage("migrate", "--check")
        site.back_up()
