"""Rows with relations that are edited and published together with them, made at the cost of plain rows."""

from typing import Any

from modelcluster.models import ClusterableModel


class Cluster(ClusterableModel):
    """A ClusterableModel that looks for its relations among the values it is made from only when values are
    given by name.

    A row of the database is made from values in order, and among those is no relation. modelcluster goes
    through all fields of the model for each row: 130 function calls, as much as the rest of the row.
    """

    class Meta:
        abstract = True

    def __init__(self, *args: Any, **kwargs: Any):
        if kwargs:
            super().__init__(*args, **kwargs)
        else:
            super(ClusterableModel, self).__init__(*args)
