import home.language.name_keys
from django.db import migrations


def fill_name_keys(apps, schema_editor):
    """Rows written before the keys were kept are found too."""
    rows = apps.get_model("academy", "User").objects.all()
    for row in rows.iterator():
        row.save(update_fields=["name_keys"])


class Migration(migrations.Migration):

    dependencies = [
        ('academy', '0001_accounts'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='name_keys',
            field=home.language.name_keys.NameKeysField('name', blank=True, default='', editable=False),
        ),
        migrations.RunPython(fill_name_keys, migrations.RunPython.noop),
    ]
