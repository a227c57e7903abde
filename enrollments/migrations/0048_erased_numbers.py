"""Numbers of what was erased wait here until they are in the file beside the backups."""

from django.db import migrations, models

WHAT = [
    ("child", "Child"),
    ("account", "Account"),
    ("guardian", "Guardian"),
    ("project", "Project"),
    ("project_file", "Project File"),
    ("photo", "Photo"),
    ("hidden_photo", "Hidden Photo"),
    ("story", "Story"),
    ("safety_note", "Safety Note"),
    ("pickup_person", "Pickup Person"),
    ("no", "No"),
    ("no_of_child", "No Of Child"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("enrollments", "0047_prints_a_letter_names"),
    ]

    operations = [
        migrations.CreateModel(
            name="ErasedNumber",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.CharField(choices=WHAT, max_length=20)),
                ("row_ref", models.PositiveBigIntegerField()),
                ("other_ref", models.PositiveBigIntegerField(null=True)),
                ("code", models.CharField(blank=True, max_length=30)),
                ("mark", models.CharField(max_length=16)),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "number of something deleted",
                "verbose_name_plural": "numbers of what was deleted",
                "ordering": ["pk"],
            },
        ),
    ]
