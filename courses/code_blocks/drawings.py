"""What may be drawn beside a sentence: blocks of Scratch or micro:bit, or a listing."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from courses.code_blocks import listings, notation
from courses.code_blocks.listings import Listing
from courses.code_blocks.notation import Program
from courses.code_blocks.words import TOOLS

Drawn = Program | Listing


def read(text: str) -> Drawn:
    """Read the notation its first line names. ValidationError (notation), in the active language, says which
    line cannot be read, and why.
    """
    first = text.strip("\r\n").partition("\n")[0].strip()
    if first in listings.NAMES:
        return listings.read(text)
    if first in TOOLS:
        return notation.read(text)
    fault = _("start with %(tools)s.") % {"tools": " / ".join([*TOOLS, *listings.NAMES])}
    raise ValidationError(_("Line %(line)s: %(fault)s") % {"line": 1, "fault": fault}, code="notation")
