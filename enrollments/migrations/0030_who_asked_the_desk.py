"""Which guardian asked the desk for a change of a place.

SQLite rebuilds the table of events on the way back, and loses the triggers of 0010: they are laid again.
"""

from importlib import import_module

from django.db import migrations, models
from django.db.migrations.exceptions import IrreversibleError

triggers = import_module("enrollments.migrations.0010_events_never_change")


def keep_what_was_asked(apps, schema_editor):
    """Going back would lose who asked."""
    if apps.get_model("enrollments", "PlaceEvent").objects.exclude(asked_by_ref=None).exists():
        raise IrreversibleError("Events name the guardian who asked, which the older table cannot hold. Nothing was changed.")


class Migration(migrations.Migration):
    dependencies = [
        ("enrollments", "0029_letters_name_what_they_confirm"),
    ]

    operations = [
        migrations.RunPython(triggers.allow, triggers.refuse),
        migrations.AddField(
            model_name="placeevent",
            name="asked_by_ref",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.RunPython(triggers.refuse, triggers.allow),
        migrations.RunPython(migrations.RunPython.noop, keep_what_was_asked),
    ]
