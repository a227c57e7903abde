"""Blocks of Scratch 2: nested lists that begin with the name of a block."""

from typing import Any

from enrollments.portfolio.readers.blocks.scratch3 import SLOT, Tally
from enrollments.portfolio.readers.finding import rows, table, words

# The block's name in Scratch 2: one of the same group and idea in Scratch 3.
SAME = {
    "doRepeat": "control_repeat",
    "doForever": "control_forever",
    "doUntil": "control_repeat_until",
    "doIf": "control_if",
    "doIfElse": "control_if_else",
    "createCloneOf": "control_create_clone_of",
    "whenCloned": "control_start_as_clone",
    "broadcast:": "event_broadcast",
    "doBroadcastAndWait": "event_broadcastandwait",
    "whenIReceive": "event_whenbroadcastreceived",
    "whenGreenFlag": "event_whenflagclicked",
    "whenKeyPressed": "event_whenkeypressed",
    "whenClicked": "event_whenthisspriteclicked",
    "whenSceneStarts": "event_whenbackdropswitchesto",
    "whenSensorGreaterThan": "event_whengreaterthan",
    "setVar:to:": "data_setvariableto",
    "changeVar:by:": "data_changevariableby",
    "showVariable:": "data_showvariable",
    "hideVariable:": "data_hidevariable",
    "randomFrom:to:": "operator_random",
    "doAsk": "sensing_askandwait",
    "procDef": "procedures_definition",
    "call": "procedures_call",
    "getParam": "argument_reporter_string_number",
}
BY_GROUP = {
    "motion": "forward: turnRight: turnLeft: heading: heading pointTowards: gotoX:y: gotoSpriteOrMouse: "
    "glideSecs:toX:y:elapsed:from: changeXposBy: changeYposBy: xpos: ypos: xpos ypos "
    "bounceOffEdge setRotationStyle",
    "looks": "say: say:duration:elapsed:from: think: think:duration:elapsed:from: show hide lookLike: "
    "nextCostume startScene startSceneAndWait nextScene changeGraphicEffect:by: "
    "setGraphicEffect:to: filterReset changeSizeBy: setSizeTo: comeToFront goBackByLayers: "
    "costumeIndex costumeName sceneName backgroundIndex scale",
    "sound": "playSound: doPlaySoundAndWait stopAllSounds changeVolumeBy: setVolumeTo: volume",
    "music": "playDrum rest:elapsed:from: noteOn:duration:elapsed:from: instrument: changeTempoBy: "
    "setTempoTo: tempo",
    "pen": "clearPenTrails stampCostume putPenDown putPenUp penColor: changePenHueBy: setPenHueTo: "
    "changePenShadeBy: setPenShadeTo: changePenSizeBy: penSize:",
    "control": "wait:elapsed:from: doWaitUntil stopScripts deleteClone",
    "sensing": "touching: touchingColor: color:sees: distanceTo: answer keyPressed: mousePressed mouseX "
    "mouseY soundLevel senseVideoMotion setVideoState timer timerReset getAttribute:of: "
    "timeAndDate timestamp getUserName",
    "operator": "+ - * / < = > & | not concatenate:with: letter:of: stringLength: % rounded "
    "computeFunction:of:",
    "data_list": "append:toList: deleteLine:ofList: insert:at:ofList: setLine:ofList:to: getLine:ofList: "
    "lineCountOfList: list:contains: showList: hideList:",
}
OPCODES = {name: f"{group}_{name}" for group, found in BY_GROUP.items() for name in found.split()} | SAME
NAMES = {"readVariable": "data_variable", "contentsOfList:": "data_listcontents"}
IDEA = {"readVariable": "variables", "contentsOfList:": "lists"}


def is_project(contents: object) -> bool:
    stage = table(contents)
    return "objName" in stage and ("children" in stage or "info" in stage)


def facts(contents: Any) -> dict[str, Any]:
    """Return the facts of a stage with its sprites, or of one sprite."""
    stage, tally = table(contents), Tally()
    children = [table(child) for child in rows(stage.get("children"))]
    sprites = [
        child for child in children if "objName" in child
    ]  # monitors of variables and lists are here too
    for target in [stage, *sprites]:
        for script in rows(target.get("scripts")):
            _count_script(rows(script)[2:3], tally)
    info = table(stage.get("info"))
    version = words(info.get("swfVersion")) or words(info.get("userAgent"))
    is_sprite = not is_project(stage)
    return tally.facts() | {
        "program": "Scratch",
        "program_version": f"2 {version}".strip(),
        "sprites": 1 if is_sprite else len(sprites),
        "title": words(stage.get("objName")) if is_sprite else "",
    }


def _count_script(scripts: list[Any], tally: Tally) -> None:
    """Count a script without recursion: its lists may be thousands deep."""
    waiting: list[tuple[Any, bool]] = [(script, True) for script in scripts]
    tally.scripts += len(scripts)
    while waiting:
        found, is_stack = waiting.pop()
        if not isinstance(found, list) or not found:
            continue
        if not isinstance(found[0], str):
            waiting += [(block, is_stack) for block in found]
            continue
        _count_block(found, tally, is_loose=is_stack)
        if found[0] != "procDef":
            waiting += [(argument, False) for argument in found[1:]]


def _count_block(block: list[Any], tally: Tally, *, is_loose: bool) -> None:
    name = block[0]
    if name in NAMES:
        tally.ideas.add(IDEA[name])
        if is_loose:
            tally.add(NAMES[name])
        return
    tally.add(OPCODES.get(name, f"other_{name}"))
    if name == "procDef" and len(block) > 1 and isinstance(block[1], str):
        tally.own.append(SLOT.sub("…", block[1]))
