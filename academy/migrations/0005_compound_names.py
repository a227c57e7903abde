"""Names are found in one word or in several (Abd El Kader, Abdelkader): the stored keys are made anew."""

from django.db import migrations

from home.language.name_keys import keys_of

BATCH = 500


def renew(apps, schema_editor):
    model = apps.get_model("academy", "User")
    rows = model.objects.only("name", "name_keys")
    changed = []
    for row in rows.iterator(chunk_size=BATCH):
        keys = keys_of(row.name)
        if keys != row.name_keys:
            row.name_keys = keys
            changed.append(row)
    model.objects.bulk_update(changed, ["name_keys"], batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [
        ("academy", "0004_clockwork"),
    ]

    operations = [
        migrations.RunPython(renew, migrations.RunPython.noop),
    ]
