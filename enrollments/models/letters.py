"""Messages to be sent and sent. Sole writer: enrollments.letters.outbox."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.models import Meeting
from enrollments.models.people import Child


class Letter(models.Model):
    """One message to one guardian, written in the transaction of the event it reports and sent afterwards.

    Without an email address, it becomes a message the front desk passes on.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("email")
        DESK = "desk", _("told at the front desk")

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting to be sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("could not be sent")
        WITHHELD = "withheld", _("withheld")

    # Nobody: a stranger's address was entered, and gets the same response as a known one.
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="letters"
    )
    address = models.EmailField(_("email address"), blank=True)  # empty: the recipient's own
    child = models.ForeignKey(Child, on_delete=models.CASCADE, null=True, related_name="letters")
    # The keys of all children it is about, between commas: ",12,57,". A removed guardian gets it no more, and
    # erasing a child finds it.
    about = models.TextField(blank=True)
    prints = models.TextField(blank=True)  # the keys of the 3D prints it names, in the same form
    reply_to = models.EmailField(blank=True)  # the visitor who wrote to the academy, for replies
    # The class it is about, if any.
    meeting = models.ForeignKey(Meeting, on_delete=models.SET_NULL, null=True, related_name="+")
    reference = models.CharField(max_length=12, blank=True)  # of the enrollments it confirms, if any
    kind = models.CharField(_("kind"), max_length=40)
    language = models.CharField(_("language"), max_length=2)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    channel = models.CharField(_("channel"), max_length=5, choices=Channel.choices)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.QUEUED)
    message_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    written_at = models.DateTimeField(_("written on"))
    next_try_at = models.DateTimeField(_("next attempt"))
    tries = models.PositiveSmallIntegerField(default=0)
    fault = models.CharField(_("why it was not sent"), max_length=60, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    team_message = models.ForeignKey(
        "enrollments.Message", on_delete=models.SET_NULL, null=True, related_name="letters"
    )
    seen_at = models.DateTimeField(null=True)  # the signed-in recipient has seen its content on screen
    told_by_ref = models.PositiveBigIntegerField(null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-written_at", "-pk"]
        indexes = [
            models.Index(name="letter_to_send", fields=["next_try_at"], condition=Q(state="queued")),
            models.Index(name="letter_by_state", fields=["state", "-written_at", "-id"]),  # the office's list
        ]

    CONTACT = "contact"  # from a visitor to the academy
    ACCOUNT = "account"  # account messages (codes, notices); no team member can read them

    def __str__(self):
        return f"M-{self.pk}"

    @staticmethod
    def about_words(rows) -> str:
        """Return the value of `about` for these children, or of `prints` for these prints."""
        keys = sorted({row.pk for row in rows if row is not None})
        return f",{','.join(map(str, keys))}," if keys else ""

    @staticmethod
    def is_about(children) -> models.Q:
        """Return the condition for messages about one of these children."""
        found = models.Q(child__in=list(children))
        for child in children:
            found |= models.Q(about__contains=f",{child.pk},")
        return found

    @property
    def print_keys(self) -> set[int]:
        """Return the primary keys of the 3D prints it names."""
        return {int(key) for key in self.prints.split(",") if key}

    @property
    def is_unreached(self) -> bool:
        """Return whether staff still have to pass it on: no address, or bounced."""
        return self.state == self.State.FAILED or (
            self.channel == self.Channel.DESK and self.state == self.State.QUEUED
        )

    @property
    def is_sealed(self) -> bool:
        """Return whether it may contain a code: staff then see that it was sent, but not its text."""
        return self.kind == self.ACCOUNT
