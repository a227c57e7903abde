"""What a family was told when it gave a seat up stays with the row. Older rows are reconstructed from their events and today's dates, and marked so."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db import migrations, models
from django.db.models import F, Q

ALL_UNTIL, HALF, CENT = timedelta(days=7), Decimal("0.5"), Decimal("0.01")


def reconstruct(apps, schema_editor):
    Enrollment = apps.get_model("enrollments", "Enrollment")
    PlaceEvent = apps.get_model("enrollments", "PlaceEvent")
    rows = Enrollment.objects.filter(Q(state__in=["withdrawn", "removed"], seated_at__isnull=False) | Q(leaves_at__isnull=False))
    for row in rows.select_related("session").iterator(chunk_size=500):
        said = None
        for event in PlaceEvent.objects.filter(enrollment_ref=row.pk, from_state="seated").order_by("pk"):
            if event.reason == "leaving":
                said = event.at
            elif event.reason == "taken_back":
                said = None
            elif event.to_state in {"withdrawn", "removed"}:
                said = said or event.at
        at, first_at = said or row.changed_at, row.session.first_at
        share = Decimal(1) if first_at is None or at < first_at - ALL_UNTIL else HALF if at < first_at else Decimal(0)
        Enrollment.objects.filter(pk=row.pk).update(
            refund_amount=(row.price * share).quantize(CENT, ROUND_HALF_UP), refund_is_reconstructed=True
        )


class Migration(migrations.Migration):
    dependencies = [
        ("enrollments", "0025_compound_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="enrollment",
            name="refund_amount",
            field=models.DecimalField(decimal_places=2, editable=False, max_digits=8, null=True, verbose_name="refund (MAD)"),
        ),
        migrations.AddField(
            model_name="enrollment",
            name="refund_is_reconstructed",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.RunPython(reconstruct, migrations.RunPython.noop),
    ]
