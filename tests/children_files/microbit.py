"""Hex files of a micro:bit, as MakeCode, uFlash and compilers write them."""

import json
import lzma
from typing import Any

import uflash

MAGIC = bytes.fromhex("41140e2fb82fa2bb")
START = ":020000040000FA"
END = ":00000001FF"
V1, V2 = "9901C0DE", "9903C0DE"


def record(kind: int, address: int, data: bytes) -> str:
    raw = bytes([len(data)]) + address.to_bytes(2, "big") + bytes([kind]) + data
    return f":{(raw + bytes([-sum(raw) & 0xFF])).hex().upper()}"


def records(kind: int, data: bytes, start: int = 0) -> list[str]:
    return [record(kind, start + at & 0xFFFF, data[at : at + 16]) for at in range(0, len(data), 16)]


def linear(address: int) -> str:
    return record(4, 0, (address >> 16).to_bytes(2, "big"))


def packed(files: dict[str, str], name: str, *, compressed: bool = True, **meta: Any) -> bytes:
    """The project in a hex: 16 bytes, a description, and the packed source, which has a header of its own."""
    header = json.dumps({"name": name, "meta": {}, "targetVersions": {"target": "9.1.1"}}).encode()
    text = header + json.dumps(files).encode()
    about = {
        "compression": "LZMA" if compressed else "",
        "headerSize": len(header),
        "textSize": len(text) - len(header),
    }
    described = json.dumps(about | {"name": name, "eVER": "9.1.1", "pxtTarget": "microbit"} | meta).encode()
    source = lzma.compress(text, lzma.FORMAT_ALONE) if compressed else text
    return (
        MAGIC
        + len(described).to_bytes(2, "little")
        + len(source).to_bytes(4, "little")
        + b"\0\0"
        + described
        + source
    )


def makecode(files: dict[str, str], name: str = "Step counter", *, old: bool = False, **more: Any) -> bytes:
    """A hex of MakeCode: for both boards, or as it once was: for the first, its source after the end."""
    source = packed(files, name, **more)
    if old:
        lines = [START, *records(0, b"\1" * 64), END, *records(0, source)]
    else:
        v1 = [
            START,
            record(0x0A, 0, bytes.fromhex(V1)),
            *records(0, b"\1" * 64),
            record(0x0C, 0, b"\xff" * 12),
        ]
        v2 = [START, record(0x0A, 0, bytes.fromhex(V2)), *records(0x0D, b"\2" * 64)]
        lines = [*v1, *v2, *records(0x0E, source), END]
    return "\r\n".join(lines).encode() + b"\r\n"


def universal() -> str:
    """A small universal hex in the shape that uFlash expects; its own runtime has 1.8 MB."""
    sections = []
    for board, kind in (("9900C0DE", 0), (V2, 0x0D)):  # uFlash knows the first of the first boards only
        sections += [START, record(0x0A, 0, bytes.fromhex(board))]
        sections += records(kind, b"micro:bit v2.1.2" + b"\0" * 48)
        sections += [":020000041000EA", record(kind, 0x10C0, b"\0\xfc\3\0")]
    return "\n".join([*sections, END]) + "\n"


def python(source: str) -> bytes:
    """A hex with main.py in the file system of both boards, written by uFlash."""
    return uflash.embed_fs_uhex(universal(), source.encode()).encode()


def old_python(source: str) -> bytes:
    """A hex with a script where uFlash put it before 2019."""
    script = b"MP" + len(source.encode()).to_bytes(2, "little") + source.encode()
    return "\n".join(
        [START, *records(0, b"\1" * 32), linear(0x30000), *records(0, script, 0xE000), END]
    ).encode()


def plain(data: bytes, *, universal: bool = False) -> bytes:
    """A hex of another compiler, which carries no source."""
    lines = [START, *records(0, data), END]
    if universal:
        lines[1:1] = [record(0x0A, 0, bytes.fromhex(V1))]
    return "\n".join(lines).encode()


def workspace(*blocks: str) -> str:
    return f'<xml xmlns="https://developers.google.com/blockly/xml">{"".join(blocks)}</xml>'
