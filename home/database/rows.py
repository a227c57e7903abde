"""Models whose rows come from the database at the cost of their values."""

from collections.abc import Collection
from typing import Any, Self

from django.db.models.base import ModelState


class LightRows:
    """Mixin of models whose rows are made without `__init__`, which sets each value through its descriptor,
    sends two signals, and looks for relations edited with a page (modelcluster) among the values.

    `from_db` is Django's own place for this. For models that are asked for in a rush, and of which nobody
    waits for `pre_init` and `post_init` (tests/home/test_light_rows.py).
    """

    _state: ModelState

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], *, fetch_mode: Any = None
    ) -> Self:
        row = cls.__new__(cls)
        row.__dict__.update(zip(field_names, values, strict=True))
        row._state = ModelState()
        row._state.adding, row._state.db = False, db
        if fetch_mode is not None:  # since Django 6.1
            row._state.fetch_mode = fetch_mode
        return row
