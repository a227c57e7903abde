"""Programs in text and for the micro:bit. Each table has twenty files, as real programs write them."""

import pytest
import uflash

from tests.children_files import told, understood
from tests.children_files.microbit import makecode, old_python, plain, python, workspace

START_BLOCK = '<block type="pxt-on-start"></block>'
SHOW = '<block type="basic_show_string"><value name="text"><shadow type="text"/></value></block>'
GET = '<block type="variables_get"><field name="VAR">steps</field></block>'
NESTED = f'<block type="device_forever"><statement name="HANDLER"><block type="controls_if">{GET}</block></statement></block>'
OWN = '<block type="function_definition"><mutation name="jump" functionid="f1"/></block>'
BUTTON = '<block type="device_button_event"/>'


def blocks(*given: str, **more) -> bytes:
    return makecode({"main.blocks": workspace(*given), "main.ts": "basic.pause(1)", "pxt.json": "{}"}, **more)


MAKECODE = {
    "an empty workspace": (makecode({"main.blocks": workspace(), "main.ts": ""}), {"lines": 0}),
    "one block": (blocks(START_BLOCK), {"blocks": 1, "scripts": 1, "source_name": "main.blocks"}),
    "a shadow is no block": (blocks(SHOW), {"blocks": 1, "ideas": ["display"]}),
    "a name inside a block": (blocks(NESTED), {"blocks": 2, "ideas": ["loops", "conditions", "variables"]}),
    "two scripts": (blocks(START_BLOCK, BUTTON), {"scripts": 2, "ideas": ["events"]}),
    "a function": (blocks(OWN), {"own_blocks": ["jump"], "ideas": ["functions"]}),
    "radio": (blocks('<block type="radio_datagram_send"/>'), {"ideas": ["radio"]}),
    "music": (blocks('<block type="device_play_note"/>'), {"ideas": ["sounds"]}),
    "lights": (blocks('<block type="device_plot"/>'), {"ideas": ["lights"]}),
    "chance": (blocks('<block type="device_random"/>'), {"ideas": ["random"]}),
    "a list": (blocks('<block type="lists_create_with"/>'), {"ideas": ["lists"]}),
    "a sensor": (blocks('<block type="device_temperature"/>'), {"ideas": ["sensors"]}),
    "an unknown extension": (blocks('<block type="neopixel_show"/>'), {"blocks": 1, "ideas": []}),
    "the title and version": (blocks(name="Pas à pas"), {"title": "Pas à pas", "program": "MakeCode", "program_version": "9.1.1"}),
    "a title in Arabic": (blocks(name="عداد الخطوات"), {"title": "عداد الخطوات"}),
    "both boards": (blocks(), {"boards": ["V1", "V2"]}),
    "the source after the end": (blocks(START_BLOCK, old=True), {"blocks": 1, "boards": []}),
    "the source unpacked": (blocks(START_BLOCK, compressed=False), {"blocks": 1}),
    "JavaScript": (
        makecode({"main.ts": "let a = 1\n// note\nwhile (true) { radio.sendNumber(a) }\n"}),
        {"lines": 2, "ideas": ["loops", "variables", "radio"], "source_name": "main.ts"},
    ),
    "Python": (
        makecode({"main.blocks": "", "main.py": "def on_start():\n    pass\n"}),
        {"lines": 2, "source_name": "main.py", "ideas": ["functions"]},
    ),
}  # fmt: skip
LENGTHS = (
    1,
    50,
    116,
    117,
    118,
    119,
    126,
    242,
    243,
    244,
    245,
    500,
    1000,
    3000,
    10000,
)  # around the ends of chunks
MICROBIT_PYTHON = {
    f"{length} bytes": (
        python(("x" * 39 + "\n") * (length // 40) + "y" * (length % 40)),
        {"source_name": "main.py"},
    )
    for length in LENGTHS
} | {
    "ideas": (
        python(
            "from microbit import *\nwhile True:\n    if button_a.is_pressed():\n        display.show('A')\n"
        ),
        {"lines": 4, "ideas": ["loops", "conditions", "sensors", "display"], "program_version": "2.1.2"},
    ),
    "a function": (
        python("def jump():\n    pass\n"),
        {"outline": {"functions": ["jump"], "classes": [], "imports": []}},
    ),
    "a mistake": (python("while True\n"), {"mistake_line": 1}),
    "words in Arabic": (python("from microbit import *\ndisplay.scroll('سلام')\n"), {"lines": 2}),
    "a script at its old place": (old_python("import radio\nradio.on()\n"), {"ideas": ["radio"], "lines": 2}),
}
HEX = {f"{size} bytes": (plain(bytes(size)), {"boards": []}) for size in range(16, 16 * 18, 16)} | {
    "for the first board": (plain(bytes(64), universal=True), {"boards": ["V1"]}),
    "a runtime without a program": (
        uflash.embed_fs_uhex(uflash._RUNTIME, b"").encode(),
        {"boards": ["V1", "V2"]},
    ),
    "settings far away": (b":020000041000EA\n:0410C00000FC0300" + b"2D\n:00000001FF\n", {"boards": []}),
}
PYTHON = {
    "one line": ("print('hello')\n", {"lines": 1, "ideas": []}),
    "comments are no lines of code": ("# a\n\nx = 1\n", {"lines": 1, "ideas": ["variables"]}),
    "a loop": ("for i in range(3):\n    print(i)\n", {"ideas": ["loops"]}),
    "a condition": ("if True:\n    pass\n", {"ideas": ["conditions"]}),
    "a function": ("def f():\n    pass\n", {"outline": {"functions": ["f"], "classes": [], "imports": []}}),
    "a class": ("class A:\n    pass\n", {"outline": {"functions": [], "classes": ["A"], "imports": []}}),
    "imports": (
        "import turtle\nfrom math import pi\n",
        {"outline": {"functions": [], "classes": [], "imports": ["turtle", "math"]}},
    ),
    "a pen": ("import turtle\nturtle.forward(10)\n", {"ideas": ["pen"]}),
    "chance": ("import random\nx = random.randint(1, 6)\n", {"ideas": ["variables", "random"]}),
    "a question": ("name = input('?')\n", {"ideas": ["variables", "questions"]}),
    "a list": ("a = [1, 2]\n", {"ideas": ["variables", "lists"]}),
    "a mistake": ("for i in\n", {"mistake_line": 1, "lines": 1}),
    "a mistake further down": ("x = 1\nif x\n", {"mistake_line": 2}),
    "Windows": ("x = 1\r\ny = 2\r\n", {"lines": 2}),
    "a mark before the text": ("\ufeffx = 1\n", {"lines": 1}),
    "Arabic": ("print('سلام')\n", {"lines": 1}),
    "tabs": ("def f():\n\treturn 1\n", {"lines": 2}),
    "Python 2": ("print 'hello'\n", {"mistake_line": 1}),
    "a warning is no mistake": ("x = '\\d'\nassert (x, 'always')\n", {"lines": 2, "ideas": ["variables"]}),
    "nothing but a note": ("# to do\n", {"lines": 0}),
}
TABLES = {
    "microbit_makecode": ("hex", MAKECODE),
    "microbit_python": ("hex", MICROBIT_PYTHON),
    "microbit_hex": ("hex", HEX),
    "python": ("py", {label: (text.encode(), expected) for label, (text, expected) in PYTHON.items()}),
}  # fmt: skip


@pytest.mark.parametrize("kind", TABLES)
def test_twenty_files_are_read_by_their_content(kind, tmp_path):
    ending, table = TABLES[kind]
    assert len(table) >= 20
    for label, (data, expected) in table.items():
        found = understood(tmp_path, data, "robot.py" if kind == "python" else "photo.jpg")
        assert (found.get("kind"), found.get("extension")) == (kind, ending), (label, found)
        assert told(found, expected) == expected, label


@pytest.mark.parametrize("first", [*range(90, 130), *range(230, 260)])
def test_a_script_of_any_length_comes_back_whole_from_the_file_system(first, tmp_path):
    """A chunk that is lost, doubled or cut changes the last name or makes a mistake of Python."""
    source = f"def {'a' * first}():\n    pass\n\n\ndef end():\n    pass"
    found = understood(tmp_path, python(source))["facts"]
    assert found["lines"] == 4 and "mistake_line" not in found
    assert found["outline"]["functions"][-1] == "end"


def test_a_text_is_python_by_its_name_or_beyond_doubt(tmp_path):
    doubtful, certain = b"score\n", b"import turtle\n"
    assert understood(tmp_path, doubtful, "notes.txt")["fault"] == "unknown_kind"
    assert understood(tmp_path, b"console.log('x');\n", "a.js")["fault"] == "unknown_kind"
    assert understood(tmp_path, certain, "notes.txt")["kind"] == "python"
    assert understood(tmp_path, doubtful, "game.py")["kind"] == "python"


def test_python_is_never_run(tmp_path):
    trace = tmp_path / "run"
    source = f"open({str(trace)!r}, 'w').close()\nimport os\nos.abort()\n"
    assert understood(tmp_path, source.encode(), "a.py")["facts"]["lines"] == 3
    assert not trace.exists()
