"""Projects of blocks: Scratch, mBlock, LEGO. Each table has twenty files, as real programs write them."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest

from tests.children_files import told, understood, zipped
from tests.children_files.scratch import (
    ADDRESS,
    FLAG,
    HUB,
    SERIAL,
    block,
    hardware,
    lego,
    mblock,
    opcodes,
    own_block,
    project,
    sb2,
    sb3,
    target,
)

LOOSE_VARIABLE = [12, "score", "id-of-score", 120, 80]
LOOSE_LIST = [13, "names", "id-of-names", 120, 80]
MENU = block("music_menu_DRUM", shadow=True)
SAY_SCORE = block("looks_say", inputs={"MESSAGE": [3, [12, "score", "id"], [10, "Hello!"]]})
MOVE_10 = block("motion_movesteps", inputs={"STEPS": [1, [4, 10]]})  # typed, and stored as a number
NOTE = "note"  # one opcode is a menu inside a block, and a block of its own

SCRATCH3 = {
    "an empty project": (sb3(target([])), {"blocks": 0, "sprites": 1, "ideas": []}),
    "one script": (opcodes(FLAG, "motion_movesteps"), {"blocks": 2, "scripts": 1, "ideas": ["movement"]}),
    "two sprites": (sb3(target([]), target([], name="Dog")), {"sprites": 2}),
    "a sprite called Stage": (sb3(target([MOVE_10], name="Stage")), {"sprites": 1, "blocks": 1}),
    "no sprite": (sb3(), {"sprites": 0, "blocks": 0}),
    "a loose variable": (sb3(target([LOOSE_VARIABLE])), {"blocks": 1, "ideas": ["variables"]}),
    "a loose list": (sb3(target([LOOSE_LIST])), {"blocks": 1, "ideas": ["lists"]}),
    "a variable inside a block": (sb3(target([SAY_SCORE])), {"blocks": 1, "ideas": ["variables", "looks"]}),
    "a menu": (sb3(target([block("music_playDrumForBeats", topLevel=True), MENU])), {"blocks": 1}),
    "one opcode, menu and block": (sb3(target([block(NOTE), block(NOTE, shadow=True)])), {"blocks": 1}),
    "a block of one's own": (
        sb3(target(own_block("jump %n times"))),
        {"blocks": 2, "own_blocks": ["jump … times"], "ideas": ["own_blocks"]},
    ),
    "a typed number": (sb3(target([MOVE_10])), {"blocks": 1}),
    "extensions that are not named": (sb3(target([block("pen_penDown")]), extensions=[]), {"ideas": ["pen"]}),
    "no list of extensions": (zipped({"project.json": {"targets": [target([MOVE_10])]}}), {"blocks": 1}),
    "a folder of a Mac": (
        zipped({"Game/project.json": project(target([MOVE_10])), "__MACOSX/Game/._project.json": b"\0\5"}),
        {"blocks": 1},
    ),
    "assets that are absent": (sb3(target([], costumes=[{"md5ext": "gone.svg"}])), {"sprites": 1}),
    "messages": (opcodes("event_whenbroadcastreceived", "event_broadcast"), {"ideas": ["messages"]}),
    "a game": (
        opcodes(FLAG, "control_forever", "control_if", "sensing_touchingobject", "data_changevariableby"),
        {"blocks": 5, "ideas": ["loops", "conditions", "variables", "sensors"]},
    ),
    "TurboWarp": (
        sb3(target([]), meta={"semver": "3.0.0", "vm": "0.2.0", "platform": {"name": "TurboWarp"}}),
        {"program": "TurboWarp", "program_version": "0.2.0"},
    ),
    "no meta": (zipped({"project.json": {"targets": []}}), {"program": "Scratch", "program_version": ""}),
}
SPRITES = {
    f"{count} blocks of {group}": (
        zipped(
            {
                "sprite.json": target(
                    [block(f"{group}_{number}") for number in range(count)], name=f"{group} {count}"
                )
            }
        ),
        {"blocks": count, "title": f"{group} {count}", "sprites": 1},
    )
    for count in (0, 1, 2, 10)
    for group in ("motion", "looks", "sound", "control", "operator")
}
SCRATCH2 = {
    "an empty project": (sb2([]), {"blocks": 0, "sprites": 1, "program_version": "2 v461"}),
    "one script": (sb2([[["whenGreenFlag"], ["forward:", 10]]]), {"blocks": 2, "scripts": 1}),
    "two scripts": (sb2([[["whenGreenFlag"]], [["whenClicked"]]]), {"blocks": 2, "scripts": 2, "ideas": ["events"]}),
    "a loop": (sb2([[["doRepeat", 10, [["forward:", 10]]]]]), {"blocks": 2, "ideas": ["loops", "movement"]}),
    "an empty mouth": (sb2([[["doForever", None]]]), {"blocks": 1}),
    "a condition": (
        sb2([[["doIfElse", ["touching:", "_edge_"], [["show"]], [["hide"]]]]]),
        {"blocks": 4, "ideas": ["conditions", "sensors", "looks"]},
    ),
    "a variable inside": (sb2([[["say:", ["readVariable", "x"]]]]), {"blocks": 1, "ideas": ["variables", "looks"]}),
    "a loose variable": (sb2([[["readVariable", "x"]]]), {"blocks": 1, "ideas": ["variables"]}),
    "a loose list": (sb2([[["contentsOfList:", "x"]]]), {"blocks": 1, "ideas": ["lists"]}),
    "a sum": (sb2([[["say:", ["+", 1, ["randomFrom:to:", 1, 6]]]]]), {"blocks": 3, "ideas": ["random", "looks", "maths"]}),
    "a block of one's own": (
        sb2([[["procDef", "jump %n", ["high"], [1], False], ["changeYposBy:", ["getParam", "high", "r"]]]]),
        {"blocks": 3, "own_blocks": ["jump …"]},
    ),
    "a call": (sb2([[["call", "jump %n", 3]]]), {"blocks": 1, "ideas": ["own_blocks"]}),
    "messages": (sb2([[["whenIReceive", "go"], ["broadcast:", "on"]]]), {"ideas": ["messages"]}),
    "clones": (sb2([[["createCloneOf", "_myself_"]]]), {"ideas": ["clones"]}),
    "a pen": (sb2([[["putPenDown"]]]), {"ideas": ["pen"]}),
    "music": (sb2([[["noteOn:duration:elapsed:from:", 60, 0.5]]]), {"ideas": ["sounds"]}),
    "a question": (sb2([[["doAsk", "Name?"]]]), {"ideas": ["questions"]}),
    "an extension": (sb2([[["WeDo.motorOn", "motor"]]]), {"blocks": 1, "ideas": ["motors"]}),
    "a monitor among the sprites": (sb2([], children=[{"target": "Stage", "cmd": "getVar:"}]), {"sprites": 1}),
    "the editor that is installed": (sb2([], swfVersion=None, userAgent="Scratch 2.0 Offline Editor"),
                                     {"program_version": "2 Scratch 2.0 Offline Editor"}),
}  # fmt: skip
SCRATCH1 = {
    f"{version}, {length} bytes": (
        f"Scratch{version}".encode() + length.to_bytes(4, "big") + b"ObjS\1Stch\1" + b"\0" * length,
        {"program_version": "1.4"},
    )
    for version in ("V01", "V02")
    for length in (*range(1, 10), 5000)
}
MBLOCK_BLOCKS = {
    "mcore.mcore_move": ["motors"],
    "mcore.mcore_move_stop": ["motors"],
    "mcore.mcore_detect_external_ultrasonic": ["sensors"],
    "mcore.mcore_show_led_time": ["lights"],
    "mcore.mcore_sound_play_note": ["sounds"],
    "mbot2.mbot2_move_straight": ["motors"],
    "cyberpi.cyberpi_led_show": ["lights"],
    "cyberpi.cyberpi_play_tone": ["sounds"],
    "cyberpi.cyberpi_display_label": ["display"],
    "mbot2.when_button_press": ["events"],
    "control_forever": ["loops"],
    "control_if": ["conditions"],
    "operator_lt": ["maths"],
    "data_setvariableto": ["variables"],
    "event_broadcast": ["messages"],
    "event_whenkeypressed": ["events"],
}
MBLOCK = {opcode: (mblock([block(opcode)]), {"ideas": ideas, "blocks": 1}) for opcode, ideas in MBLOCK_BLOCKS.items()} | {
    "the version": (mblock([], version="5.4.3"), {"program": "mBlock", "program_version": "5.4.3"}),
    "a device is no sprite": (mblock([]), {"sprites": 1, "devices": ["mcore"]}),
    "two devices": (mblock([], devices=("mcore", "cyberpi")), {"sprites": 1, "devices": ["mcore", "cyberpi"]}),
    "without the state of its sprites": (
        zipped({"project.json": project(target([])), "mblock5": {"version": "5.2.0"}}), {"sprites": 1, "devices": []},
    ),
}  # fmt: skip
LEGO_BLOCKS = {
    "flippermotor_motorGoDirectionForDuration": ["motors"],
    "flippermove_move": ["motors"],
    "flippersensors_isColor": ["sensors"],
    "flipperlight_lightDisplayImageOnForTime": ["display"],
    "flippersound_playSoundUntilDone": ["sounds"],
    "flipperevents_whenColor": ["events"],
    "flipperevents_whenProgramStarts": [],  # LEGO's start block, which is no event
    "control_repeat": ["loops"],
    "ev3motor_motorGo": ["motors"],
    "ev3sensors_isTouched": ["sensors"],
}
LEGO = {
    opcode: (lego([block(opcode)]), {"ideas": ideas, "blocks": 1}) for opcode, ideas in LEGO_BLOCKS.items()
} | {
    "a title": (lego(name="Color sorter"), {"title": "Color sorter", "program": "LEGO SPIKE"}),
    "a title in Arabic": (lego(name="روبوت"), {"title": "روبوت"}),
    "the version": (lego(version=38), {"program_version": "38"}),
    "EV3": (lego([block("ev3events_whenProgramStarts")]), {"program": "EV3 Classroom"}),
    "Python": (
        lego(python="import motor\nfor i in range(3):\n    motor.run(1)\n"),
        {"lines": 3, "ideas": ["loops", "motors"]},
    ),
    "Python with a mistake": (lego(python="for\n"), {"mistake_line": 1}),
    "a cable": (
        lego(hardware={"python": {"id": "COM4", "connection": "usb", "type": "flipper"}}),
        {"blocks": 0},
    ),
    "no hub": (lego(hardware={}), {"blocks": 0}),
    "a hub without a kind": (lego(hardware={SERIAL: {}}), {"blocks": 0}),
    "two hubs": (lego(hardware=hardware() | {"flipper": {"type": "flipper"}}), {"blocks": 0}),
}
TABLES = {
    "scratch3": ("sb3", SCRATCH3),
    "scratch_sprite": ("sprite3", SPRITES),
    "scratch2": ("sb2", SCRATCH2),
    "scratch1": ("sb", SCRATCH1),
    "mblock": ("mblock", MBLOCK),
    "lego": ("llsp3", LEGO),
}


@pytest.mark.parametrize("kind", TABLES)
def test_twenty_files_are_read_by_their_content(kind, tmp_path):
    ending, table = TABLES[kind]
    assert len(table) >= 20
    for label, (data, expected) in table.items():
        found = understood(tmp_path, data, "photo.jpg")
        assert found.get("kind") == kind, (label, found)
        assert told(found, expected) == expected, label
        assert found["extension"] == ("lmsp" if "ev3" in label.lower() else ending), label


def test_a_block_of_another_program_says_its_group_by_the_words_in_its_opcode(tmp_path):
    found = understood(
        tmp_path, mblock([block("mcore.mcore_move")] * 1 + [block("mcore.mcore_show_led_time")])
    )
    assert found["facts"]["drawing"]["bars"] == [["motion", 50], ["led", 50]]


# ---- LEGO: nothing that tells which hub


def kept(found) -> dict[str, bytes]:
    with ZipFile(BytesIO(found["clean"])) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("label", LEGO)
def test_what_is_kept_of_a_lego_project_names_no_hub(label, tmp_path):
    found = understood(tmp_path, LEGO[label][0])
    entries = kept(found)
    everything = b"".join(entries.values())
    assert [word for word in (SERIAL, ADDRESS, HUB, "COM4") if word.encode() in everything] == []
    assert understood(tmp_path, found["clean"])["facts"] == found["facts"], "what is kept is the same project"


def test_the_rest_of_a_lego_project_is_kept(tmp_path):
    entries = kept(understood(tmp_path, lego(beside={"monitors.json": "{}"})))
    assert set(entries) == {"manifest.json", "icon.svg", "scratch.sb3", "monitors.json"}
    manifest = json.loads(entries["manifest.json"])
    assert (manifest["name"], manifest["slotIndex"]) == ("Robot", 3)
    assert manifest["hardware"] == {"flipper": {"type": "flipper"}}
    assert manifest["state"] == {"canvasDrawerOpen": True}


@pytest.mark.parametrize("secret", [SERIAL, ADDRESS, HUB])
def test_a_lego_project_that_names_its_hub_elsewhere_too_is_refused(secret, tmp_path):
    assert understood(tmp_path, lego(beside={"log.txt": f"last seen: {secret}"}))["fault"] == "personal"
    inside = lego([block("looks_say", inputs={"MESSAGE": [1, [10, secret]]})])
    assert understood(tmp_path, inside)["fault"] == "personal"


def test_an_unknown_part_of_the_manifest_is_left_out(tmp_path):
    found = understood(tmp_path, lego(lastConnected={"bluetoothAddress": "AA:BB:CC:DD:EE:FF"}))
    assert b"AA:BB" not in kept(found)["manifest.json"]
