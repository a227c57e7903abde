"""What an update brings with its migrations: the policies that older versions of the site did not have.

Without its policy, a purpose can be neither agreed to nor refused, and what needs a yes stays closed.
"""

from typing import Any

from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from academy.demo import foundations
from enrollments.models import Policy


def lay_new_policies(sender: Any, *, using: str, **_more: Any) -> None:
    """Publish the first version of each policy that is missing, once all migrations are applied.

    A database without any policy was never furnished, and stays empty. Others keep their texts.
    """
    executor = MigrationExecutor(connections[using])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return  # on the way to an older version: its tables are not those of this code
    if Policy.objects.using(using).exists():
        foundations.lay_policies()
