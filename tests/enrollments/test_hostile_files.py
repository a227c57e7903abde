"""Hostile and broken files, through the door that uploads use: a sentence, bounded memory and time.

Each declares much and holds little: nothing here would crash or hang another program.
"""

import json
import lzma
import subprocess
import sys
import time
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.utils import translation
from PIL import Image

from enrollments.portfolio import isolation, readings
from tests.children_files import zipped
from tests.children_files.microbit import END, MAGIC, START, makecode, record, records
from tests.children_files.models import RELS, binary, box, model_xml, object_xml, package, simple
from tests.children_files.scratch import lego, opcodes, sb3, target
from tests.photos import pdf, saved, taken

DOCTYPE = '<!DOCTYPE model [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
CIRCLE = object_xml(1, '<components><component objectid="1"/></components>')
AXES = "1 0 0 0 1 0 0 0 1 0 0 0"


def deflated(name: str, data: bytes) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def encrypted() -> bytes:
    """A ZIP that says of its entry that it is encrypted."""
    data = bytearray(opcodes("motion_movesteps"))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + place] |= 1
    return bytes(data)


def greedy_lzma() -> bytes:
    """Source whose header asks for a dictionary of four gigabytes."""
    described = json.dumps({"compression": "LZMA", "headerSize": 2}).encode()
    source = bytearray(lzma.compress(b"{}{}", lzma.FORMAT_ALONE))
    source[1:5] = b"\xff\xff\xff\xff"
    length = len(described).to_bytes(2, "little") + len(source).to_bytes(4, "little")
    return hexed(MAGIC + length + b"\0\0" + described + source)


def swollen_lzma() -> bytes:
    """Source of a few kilobytes that unpacks to more than a project may have."""
    return makecode({"main.ts": " " * (9 * 1024 * 1024)})


def hexed(data: bytes) -> bytes:
    return "\n".join([START, *records(0x0E, data), END]).encode()


def png(width: int, height: int) -> bytes:
    """A PNG of one pixel whose header says more; the checksum of the header is right."""
    from zlib import crc32

    data = bytearray(saved(Image.new("1", (1, 1)), "PNG"))
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    data[29:33] = crc32(bytes(data[12:29])).to_bytes(4, "big")
    return bytes(data)


def stl(declared: int, held: int) -> bytes:
    return bytes(80) + declared.to_bytes(4, "little") + binary(box())[84:134] * held


DEEP = b'{"targets":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
SB3, HEX, THREE, STL, LEGO, SB2 = (
    opcodes("a_b"),
    makecode({"main.ts": "a"}),
    simple(box()),
    binary(box()),
    lego([]),
    None,
)

# (what is sent, its name, the reason)
HOSTILE = {
    "nothing": (b"", "a.sb3", "empty"),
    "zeros": (bytes(1000), "a.stl", "empty"),
    "a line": (b"\n\n", "a.py", "empty"),
    "words": (b"Dear teacher, here is my robot.", "letter.txt", "unknown_kind"),
    "a page of the web": (b"<!doctype html><script>alert(1)</script>", "a.html", "unknown_kind"),
    "a drawing": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "unknown_kind"),
    "a program": (b"MZ" + bytes(range(256)) * 4, "game.exe", "unknown_kind"),
    "a program called a model": (b"MZ" + bytes(range(256)) * 4, "boat.stl", "damaged"),
    "another ZIP": (zipped({"letter.txt": "a"}), "a.zip", "unknown_kind"),
    "a text document": (zipped({"word/document.xml": "<w/>", "[Content_Types].xml": "<T/>"}), "a.docx", "unknown_kind"),
    "a manifest of something else": (zipped({"manifest.json": {"name": "extension"}}), "a.zip", "unknown_kind"),
    # Scratch
    "half a project": (SB3[: len(SB3) // 2], "a.sb3", "damaged"),
    "a project without its end": (SB3[:-10], "a.sb3", "damaged"),
    "a project that is no JSON": (zipped({"project.json": "{"}), "a.sb3", "damaged"),
    "a project that is something else": (zipped({"project.json": "[]"}), "a.sb3", "damaged"),
    "JSON too deep": (deflated("project.json", DEEP), "a.sb3", "too_complex"),
    "a bomb": (deflated("project.json", b" " * (40 * 1024 * 1024)), "a.sb3", "too_complex"),
    "a locked ZIP": (encrypted(), "a.sb3", "damaged"),
    "too many entries": (zipped({f"{number}.svg": "" for number in range(5001)}), "a.sb3", "too_complex"),
    "lists in place of objects": (zipped({"project.json": {"targets": [[], 1, None, {"blocks": [1]}]}}), "a.sb3", None),
    "blocks that are none": (sb3(target([{"opcode": 1}, 5, None, [], [99], {"opcode": "a_b", "inputs": {"x": 1}}])), "a.sb3", None),
    "a sprite without blocks": (zipped({"sprite.json": {"name": "Cat"}}), "a.sprite3", "damaged"),
    "a Scratch 2 project too deep": (
        deflated("project.json", b'{"objName":"Stage","children":[],"scripts":' + b"[" * 9000 + b"]" * 9000 + b"}"),
        "a.sb2", "too_complex",
    ),
    # LEGO
    "a robot without its program": (zipped({"manifest.json": {"type": "word-blocks"}}), "a.llsp3", "unknown_kind"),
    "a robot whose program is no ZIP": (zipped({"manifest.json": {"type": "x"}, "scratch.sb3": "x"}), "a.llsp3", "damaged"),
    "a robot whose program is empty": (zipped({"manifest.json": {"type": "x"}, "scratch.sb3": zipped({})}), "a.llsp3", "damaged"),
    "a bomb in a robot": (lego([], beside={"extra.bin": bytes(26 * 1024 * 1024)}), "a.llsp3", "too_complex"),
    "half a robot": (LEGO[: len(LEGO) // 2], "a.llsp3", "damaged"),
    # micro:bit
    "a hex that is cut": (HEX[: len(HEX) // 2], "a.hex", "damaged"),
    "a hex with a wrong sum": (HEX.replace(b":020000040000FA", b":020000040000FB", 1), "a.hex", "damaged"),
    "a hex with something behind": (HEX + b"<script>", "a.hex", "damaged"),
    "a hex far too large for its board": (f"{START}\n{record(4, 0, bytes([0x7F, 0xFF]))}\n{record(0, 0, b'a')}\n{END}\n".encode(), "a.hex", None),
    "source that asks for four gigabytes": (greedy_lzma(), "a.hex", "too_complex"),
    "source that swells": (swollen_lzma(), "a.hex", "too_complex"),
    "source that is cut": (hexed(MAGIC + b"\x02\0\xff\0\0\0\0\0{}"), "a.hex", "damaged"),
    "source that is no LZMA": (hexed(MAGIC + b"\x16\0\x04\0\0\0\0\0" + b'{"compression":"LZMA"}' + b"abcd"), "a.hex", "damaged"),
    "blocks with entities": (makecode({"main.blocks": f"{DOCTYPE}<xml><block/></xml>", "main.ts": "a"}), "a.hex", None),
    # Python
    "brackets too deep": (b"x = " + b"(" * 5000 + b")" * 5000, "a.py", None),
    "signs too deep": (b"x = " + b"-" * 200_000 + b"1", "a.py", "too_complex"),
    "half a megabyte and one byte": (b"#" * (512 * 1024 + 1), "a.py", "too_complex"),
    "a null inside": (b"x = 1\n" + b" " * 5000 + b"\0", "a.py", "unknown_kind"),
    "no letters at all": (b"\x80\x81\x82", "a.py", "unknown_kind"),
    # Models
    "an STL that declares four billion": (stl(0xFFFFFFFF, 1), "a.stl", "damaged"),
    "an STL that is cut": (STL[:-20], "a.stl", "damaged"),
    "an STL of nothing": (bytes(80) + bytes(4), "a.stl", "empty"),
    "words that are cut": (b"solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\n", "a.stl", "damaged"),
    "words without a facet": (b"solid a\nendsolid a\n", "a.stl", "empty"),
    "words that are no numbers": (b"solid a\nfacet\nouter loop\nvertex a b c\nendloop\nendfacet\nendsolid", "a.stl", "damaged"),
    "one line without end": (b"solid " + b"a" * 100_000, "a.stl", "damaged"),
    "a 3MF that is cut": (THREE[:-30], "a.3mf", "damaged"),
    "XML that is cut": (package(model_xml("")[:-9]), "a.3mf", "damaged"),
    "entities": (package(model_xml("").replace("<model", f"{DOCTYPE}<model", 1)), "a.3mf", "damaged"),
    "entities in the relations": (
        zipped({"_rels/.rels": DOCTYPE + RELS.format("a.model").partition("?>")[2], "a.model": ""}), "a.3mf", "damaged",
    ),
    "a circle of components": (package(model_xml(CIRCLE)), "a.3mf", "too_complex"),
    "components that multiply": (
        package(model_xml("".join(
            object_xml(number, "<components>" + f'<component objectid="{number + 1}"/>' * 10 + "</components>")
            for number in range(1, 9)) + object_xml(9, ""))), "a.3mf", "too_complex",
    ),
    "nothing placed": (package(model_xml("", "")), "a.3mf", "empty"),
    "an object that is not there": (package(model_xml("")), "a.3mf", "damaged"),
    "a corner that is not there": (
        package(model_xml(object_xml(1, '<mesh><vertices><vertex x="0" y="0" z="0"/></vertices><triangles>'
                                        '<triangle v1="0" v2="1" v3="4000000000"/></triangles></mesh>'))), "a.3mf", "damaged",
    ),
    "numbers that are none": (package(model_xml("", f'<item objectid="1" transform="{AXES[:-1]}x"/>')), "a.3mf", "damaged"),
    "an unknown unit": (simple(box(), unit="parsec"), "a.3mf", "damaged"),
    "XML that swells": (
        deflated("3D/3dmodel.model", model_xml("").encode().replace(b"</model>", b" " * (420 * 1024 * 1024))), "a.3mf", "too_complex",
    ),
    "XML too deep": (package(model_xml("<a>" * 100 + "</a>" * 100)), "a.3mf", "too_complex"),
    # Pictures and PDF
    "a photo that is cut": (taken()[:400], "a.jpg", "damaged"),
    "a header of forty billion pixels": (png(200_000, 200_000), "a.png", "photo_too_large"),
    "one pixel too many": (png(40_000_001, 1), "a.png", "photo_too_large"),
    "a header without its pixels": (png(4_000, 4_000), "a.png", "damaged"),
    "more than 8 MB": (taken() + bytes(8 * 1024 * 1024), "a.jpg", "photo_too_large"),
    "a HEIC that is cut": (taken("HEIF")[:300], "a.heic", "damaged"),
    "a WebP that is none": (b"RIFF\x10\0\0\0WEBPVP8 " + bytes(8), "a.webp", "damaged"),
    "a PDF that is cut": (pdf()[:-200], "a.pdf", "damaged"),
    "a PDF that is a page of the web": (b"%PDF-1.7\n<html>" + pdf(), "a.pdf", "damaged"),
    "a PDF that is a ZIP too": (pdf() + SB3 + pdf()[-200:], "a.pdf", "damaged"),
    # Two things at once
    "a photo that is a ZIP too": (taken() + SB3, "a.jpg", None),
    "a name with a folder": (SB3, "../../etc/passwd", None),
    "a name like an option": (SB3, "--help", None),
}  # fmt: skip


@pytest.fixture
def sent(tmp_path):
    def send(data: bytes, name: str) -> readings.FileReading:
        path = tmp_path / "upload"
        path.write_bytes(data)
        return readings.read(path, name=name)

    return send


@pytest.mark.parametrize("label", HOSTILE)
def test_a_hostile_file_gets_a_sentence(label, sent):
    data, name, reason = HOSTILE[label]
    began = time.monotonic()
    if reason is None:
        assert sent(data, name).kind
    else:
        with pytest.raises(readings.Unreadable) as refusal:
            sent(data, name)
        assert refusal.value.code == reason
        with translation.override("en"):
            assert str(refusal.value.sentence).endswith(".")
    assert time.monotonic() - began < isolation.PATIENCE


def test_a_file_of_25_mb_and_one_byte_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(isolation, "read", lambda *_args, **_more: pytest.fail("it was read"))
    path = tmp_path / "upload"
    with path.open("wb") as file:
        file.truncate(25 * 1024 * 1024 + 1)
    with pytest.raises(readings.Unreadable) as refusal:
        readings.read(path, name="a.stl")
    assert refusal.value.code == readings.Reason.TOO_LARGE


def test_what_a_photo_hid_is_not_kept(sent):
    kept = sent(*HOSTILE["a photo that is a ZIP too"][:2]).clean
    assert kept is not None and b"PK\x03\x04" not in kept


def test_each_reason_of_the_child_has_a_sentence_of_ours():
    from enrollments.portfolio.readers.faults import FileFault

    codes = {str(fault) for fault in FileFault} | {isolation.TOO_SLOW, isolation.BUSY}
    assert codes <= {str(reason) for reason in readings.Reason}


# ---- the child process itself


def child(code: str, patience: float = 5) -> isolation.ReaderAnswer:
    """Run this in place of our readers, under the limits of a reader."""
    limits = "from enrollments.portfolio.readers.__main__ import take_limits, limit_memory; take_limits()"
    path = f"import sys; sys.path.append({str(isolation.ROOT)!r}); {limits}; limit_memory(300 << 20); "
    return isolation._run([path + code], patience)


def test_a_child_that_takes_too_long_is_ended():
    began = time.monotonic()
    assert child("import time; time.sleep(60)", patience=1).fault == "too_slow"
    assert time.monotonic() - began < 4


def test_a_child_that_stops_talking_is_ended():
    assert child("import os, time; os.close(1); time.sleep(60)").fault == "too_slow"


def test_a_child_that_says_too_much_is_ended(monkeypatch):
    monkeypatch.setattr(isolation, "MOST_OUTPUT", 1024 * 1024)
    assert child("while True: sys.stdout.buffer.write(bytes(65536))").fault == "too_complex"


def test_a_child_cannot_take_more_memory():
    said = child(
        """exec('try:\\n bytes(400 << 20)\\nexcept MemoryError: print(\\'{"fault": "too_complex"}\\')')"""
    )
    assert said.fault == "too_complex"


def test_a_child_that_dies_is_an_answer():
    assert child("import os; os.abort()").fault == "too_complex"


def test_a_child_writes_no_file(tmp_path):
    trace = tmp_path / "trace"
    code = f"import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); open({str(trace)!r}, 'w').write('a' * 10)"
    child(code)
    assert not trace.exists() or trace.read_bytes() == b""


def test_a_child_knows_nothing_of_ours(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "very secret")
    code = (
        "import os, json; from enrollments.portfolio.readers import recognising; "
        "print(json.dumps({'kind': 'x', 'extension': '', 'facts': {'env': dict(os.environ), "
        "'django': 'django' in sys.modules, 'fds': os.listdir('/proc/self/fd')}}))"
    )
    facts = child(code).facts
    assert facts is not None and "very secret" not in str(facts["env"]) and not facts["django"]
    assert len(facts["fds"]) <= 4, "its input, output, errors, and the folder it lists"


def test_readers_import_neither_django_nor_numpy_until_a_model_comes():
    code = (
        f"import sys; sys.path.append({str(isolation.ROOT)!r}); import enrollments.portfolio.readers.__main__; "
        "print([name for name in ('django', 'numpy', 'PIL', 'home', 'courses') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_one_file_of_a_lane_is_read_at_a_time(tmp_path, monkeypatch):
    # No other worker of this run reads in these lanes.
    monkeypatch.setattr(isolation.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(isolation, "TURN", 0.2)
    path = tmp_path / "upload"
    path.write_bytes(SB3)
    with isolation._turn("files") as is_mine:
        assert is_mine
        with pytest.raises(readings.Unreadable) as refusal:
            readings.read(path, name="a.sb3")
        assert refusal.value.code == readings.Reason.BUSY
        path.write_bytes(taken())
        assert readings.read(path, name="a.jpg").kind == "picture", "photos have a lane of their own"
    path.write_bytes(SB3)
    assert readings.read(path, name="a.sb3").kind == "scratch3", "a turn ends"
