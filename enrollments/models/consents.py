"""Policies and consents: texts that never change once published, append-only answers.

Sole writer: enrollments.families.consents.

Law 09-08, article 4: consent is free, specific and informed. Each purpose has its own text, and each answer
refers to the version read.
"""

import hashlib
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from enrollments.models.people import Child
from home.database.compiled import Compiled
from home.database.rows import LightRows


class Policy(LightRows, models.Model):
    """One purpose: terms, privacy, photos inside, photos on the website."""

    code = models.SlugField(_("code"), max_length=30, unique=True)
    is_compulsory = models.BooleanField(_("compulsory"), default=False)
    per_child = models.BooleanField(_("for each child"), default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        ordering = ["position", "pk"]

    def __str__(self):
        return self.code


class PolicyVersionQuerySet(models.QuerySet):
    def current(self, at: datetime):
        """Return the version of each policy in force at that time."""
        newest = PolicyVersion.objects.filter(policy=OuterRef("policy"), published_at__lte=at).order_by(
            "-number"
        )
        return (
            self.filter(pk=Subquery(newest.values("pk")[:1]))
            .select_related("policy")
            .order_by("policy__position", "policy_id")
        )

    def for_children(self, at: datetime):
        """Return the versions in force that are answered for each child."""
        return self.current(at).filter(policy__per_child=True)

    def outstanding(self, user, at: datetime):
        """Return the compulsory versions in force that this user has not accepted, or has withdrawn from."""
        last = Consent.objects.filter(guardian=user, version=OuterRef("pk"), child=None).order_by("-pk")
        return (
            self.current(at)
            .filter(policy__is_compulsory=True, policy__per_child=False)
            .annotate(answered=Subquery(last.values("answer")[:1]))
            .filter(Q(answered=None) | Q(answered=False))
        )

    def are_outstanding(self, user, at: datetime) -> bool:
        """Return whether there are any; every enrollment checks this."""
        return bool(OUTSTANDING(user=user.pk, at=at))


class PolicyVersion(LightRows, models.Model):
    """One version of a policy: a draft until published, then immutable."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by_ref = models.PositiveBigIntegerField(null=True)

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        ordering = ["policy", "-number"]
        constraints = [
            models.UniqueConstraint(name="policy_version_once_per_number", fields=["policy", "number"])
        ]

    def __str__(self):
        return f"{self.policy_id}/{self.number}"

    def text(self, language: str = ""):
        """Return the text in that language (by default the active one), falling back to French."""
        wanted = language or (get_language() or "fr")[:2]
        texts = {text.language: text for text in self.texts.all()}
        return texts.get(wanted) or texts.get("fr")


OUTSTANDING = Compiled(lambda user, at: PolicyVersion.objects.outstanding(user, at)[:1])


class PolicyText(models.Model):
    """A version's text in one language, with its hash."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    title = models.CharField(_("title"), max_length=150)
    body = models.TextField(_("text"))
    sha256 = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = _("policy text")
        verbose_name_plural = _("policy texts")
        constraints = [
            models.UniqueConstraint(name="policy_text_once_per_language", fields=["version", "language"])
        ]

    def __str__(self):
        return f"{self.version_id}/{self.language}"

    @staticmethod
    def fingerprint(title: str, body: str) -> str:
        """Return the SHA-256 of title, line break and text, in UTF-8."""
        return hashlib.sha256(f"{title}\n{body}".encode()).hexdigest()


class Consent(LightRows, models.Model):
    """One guardian's yes or no to one version, about one child or themself. Append-only."""

    class Channel(models.TextChoices):
        WEB = "web", _("on the website")
        PAPER = "paper", _("on paper")

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="consents")
    language = models.CharField(_("language in which it was read"), max_length=2, choices=settings.LANGUAGES)
    guardian = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="consents"
    )
    child = models.ForeignKey(Child, on_delete=models.CASCADE, null=True, related_name="consents")
    answer = models.BooleanField(_("answer"))
    by_child = models.BooleanField(_("the child's own answer"), default=False)
    channel = models.CharField(_("channel"), max_length=5, choices=Channel.choices, default=Channel.WEB)
    signed_on = models.DateField(_("date on the paper"), null=True, blank=True)
    recorded_by_ref = models.PositiveBigIntegerField()
    given_at = models.DateTimeField(_("given on"))

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-pk"]
        indexes = [models.Index(name="consent_of_a_child", fields=["child", "version"])]

    def __str__(self):
        return f"S-{self.pk}"
