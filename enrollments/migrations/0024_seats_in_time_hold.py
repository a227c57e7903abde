"""The database holds the two instants of a seat; apart from 0023, which fills them (PostgreSQL changes a table only once its rows are at rest)."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("enrollments", "0023_seats_in_time"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="enrollment",
            constraint=models.CheckConstraint(
                name="enrollment_seated_since_a_moment",
                condition=Q(state="seated", seated_at__isnull=False, seat_ended_at=None)
                | (~Q(state="seated") & (Q(seated_at=None) | Q(seat_ended_at__isnull=False))),
            ),
        ),
    ]
