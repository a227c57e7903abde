"""Addresses below a home page that no page may take, because the programme answers there."""

from typing import Any

from django.utils.translation import gettext_lazy as _

# The first parts of our addresses after the language (academy/urls.py), and of those to come.
RESERVED = frozenset(
    {
        "account", "card", "certificate", "contact-form", "desk", "family", "finder", "flyer",
        "letters", "news", "offers", "office", "pass", "policies", "room", "showcase", "survey", "team",
        "welcome",
    }
)  # fmt: skip
TAKEN = _("The website uses this address itself. Choose another one.")


def is_reserved(slug: str, parent: Any) -> bool:
    """Return whether a page with this slug would never be reached behind an address of ours: below a home."""
    return bool(parent) and parent.depth == 2 and slug in RESERVED
