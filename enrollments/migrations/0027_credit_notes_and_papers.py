"""Several credit notes for one receipt, and the text of a receipt as it was issued.

SQLite rebuilds the table of receipts for the first, and loses the triggers of 0013: they are laid again.
"""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.exceptions import IrreversibleError
from django.db.models import F, Q

triggers = import_module("enrollments.migrations.0013_receipts_never_change")


def keep_what_is_written(apps, schema_editor):
    """Going back would lose what receipts said, and cannot hold two credit notes for one receipt."""
    if apps.get_model("enrollments", "ReceiptPaper").objects.exists():
        raise IrreversibleError("Receipts have kept texts, which the older tables cannot hold. Nothing was changed.")


class Migration(migrations.Migration):
    dependencies = [
        ("enrollments", "0026_refunds_as_told"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="enrollment",
            constraint=models.CheckConstraint(
                name="enrollment_refund_within_price",
                condition=Q(refund_amount=None) | Q(refund_amount__gte=0, refund_amount__lte=F("price")),
            ),
        ),
        migrations.RunPython(triggers.allow, triggers.refuse),
        migrations.AlterField(
            model_name="receipt",
            name="corrects",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="credit_notes", to="enrollments.receipt"
            ),
        ),
        migrations.RunPython(triggers.refuse, triggers.allow),
        migrations.CreateModel(
            name="ReceiptPaper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("said", models.JSONField()),
                (
                    "receipt",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="paper", to="enrollments.receipt"
                    ),
                ),
            ],
            options={"verbose_name": "text of a receipt", "verbose_name_plural": "texts of receipts"},
        ),
        migrations.RunPython(migrations.RunPython.noop, keep_what_is_written),
    ]
