"""Projects of Scratch 2 and 3, mBlock and LEGO."""

from typing import Any

from tests.children_files import zipped

FLAG = "event_whenflagclicked"


def block(opcode: str, **more: Any) -> dict[str, Any]:
    """A block as Scratch 3 stores it."""
    usual = {"next": None, "parent": None, "inputs": {}, "fields": {}, "shadow": False, "topLevel": False}
    return {"opcode": opcode} | usual | more


def target(blocks: list[Any] | dict[str, Any], *, name: str = "Cat", stage: bool = False, **more) -> dict:
    stored = blocks if isinstance(blocks, dict) else {f"b{index}": one for index, one in enumerate(blocks)}
    return {
        "isStage": stage,
        "name": name,
        "variables": {},
        "lists": {},
        "blocks": stored,
        "costumes": [],
    } | more


def project(*targets: dict, **more: Any) -> dict[str, Any]:
    meta = {"semver": "3.0.0", "vm": "5.0.300", "agent": "Mozilla/5.0"}
    return {"targets": [target([], name="Stage", stage=True), *targets], "monitors": [], "meta": meta} | more


def sb3(*targets: dict, folder: str = "", **more: Any) -> bytes:
    return zipped({f"{folder}project.json": project(*targets, **more)})


def opcodes(*names: str) -> bytes:
    """A project with one sprite, with these blocks in one script."""
    return sb3(target([block(name, topLevel=not index) for index, name in enumerate(names)]))


def own_block(proccode: str) -> list[dict]:
    """`define jump …` with its prototype, a shadow that alone holds the name, and one call."""
    mutation = {
        "tagName": "mutation",
        "children": [],
        "proccode": proccode,
        "argumentids": "[]",
        "warp": "false",
    }
    return [
        block("procedures_definition", topLevel=True, inputs={"custom_block": [1, "p"]}),
        block("procedures_prototype", shadow=True, mutation=mutation),
        block("argument_reporter_string_number", shadow=True),
        block("procedures_call", mutation=mutation),
    ]


def sb2(scripts: list[Any], *, children: list[dict] | None = None, **info: Any) -> bytes:
    sprite = {"objName": "Sprite1", "scripts": [[10, 20, script] for script in scripts]}
    about = {"swfVersion": "v461", "flashVersion": "LNX 32", "userAgent": "Mozilla/5.0"} | info
    contents = {"objName": "Stage", "children": [sprite, *(children or [])], "info": about}
    return zipped({"project.json": contents, "0.png": b"\x89PNG"})


def mblock(blocks: list[dict], *, devices: tuple[str, ...] = ("mcore",), version: str = "5.2.0") -> bytes:
    """mBlock 5: a device is a target like a sprite; a file beside it says which is one."""
    sprites = [target(blocks if device == devices[0] else [], name=device) for device in devices]
    state = {"s0": {"id": "s0", "name": "Panda", "deviceId": None}} | {
        f"d{device}": {"id": f"d{device}", "name": device, "deviceId": device} for device in devices
    }
    return zipped(
        {
            "mscratch.json": {"spritesState": state, "version": "0.14.49"},
            "project.json": project(target([], name="Panda"), *sprites, extensions=["mcore.mcore"]),
            "mblock5": {"version": version, "createdAt": 1580592948819},
        }
    )


SERIAL, ADDRESS, HUB = "3A0031001751393436363936", "38:0B:3C:A2:E5:0F", "Salma's hub"


def hardware(**more: Any) -> dict[str, Any]:
    """What a manifest says of the hub that was connected last."""
    hub = {
        "name": HUB,
        "id": ADDRESS,
        "lastConnectedHubId": ADDRESS,
        "type": "flipper",
        "connection": "bluetooth",
    }
    return {SERIAL: hub | {"hubState": {"programRunning": False}} | more}


def lego(
    blocks: list[dict] | None = None,
    *,
    python: str | None = None,
    name: str = "Robot",
    beside: dict[str, bytes | str] | None = None,
    **manifest: Any,
) -> bytes:
    """LEGO SPIKE or EV3 Classroom: a manifest, a picture, and Scratch's ZIP or Python within."""
    about = {
        "type": "python" if python is not None else "word-blocks",
        "autoDelete": False,
        "created": "2026-11-01T10:00:00.000Z",
        "id": "wcTlPuKFXpYD",
        "lastsaved": "2026-11-01T11:00:00.000Z",
        "name": name,
        "slotIndex": 3,
        "version": 38,
        "hardware": hardware(),
        "state": {"canvasDrawerOpen": True, "playMode": "download"},
        "extraFiles": [],
        "lastConnectedHubType": "flipper",
    } | manifest
    inside: dict[str, Any] = (
        {"projectbody.json": {"main": python}}
        if python is not None
        else {"scratch.sb3": sb3(target(blocks or []), extensions=[])}
    )
    return zipped({"manifest.json": about, "icon.svg": "<svg/>"} | inside | (beside or {}))
