"""Who reported missing kit and when, and who put it right."""

from django.db import migrations, models
from django.db.migrations.exceptions import IrreversibleError
from django.db.models import F


def name_who_wrote(apps, schema_editor):
    """Older reports: whoever wrote the diary last."""
    rows = apps.get_model("enrollments", "ClassDiary").objects.exclude(kit_missing="")
    rows.update(kit_said_at=F("written_at"), kit_said_by_ref=F("written_by_ref"))


def keep_what_was_put_right(apps, schema_editor):
    """Going back would report again what was put right."""
    if apps.get_model("enrollments", "ClassDiary").objects.exclude(kit_righted_at=None).exists():
        raise IrreversibleError("Diaries say which kit was put right, which the older table cannot hold. Nothing was changed.")


class Migration(migrations.Migration):
    dependencies = [
        ("enrollments", "0030_who_asked_the_desk"),
    ]

    operations = [
        migrations.AddField("classdiary", "kit_said_at", models.DateTimeField(null=True)),
        migrations.AddField("classdiary", "kit_said_by_ref", models.PositiveBigIntegerField(null=True)),
        migrations.AddField("classdiary", "kit_righted_at", models.DateTimeField(null=True)),
        migrations.AddField("classdiary", "kit_righted_by_ref", models.PositiveBigIntegerField(null=True)),
        migrations.RunPython(name_who_wrote, keep_what_was_put_right),
    ]
