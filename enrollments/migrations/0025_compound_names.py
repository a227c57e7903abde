"""Names are found in one word or in several (Abd El Kader, Abdelkader): the stored keys are made anew."""

from django.db import migrations

from home.language.name_keys import keys_of

BATCH = 500


def renew(apps, schema_editor):
    model = apps.get_model("enrollments", "Child")
    rows = model.objects.filter(erased_at=None).only("first_name", "last_name", "first_name_ar", "last_name_ar", "name_keys")
    changed = []
    for row in rows.iterator(chunk_size=BATCH):
        keys = keys_of(row.first_name, row.last_name, row.first_name_ar, row.last_name_ar)
        if keys != row.name_keys:
            row.name_keys = keys
            changed.append(row)
    model.objects.bulk_update(changed, ["name_keys"], batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [
        ("enrollments", "0024_seats_in_time_hold"),
    ]

    operations = [
        migrations.RunPython(renew, migrations.RunPython.noop),
    ]
