"""A manager sets a project aside that shall not be in the showcase."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("enrollments", "0048_erased_numbers"),
    ]

    operations = [
        migrations.AddField(
            model_name="project",
            name="set_aside_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="project",
            name="set_aside_by_ref",
            field=models.PositiveBigIntegerField(null=True),
        ),
    ]
