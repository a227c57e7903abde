"""Sizes of files in the active language."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from home.language.dates import NO_BREAK

KB, MB = 1024, 1024**2  # as the limits of our forms count


def size_words(count: int) -> str:
    """Return a number of bytes as "11,3 ko" or "2,4 Mo" on one line."""
    if count >= 1000 * KB:  # "1000 KB" would be wider than "1.0 MB"
        unit, number = _("MB"), count / MB
    else:
        unit, number = _("KB"), count / KB
    shown = number_format(round(max(number, 0.1), 1), decimal_pos=1, use_l10n=True, force_grouping=False)
    return f"{shown}{NO_BREAK}{unit}"
