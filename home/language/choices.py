"""Choices of people in the alphabet of the reader, whatever the database orders by."""

from collections.abc import Iterator
from typing import Any

from django.forms.models import ModelChoiceIterator

from home.language.alphabet import sorted_by


class InAlphabet(ModelChoiceIterator):  # type: ignore[type-arg]  # not generic at run time
    """The `iterator` of a form field whose choices are people: sorted by their labels."""

    def __iter__(self) -> Iterator[Any]:
        choices = super().__iter__()
        if self.field.empty_label is not None:
            yield next(choices)
        yield from sorted_by(lambda choice: [str(choice[1])], choices)
