from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enrollments', '0034_account_events'),
    ]

    operations = [
        migrations.AlterField(
            model_name='guardianevent',
            name='what',
            field=models.CharField(choices=[('added', 'became a guardian'), ('raised', 'was given full rights'), ('left', 'left'), ('removed', 'was removed'), ('relation', 'relationship to the child changed')], max_length=8),
        ),
    ]
