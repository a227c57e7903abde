"""Payments at the front desk: receipts numbered without gaps within a year, never changed.

Sole writer: enrollments.money.receipts.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ReceiptBook(models.Model):
    """The last receipt number of a year; its lock keeps the numbers without gaps."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("receipt book")
        verbose_name_plural = _("receipt books")

    def __str__(self):
        return str(self.year)


class Receipt(models.Model):
    """An amount received for a reference, or refunded by a credit note that names the receipt it corrects.

    Amounts in MAD.
    """

    class Method(models.TextChoices):
        CASH = "cash", _("cash")
        CARD = "card", _("card")
        TRANSFER = "transfer", _("bank transfer")
        CHEQUE = "cheque", _("cheque")

    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    reference = models.CharField(_("reference"), max_length=12, db_index=True)
    amount = models.DecimalField(_("amount (MAD)"), max_digits=8, decimal_places=2)
    method = models.CharField(_("payment method"), max_length=8, choices=Method.choices)
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="receipts"
    )
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="credit_notes")
    reason = models.CharField(max_length=30, blank=True)
    recorded_by_ref = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    form_key = models.UUIDField(unique=True, editable=False)

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(name="receipt_once_per_number", fields=["year", "number"]),
            models.CheckConstraint(
                name="receipt_takes_or_gives_back",
                condition=Q(amount__gt=0, corrects__isnull=True) | Q(amount__lt=0, corrects__isnull=False),
            ),
        ]

    def __str__(self):
        return self.code

    @property
    def code(self) -> str:
        """Return the printed number: "2026-000123"."""
        return f"{self.year}-{self.number:06d}"


class ReceiptPaper(models.Model):
    """What a receipt said when it was issued, in three languages; printed again, it says the same.

    `said` holds names, so it is emptied when the family is erased; the receipt itself stays. Sole writer:
    enrollments.money.papers.
    """

    receipt = models.OneToOneField(Receipt, on_delete=models.CASCADE, related_name="paper")
    said = models.JSONField()

    class Meta:
        verbose_name = _("text of a receipt")
        verbose_name_plural = _("texts of receipts")

    def __str__(self):
        return f"RP-{self.pk}"
