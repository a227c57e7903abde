"""Projects and sprites of Scratch 2 and 3, and of programs that write the same: mBlock, TurboWarp."""

from typing import IO, Any

from enrollments.portfolio.readers.archives import Archive
from enrollments.portfolio.readers.blocks import scratch2, scratch3
from enrollments.portfolio.readers.faults import CannotRead, FileFault
from enrollments.portfolio.readers.finding import Finding, names, rows, table, words


def read(file: IO[bytes]) -> Finding:
    archive = Archive(file)
    project = archive.find("project.json")
    if project is None:
        sprite = archive.find("sprite.json")
        return _sprite(archive.json(sprite)) if sprite else _unknown()
    contents = archive.json(project)
    if scratch3.is_project(contents):
        if archive.beside(project, "mblock5") or archive.beside(project, "mscratch.json"):
            return _mblock(archive, project, contents)
        return _scratch3(contents)
    if scratch2.is_project(contents):
        return Finding("scratch2", "sb2", scratch2.facts(contents))
    return _unknown()


def _unknown() -> Finding:
    raise CannotRead(FileFault.DAMAGED)


def _scratch3(contents: Any) -> Finding:
    targets = rows(contents["targets"])
    meta = table(contents.get("meta"))
    facts = scratch3.count(targets).facts()
    facts |= {
        "program": words(table(meta.get("platform")).get("name")) or "Scratch",
        "program_version": words(meta.get("vm")) or words(meta.get("semver")),
        "sprites": len(_sprites(targets)),
    }
    return Finding("scratch3", "sb3", facts)


def _sprites(targets: list[Any]) -> list[Any]:
    """Return all targets but the stage, which is told by its mark: a sprite may be called Stage."""
    return [target for target in targets if isinstance(target, dict) and target.get("isStage") is not True]


def _sprite(contents: Any) -> Finding:
    sprite = table(contents)
    if "objName" in sprite:  # of Scratch 2
        return Finding("scratch2", "sprite2", scratch2.facts(sprite))
    if not isinstance(sprite.get("blocks"), dict):
        raise CannotRead(FileFault.DAMAGED)
    facts = scratch3.count([sprite]).facts()
    facts |= {"program": "Scratch", "title": words(sprite.get("name")), "sprites": 1}
    return Finding("scratch_sprite", "sprite3", facts)


def _mblock(archive: Archive, project: str, contents: Any) -> Finding:
    """Read a project of mBlock: its devices are stored as sprites, and told apart in a file beside them."""
    about = archive.beside(project, "mblock5")
    state = archive.beside(project, "mscratch.json")
    version = words(table(archive.json(about)).get("version")) if about else ""
    sprites = table(table(archive.json(state)).get("spritesState")) if state else {}
    devices = [
        device for one in sprites.values() if isinstance(device := table(one).get("deviceId"), str) and device
    ]
    targets = rows(contents["targets"])
    facts = scratch3.count(targets).facts()
    facts |= {
        "program": "mBlock",
        "program_version": version,
        "sprites": max(0, len(_sprites(targets)) - len(devices)),
        "devices": names(devices),
    }
    return Finding("mblock", "mblock", facts)
