"""Which group of the palette a block is in, and which ideas of programming it shows.

Groups are those of `courses/code_blocks/layout.py`, so that a drawing has the colours a child knows. Blocks
of extensions are told by words in their opcode: `extensions` is missing in many real projects.
"""

from collections import Counter

GROUPS = {
    "motion": "motion",
    "looks": "looks",
    "sound": "sound",
    "event": "event",
    "control": "control",
    "sensing": "sensing",
    "operator": "operator",
    "procedures": "own",
    "argument": "own",
    "pen": "pen",
    "music": "music",
    "videoSensing": "sensing",
    "text2speech": "sound",
    "translate": "operator",
    "makeymakey": "event",
}
# Words in an opcode of an extension, the first that fits: (word, group).
EXTENSIONS = (
    ("event", "event"),
    ("when", "event"),
    ("motor", "motion"),
    ("move", "motion"),
    ("drive", "motion"),
    ("sensor", "sensing"),
    ("detect", "sensing"),
    ("ultrasonic", "sensing"),
    ("sound", "sound"),
    ("note", "sound"),
    ("music", "sound"),
    ("tone", "sound"),
    ("display", "looks"),
    ("led", "led"),
    ("light", "led"),
    ("control", "control"),
    ("operator", "operator"),
)
IDEAS = {
    "control_repeat": "loops",
    "control_forever": "loops",
    "control_repeat_until": "loops",
    "control_while": "loops",
    "control_for_each": "loops",
    "control_if": "conditions",
    "control_if_else": "conditions",
    "control_create_clone_of": "clones",
    "control_start_as_clone": "clones",
    "event_broadcast": "messages",
    "event_broadcastandwait": "messages",
    "event_whenbroadcastreceived": "messages",
    "operator_random": "random",
    "sensing_askandwait": "questions",
    "data_setvariableto": "variables",
    "data_changevariableby": "variables",
    "data_variable": "variables",
    "data_listcontents": "lists",
    "procedures_definition": "own_blocks",
    "procedures_call": "own_blocks",
    "motion_ifonedgebounce": "movement",
}
BY_PREFIX = {
    "motion": "movement",
    "looks": "looks",
    "sound": "sounds",
    "music": "sounds",
    "pen": "pen",
    "operator": "maths",
    "sensing": "sensors",
    "videoSensing": "camera",
    "text2speech": "speech",
    "translate": "translation",
}
BY_GROUP = {"motion": "motors", "sensing": "sensors", "sound": "sounds", "led": "lights", "looks": "display"}
NO_EVENT = (
    "whenflagclicked",
    "whenprogramstart",
    "whenprogramstarts",
)  # the start of a program is no event that happens in it
ORDER = (
    "loops conditions variables lists messages events own_blocks functions clones random questions "
    "sensors motors lights display movement looks sounds pen maths radio camera speech translation"
).split()


def prefix_of(opcode: str) -> str:
    """Return what stands before the block's own name; it may hold a dot: `mcore.mcore` of mBlock."""
    return opcode.partition("_")[0]


def group_of(opcode: str) -> str:
    prefix = prefix_of(opcode)
    if prefix == "data":
        return "list" if "list" in opcode.lower() else "data"
    if prefix in GROUPS:
        return GROUPS[prefix]
    lowered = opcode.lower()
    return next((group for word, group in EXTENSIONS if word in lowered), "other")


def ideas_of(opcode: str) -> set[str]:
    """Return the codes of the ideas that this block shows; none for most."""
    found = {IDEAS[opcode]} if opcode in IDEAS else set()
    prefix, group, lowered = prefix_of(opcode), group_of(opcode), opcode.lower()
    if prefix in BY_PREFIX and not found:
        found.add(BY_PREFIX[prefix])
    elif prefix not in GROUPS and prefix != "data" and group in BY_GROUP:
        found.add(BY_GROUP[group])
    if group == "list":
        found.add("lists")
    if group == "event" and "when" in lowered and not found and not lowered.endswith(NO_EVENT):
        found.add("events")
    return found


def in_order(found: set[str]) -> list[str]:
    """Return the codes in the order in which they are said: what a child is proudest of first."""
    return [code for code in ORDER if code in found]


def bars(groups: Counter[str]) -> list[list[object]]:
    """Return the drawing: at most eight bars [group, share in percent], the longest first."""
    total = sum(groups.values())
    return (
        [[group, max(4, round(100 * count / total))] for group, count in groups.most_common(8)]
        if total
        else []
    )
