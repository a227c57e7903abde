#!/usr/bin/env bash
# Babel 2.18.0 (PyPI; source: babel.messages.extract, method "python"; seen 2026-11-29, Python 3.11) leaves a sentence out, without a warning, when its string stands in parentheses of its own.
#
# gettext("one " "two") is extracted as one sentence. gettext(("one " "two")) means the same to Python, and a
# formatter may write a long string in a list of arguments like that; it is not extracted. Of
# ngettext("one", ("two " "three"), n) nothing is extracted, not even the singular. The next update of a
# catalogue then drops both with their translations. Met when long strings were wrapped by a script: a
# catalogue lost one sentence of 2,536.
#
# Output seen
#   adjacent     ['one two', ('one', 'two three')]
#   parentheses  []
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "Babel==2.18.0"

"$folder/venv/bin/python" - <<'PYTHON' || { echo "The behaviour has changed."; exit 1; }
import sys
from importlib.metadata import version
from io import BytesIO

from babel.messages.extract import DEFAULT_KEYWORDS, extract

ADJACENT = '_("one " "two")\nngettext("one", "two " "three", n)\n'
PARENTHESES = '_(("one " "two"))\nngettext("one", ("two " "three"), n)\n'


def sentences(source: str) -> list:
    compile(source, "source.py", "exec")  # valid Python, and the same strings
    return [found[1] for found in extract("python", BytesIO(source.encode()), keywords=DEFAULT_KEYWORDS)]


adjacent, parentheses = sentences(ADJACENT), sentences(PARENTHESES)
print("Babel", version("Babel"))
print("adjacent    ", adjacent)
print("parentheses ", parentheses)
sys.exit(0 if (adjacent == ["one two", ("one", "two three")] and parentheses == []) else 1)
PYTHON
