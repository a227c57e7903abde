import django.db.models.deletion
import home.language.name_keys
import phonenumber_field.modelfields
import uuid
from django.conf import settings
from django.db import migrations, models


def fill_name_keys(apps, schema_editor):
    """Rows written before the keys were kept are found too."""
    rows = apps.get_model("enrollments", "Child").objects.all()
    for row in rows.iterator():
        row.save(update_fields=["name_keys"])


class Migration(migrations.Migration):

    dependencies = [
        ('enrollments', '0001_children_and_places'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Barring',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=150, verbose_name='who may not collect')),
                ('paper', models.CharField(choices=[('judgment', "a court judgment"), ('custody', "a custody decision"), ('other', "another official document")], max_length=10, verbose_name="document seen")),
                ('seen_on', models.DateField(verbose_name='seen on')),
                ('recorded_by_ref', models.PositiveBigIntegerField()),
                ('recorded_at', models.DateTimeField()),
                ('lifted_by_ref', models.PositiveBigIntegerField(null=True)),
                ('lifted_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': "pick-up ban",
                'verbose_name_plural': "pick-up bans",
                'ordering': ['-recorded_at'],
            },
        ),
        migrations.CreateModel(
            name='GuardianInvitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('relation', models.CharField(choices=[('mother', 'mother'), ('father', 'father'), ('guardian', 'legal guardian'), ('other', 'other')], max_length=10, verbose_name="relationship")),
                ('rights', models.CharField(choices=[('full', "full: can enroll, cancel and consent"), ('informed', "informed: can view only")], max_length=10, verbose_name='rights')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name="their email address")),
                ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('used_by_ref', models.PositiveBigIntegerField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': "guardian invitation",
                'verbose_name_plural': "guardian invitations",
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40, verbose_name='kind')),
                ('language', models.CharField(max_length=2, verbose_name='language')),
                ('subject', models.CharField(max_length=200, verbose_name='subject')),
                ('body', models.TextField(verbose_name='text')),
                ('channel', models.CharField(choices=[('email', "email"), ('desk', "told at the front desk")], max_length=5, verbose_name="channel")),
                ('state', models.CharField(choices=[('queued', "waiting to be sent"), ('sent', 'sent'), ('failed', 'could not be sent'), ('withheld', 'withheld')], default='queued', max_length=8, verbose_name='state')),
                ('message_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('written_at', models.DateTimeField(verbose_name="written on")),
                ('next_try_at', models.DateTimeField(verbose_name="next attempt")),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(null=True, verbose_name='sent')),
                ('told_by_ref', models.PositiveBigIntegerField(null=True)),
            ],
            options={
                'verbose_name': "message",
                'verbose_name_plural': "messages",
                'ordering': ['-written_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='PickupPerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=150, verbose_name='name')),
                ('relation', models.CharField(max_length=60, verbose_name="relationship to the child")),
                ('phone', phonenumber_field.modelfields.PhoneNumberField(max_length=128, region=None, verbose_name="phone")),
                ('added_at', models.DateTimeField(verbose_name='since')),
            ],
            options={
                'verbose_name': 'pick-up person',
                'verbose_name_plural': 'pick-up persons',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='ReadRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('file', "the child's file"), ('safety_note', 'the safety note'), ('roster', "a class roster"), ('export', 'a copy of the data'), ('consents', 'the consents')], max_length=12)),
                ('child_ref', models.PositiveBigIntegerField(db_index=True)),
                ('by_ref', models.PositiveBigIntegerField()),
                ('role', models.CharField(blank=True, max_length=20)),
                ('reason', models.CharField(blank=True, choices=[('', "no reason needed"), ('class_today', 'the child is in class today'), ('incident', "there was an incident"), ('guardian_asked', 'a guardian asked us to'), ('correction', 'to correct the file')], max_length=20)),
                ('at', models.DateTimeField(db_index=True)),
            ],
            options={
                'verbose_name': "record of access",
                'verbose_name_plural': "records of access",
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='SafetyNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sealed', models.TextField(editable=False)),
                ('changed_at', models.DateTimeField(verbose_name="last changed")),
                ('changed_by_ref', models.PositiveBigIntegerField()),
            ],
            options={
                'verbose_name': 'safety note',
                'verbose_name_plural': 'safety notes',
            },
        ),
        migrations.AddField(
            model_name='child',
            name='collection_confirmed_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name="pick-up list confirmed on"),
        ),
        migrations.AddField(
            model_name='child',
            name='confirmed_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name="data confirmed on"),
        ),
        migrations.AddField(
            model_name='child',
            name='emergency_name',
            field=models.CharField(blank=True, max_length=150, verbose_name="emergency contact, after the guardians"),
        ),
        migrations.AddField(
            model_name='child',
            name='emergency_phone',
            field=phonenumber_field.modelfields.PhoneNumberField(blank=True, max_length=128, region=None, verbose_name="emergency contact's phone"),
        ),
        migrations.AddField(
            model_name='child',
            name='emergency_relation',
            field=models.CharField(blank=True, max_length=60, verbose_name="relationship to the child"),
        ),
        migrations.AddField(
            model_name='child',
            name='erased_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name="deleted on"),
        ),
        migrations.AddField(
            model_name='child',
            name='first_name_ar',
            field=models.CharField(blank=True, max_length=80, verbose_name='first name in Arabic'),
        ),
        migrations.AddField(
            model_name='child',
            name='has_laptop',
            field=models.BooleanField(default=False, verbose_name="brings their own laptop"),
        ),
        migrations.AddField(
            model_name='child',
            name='is_protected',
            field=models.BooleanField(default=False, editable=False, verbose_name='protected file'),
        ),
        migrations.AddField(
            model_name='child',
            name='languages',
            field=models.JSONField(blank=True, default=list, verbose_name='languages spoken'),
        ),
        migrations.AddField(
            model_name='child',
            name='last_name_ar',
            field=models.CharField(blank=True, max_length=80, verbose_name='family name in Arabic'),
        ),
        migrations.AddField(
            model_name='child',
            name='may_go_alone',
            field=models.BooleanField(default=False, verbose_name='may go home alone'),
        ),
        migrations.AddField(
            model_name='child',
            name='name_keys',
            field=home.language.name_keys.NameKeysField('first_name', 'last_name', 'first_name_ar', 'last_name_ar', blank=True, default='', editable=False),
        ),
        migrations.AddField(
            model_name='child',
            name='speak_first',
            field=models.BooleanField(default=False, verbose_name="speak with me before the first class about my child's safety"),
        ),
        migrations.AddField(
            model_name='child',
            name='spoken_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="talked with guardian on"),
        ),
        migrations.AddField(
            model_name='child',
            name='spoken_by_ref',
            field=models.PositiveBigIntegerField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='child',
            name='birth_date',
            field=models.DateField(null=True, verbose_name='date of birth'),
        ),
        migrations.AddConstraint(
            model_name='child',
            constraint=models.CheckConstraint(condition=models.Q(('birth_date__isnull', False), ('erased_at__isnull', False), _connector='OR'), name='child_born_unless_erased'),
        ),
        migrations.AddConstraint(
            model_name='child',
            constraint=models.CheckConstraint(condition=models.Q(('erased_at__isnull', True), models.Q(('first_name', ''), ('last_name', ''), ('name_keys', '')), _connector='OR'), name='child_erased_without_a_name'),
        ),
        migrations.AddField(
            model_name='barring',
            name='child',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='barrings', to='enrollments.child'),
        ),
        migrations.AddField(
            model_name='barring',
            name='guardian',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='barrings', to=settings.AUTH_USER_MODEL, verbose_name='guardian concerned'),
        ),
        migrations.AddField(
            model_name='guardianinvitation',
            name='children',
            field=models.ManyToManyField(related_name='invitations', to='enrollments.child'),
        ),
        migrations.AddField(
            model_name='guardianinvitation',
            name='invited_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='guardian_invitations', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='letter',
            name='child',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='letters', to='enrollments.child'),
        ),
        migrations.AddField(
            model_name='letter',
            name='recipient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='letters', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='pickupperson',
            name='child',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pickup_persons', to='enrollments.child'),
        ),
        migrations.AddField(
            model_name='safetynote',
            name='child',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='safety_note', to='enrollments.child'),
        ),
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['next_try_at'], name='letter_to_send'),
        ),
        migrations.RunPython(fill_name_keys, migrations.RunPython.noop),
    ]
