"""The name of an age band is made from its ages; backward, the columns are written from the ages again."""

from django.db import migrations, models

NAMES = ("name", "name_fr", "name_ar", "name_en")


def write_names(apps, schema_editor):
    for band in apps.get_model("courses", "AgeBand").objects.all():
        first, last = band.min_age, band.max_age
        french = f"{first}-{last} ans"
        counted = "سنوات" if 3 <= last <= 10 else "سنة"
        words = {
            "name": french,
            "name_fr": french,
            "name_ar": f"من {first} إلى {last} {counted}",
            "name_en": f"Ages {first}-{last}",
        }
        apps.get_model("courses", "AgeBand").objects.filter(pk=band.pk).update(**words)


class Migration(migrations.Migration):
    dependencies = [("courses", "0003_session_code")]

    operations = [
        migrations.AlterField(
            model_name="ageband",
            name="name",
            field=models.CharField(blank=True, default="", max_length=40, verbose_name="name"),
        ),
        migrations.RunPython(migrations.RunPython.noop, write_names),
        *(migrations.RemoveField(model_name="ageband", name=name) for name in NAMES),
    ]
