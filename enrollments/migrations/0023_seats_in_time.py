"""When each seat was taken and left, read from the events (a past class keeps its children)."""

from django.db import migrations, models
from django.db.models import Q

BATCH = 500


def read_from_events(apps, schema_editor):
    """Fill both instants from the append-only events; a row without them keeps its own `changed_at`."""
    Enrollment = apps.get_model("enrollments", "Enrollment")
    PlaceEvent = apps.get_model("enrollments", "PlaceEvent")
    began, ended = {}, {}
    events = PlaceEvent.objects.filter(Q(from_state="seated") | Q(to_state="seated")).order_by("pk")
    for row, was, became, at in events.values_list("enrollment_ref", "from_state", "to_state", "at").iterator():
        if became == "seated" != was:
            began[row] = at
            ended.pop(row, None)
        elif was == "seated" != became:
            ended[row] = at
    changed = []
    for row in Enrollment.objects.only("state", "created_at", "changed_at").iterator():
        row.seated_at, row.seat_ended_at = began.get(row.pk), ended.get(row.pk)
        if row.state == "seated":
            row.seated_at, row.seat_ended_at = row.seated_at or row.created_at, None
        elif row.seated_at and not row.seat_ended_at:
            row.seat_ended_at = row.changed_at
        if row.seated_at:
            changed.append(row)
    Enrollment.objects.bulk_update(changed, ["seated_at", "seat_ended_at"], batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [
        ("enrollments", "0022_answers_to_visitors"),
    ]

    operations = [
        migrations.AddField(
            model_name="enrollment",
            name="seated_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="has had a place since"),
        ),
        migrations.AddField(
            model_name="enrollment",
            name="seat_ended_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="had a place until"),
        ),
        migrations.RunPython(read_from_events, migrations.RunPython.noop),
    ]
