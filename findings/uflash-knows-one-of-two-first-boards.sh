#!/usr/bin/env bash
# uflash 2.0.0 (PyPI; source: uflash.embed_fs_uhex and script_to_fs; seen 2026-11-29, Python 3.11) refuses a universal hex whose first section is for board 0x9901.
#
# A universal hex names the board of each section in its block record. The first micro:bit has two numbers there,
# 0x9900 and 0x9901 (V1.3 and V1.5), which have the same memory and take the same program; MakeCode writes 0x9901.
# Expected: the script is put into the file system of either. It is for 0x9900 only: for 0x9901 the same file
# ends in "Incompatible micro:bit ID found: 9901". Whoever adds Python to such a hex must write the number first.
# Met when hex files for tests were made.
#
# Output seen
#   9900  main.py is in it: True
#   9901  Incompatible micro:bit ID found: 9901
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "uflash==2.0.0"

"$folder/venv/bin/python" - <<'PYTHON' || { echo "The behaviour has changed."; exit 1; }
import sys
from importlib.metadata import version

import uflash

LINEAR, END = ":020000040000FA", ":00000001FF"


def record(kind: int, address: int, data: bytes) -> str:
    raw = bytes([len(data)]) + address.to_bytes(2, "big") + bytes([kind]) + data
    return f":{(raw + bytes([-sum(raw) & 0xFF])).hex().upper()}"


def section(board: str, kind: int) -> list[str]:
    """The block record, 16 bytes of flash, and the settings at 0x100010C0, as in every hex of MicroPython."""
    block = record(0x0A, 0, bytes.fromhex(board + "C0DE"))
    settings = record(kind, 0x10C0, bytes.fromhex("00FC0300"))
    return [LINEAR, block, record(kind, 0, bytes(16)), ":020000041000EA", settings]


def answer(board: str) -> str:
    whole = "\n".join([*section(board, 0x00), *section("9903", 0x0D), END]) + "\n"
    try:
        made = uflash.embed_fs_uhex(whole, b"print('hello')\n")
    except ValueError as fault:
        return str(fault)
    return f"main.py is in it: {b'main.py'.hex().upper() in made}"


print("uflash", version("uflash"))
seen = {board: answer(board) for board in ("9900", "9901")}
for board, said in seen.items():
    print(f"{board}  {said}")
expected = {"9900": "main.py is in it: True", "9901": "Incompatible micro:bit ID found: 9901"}
sys.exit(0 if seen == expected else 1)
PYTHON
