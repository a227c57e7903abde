"""The sentences of the code and the templates, collected once for all tests that read them."""

from functools import cache

import pytest
from babel.messages import Catalog

from academy import messages

EXTRACTED = pytest.mark.xdist_group("extracted")  # one worker collects them


@cache
def extracted() -> Catalog:
    return messages.sentences()
