"""Staff messages to families. Sole writer: enrollments.classes.messages."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.models import Meeting, Session
from enrollments.models.people import Child


class Message(models.Model):
    """A message to the guardians of a session, in one to three languages; about one class or one child, if
    set.
    """

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="messages")
    meeting = models.ForeignKey(Meeting, on_delete=models.SET_NULL, null=True, related_name="+")
    child = models.ForeignKey(Child, on_delete=models.CASCADE, null=True, related_name="+")
    by_ref = models.PositiveBigIntegerField()
    by_name = models.CharField(_("signed"), max_length=150)
    text_fr = models.TextField(_("in French"), max_length=2000, blank=True)
    text_ar = models.TextField(_("in Arabic"), max_length=2000, blank=True)
    text_en = models.TextField(_("in English"), max_length=2000, blank=True)
    written_at = models.DateTimeField(_("written on"))
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("message to families")
        verbose_name_plural = _("messages to families")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="message_says_something", condition=~Q(text_fr="") | ~Q(text_ar="") | ~Q(text_en="")
            )
        ]

    def __str__(self):
        return f"N-{self.pk}"

    def text_in(self, language: str) -> tuple[str, str]:
        """Return (text, its language) for a reader of that language, falling back to French, then to what
        exists.
        """
        for code in (language, "fr", "en", "ar"):
            if text := getattr(self, f"text_{code}"):
                return text, code
        raise ValueError("a message says something")
