"""Going back to an older migration: without loss, or not at all (trust 38).

`manage.py migrate <application> <older>` names what would be lost before it changes anything: a table with
rows, a column with values, a value the older column cannot hold. A column in REGAINED is filled by its own
migration on the way forward. One place answers for all migrations of ours, also for later ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps as today
from django.apps.registry import Apps
from django.core.management.base import CommandError
from django.db import models
from django.db.migrations import AddField, AlterField, CreateModel, Migration
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.loader import MigrationLoader
from django.db.models import Count, Q
from django.db.models.functions import Length
from django.db.models.signals import pre_migrate
from django.dispatch import receiver

OURS = ("academy", "home", "courses", "enrollments")

# Filled again by what comes after, from rows that stay: name → by what.
REGAINED = {
    "academy.user.name_keys": "academy.0002_name_keys",
    "academy.jobrun": "the clockwork, at its next tick",
    "enrollments.child.name_keys": "enrollments.0025_compound_names",
    "enrollments.enrollment.seated_at": "enrollments.0023_seats_in_time",
    "enrollments.enrollment.seat_ended_at": "enrollments.0023_seats_in_time",
    "enrollments.surveylink.asked_hash": "enrollments.0043_used_surveys_name_nobody",
    "home.picture.is_clean": "the job that prepares pictures",
    "home.picture.recipe": "the job that prepares pictures",
    "home.picture.retry_at": "the job that prepares pictures",
    "home.picture.tries": "the job that prepares pictures",
}


class WouldBeLost(CommandError, IrreversibleError):
    """Names what an older database could not hold; nothing was changed."""


@dataclass(frozen=True)
class Loss:
    """What going back behind one migration would lose: a table or column, and the number of its rows."""

    migration: str
    name: str
    rows: int
    how: str = "written"

    def __str__(self) -> str:
        return f"{self.migration}: {self.name}, {self.rows} × {self.how}"


@receiver(pre_migrate, dispatch_uid="going back loses nothing")
def refuse_loss(
    sender: Any, apps: Apps, using: str, plan: list[tuple[Migration, bool]], **_more: Any
) -> None:
    """Stop `migrate` if its plan would lose something. Raises WouldBeLost."""
    back = [migration for migration, backwards in plan if backwards and migration.app_label in OURS]
    if sender.label != "academy" or not back:
        return
    if lost := losses(back, apps, using):
        raise WouldBeLost(
            "Going back would lose what the older tables cannot hold. Nothing was changed.\n"
            + "".join(f"  {loss}\n" for loss in lost)
            + "Restore a backup from before instead, or copy these rows elsewhere and empty them first "
            "(academy/docs/operations.md)."
        )


def losses(back: Iterable[Migration], apps: Apps, using: str) -> list[Loss]:
    """Return what going back behind these migrations would lose, in that order.

    `apps`: the models as the database has them now.
    """
    found = []
    loader = None
    for migration in back:
        made = {row.name_lower for row in migration.operations if isinstance(row, CreateModel)}
        for operation in migration.operations:
            if isinstance(operation, CreateModel):
                found += _table(migration, operation, apps, using)
            elif isinstance(operation, AddField) and operation.model_name_lower not in made:
                found += _column(migration, operation, apps, using)
            elif isinstance(operation, AlterField):
                loader = loader or MigrationLoader(None)
                found += _narrower(migration, operation, loader, apps, using)
    return found


def _rows(apps: Apps, using: str, label: str, model: str) -> Any:
    """Return the rows of a model as the database has it; None if a later migration took it away."""
    try:
        return apps.get_model(label, model)._base_manager.using(using)
    except LookupError:
        return None


def _told(migration: Migration, name: str, rows: int, **how: str) -> list[Loss]:
    return [Loss(f"{migration.app_label}.{migration.name}", name, rows, **how)] if rows else []


def _table(migration: Migration, operation: CreateModel, apps: Apps, using: str) -> list[Loss]:
    name = f"{migration.app_label}.{operation.name_lower}"
    rows = _rows(apps, using, migration.app_label, operation.name)
    if rows is None or name in REGAINED or operation.options.get("proxy"):
        return []
    return _told(migration, name, rows.count())


def _column(migration: Migration, operation: AddField, apps: Apps, using: str) -> list[Loss]:
    name = f"{migration.app_label}.{operation.model_name_lower}.{operation.name}"
    rows = _rows(apps, using, migration.app_label, operation.model_name)
    if rows is None or name in REGAINED:
        return []
    field = next((field for field in rows.model._meta.get_fields() if field.name == operation.name), None)
    if field is None:
        return []
    if field.many_to_many:
        return _told(migration, name, field.remote_field.through._base_manager.using(using).count())
    empty = Q(**{f"{operation.name}__isnull": True}) if field.null else Q()
    if field.has_default() and not callable(field.default):
        empty |= Q(**{operation.name: field.default})
    elif not field.is_relation and field.empty_strings_allowed and not isinstance(field, models.JSONField):
        empty |= Q(**{operation.name: ""})
    return _told(migration, name, (rows.exclude(empty) if empty else rows).count())


def _narrower(
    migration: Migration, operation: AlterField, loader: MigrationLoader, apps: Apps, using: str
) -> list[Loss]:
    """A column that was NOT NULL, unique or shorter before."""
    label, name = migration.app_label, operation.name
    rows = _rows(apps, using, label, operation.model_name)
    if rows is None or name not in {field.name for field in rows.model._meta.get_fields()}:
        return []
    before = loader.project_state((label, migration.name), at_end=False)
    old = before.models[label, operation.model_name_lower].fields[name]
    told = f"{label}.{operation.model_name_lower}.{name}"
    new, found = operation.field, []
    if new.null and not old.null:
        found += _told(migration, told, rows.filter(**{f"{name}__isnull": True}).count(), how="empty")
    if old.unique and not new.unique:
        several = rows.exclude(**{name: None}).values(name).annotate(rows=Count("pk")).filter(rows__gt=1)
        found += _told(migration, told, several.count(), how="the same value, which must be unique there")
    if old.max_length and new.max_length and old.max_length < new.max_length:
        longer = rows.annotate(length=Length(name)).filter(length__gt=old.max_length)
        found += _told(migration, told, longer.count(), how="longer than the older column")
    if old.choices and new.choices:
        newer = {key for key, _words in new.flatchoices} - {key for key, _words in old.flatchoices}
        newer_rows = rows.filter(**{f"{name}__in": newer})
        found += _told(migration, told, newer_rows.count(), how="a value that older code does not know")
    return found


def all_ours() -> list[Migration]:
    """Return every migration of ours as the code has it, the newest of each application first."""
    disk = MigrationLoader(None).disk_migrations
    return [disk[key] for key in sorted(disk, reverse=True) if key[0] in OURS and key[0] in today.app_configs]
