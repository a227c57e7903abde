"""Certificates for completed courses, and what the team did with each.

Sole writer: enrollments.learning.certificates.
"""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from courses.models import Course, Session
from enrollments.models.people import Child
from home.account import User
from home.language import table
from home.language.dates import isolated

GROUP, GROUPS = 4, 7  # a code is printed as seven groups of four signs


def name_on_paper(row: "Child | Certificate") -> str:
    """Return a child's name in the active language: in Arabic the Arabic one if the family gave it, otherwise
    the Latin one, isolated.
    """
    latin = f"{row.first_name} {row.last_name}".strip()
    if get_language() != "ar":
        return latin
    return f"{row.first_name_ar} {row.last_name_ar}".strip() or isolated(latin)


def every_name(row: "Child | Certificate") -> str:
    """Return a child's name in Latin and, if the family gave it, in Arabic letters, for the team."""
    latin, arabic = f"{row.first_name} {row.last_name}", f"{row.first_name_ar} {row.last_name_ar}"
    return " · ".join(isolated(name.strip()) for name in (latin, arabic) if name.strip())


def grouped(code: str) -> str:
    """Return a code in groups of four signs: "7K3Q-2PVM-…"."""
    return "-".join(code[place : place + GROUP] for place in range(0, len(code), GROUP))


def titles_of(course: Course) -> dict[str, str]:
    """Return the course's title in each language as a certificate stores it: title_fr, title_ar, title_en."""
    return {f"title_{code}": getattr(course, f"title_{code}") or course.title_fr for code in table.LANGUAGES}


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def of(self, user: User) -> Self:
        """Return the certificates of children this user is a guardian of."""
        return self.filter(child__guardianships__guardian=user)

    def valid(self) -> Self:
        return self.filter(revoked_at=None)


class Certificate(models.Model):
    """A child's certificate for one session, with the names and titles that were printed on it.

    After erasure only its number and dates are left: no name, and no code to find it by (domain §7).
    """

    class Ground(models.TextChoices):
        """Why it was issued: the course was completed, or an exception of the manager."""

        COMPLETED = "completed", _("completed the course")
        CAUGHT_UP = "caught_up", _("made up the missed classes in another group")
        AT_HOME = "at_home", _("finished the work at home")
        SHOWN = "shown", _("showed the instructor the skills of the course")

    class Revoked(models.TextChoices):
        NAME = "name", _("the name was corrected")
        MISTAKE = "mistake", _("issued by mistake")
        MERGED = "merged", _("the child had two files")

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="certificates")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="certificates")
    code = models.CharField(_("code"), max_length=GROUP * GROUPS, unique=True, null=True)
    ground = models.CharField(_("issued because"), max_length=10, choices=Ground.choices)
    first_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80, blank=True)
    first_name_ar = models.CharField(max_length=80, blank=True)
    last_name_ar = models.CharField(max_length=80, blank=True)
    title_fr = models.CharField(max_length=120)
    title_ar = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    track_code = models.CharField(max_length=10)
    completed_on = models.DateField(_("last class"))
    issued_at = models.DateTimeField(_("issued on"))
    issued_by_ref = models.PositiveBigIntegerField()
    revoked_at = models.DateTimeField(_("revoked on"), null=True)
    revoked_by_ref = models.PositiveBigIntegerField(null=True)
    revoked_for = models.CharField(_("revoked because"), max_length=8, choices=Revoked.choices, blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-completed_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="certificate_valid_once", fields=["child", "session"], condition=Q(revoked_at=None)
            ),
            models.CheckConstraint(
                name="certificate_erased_without_a_name",
                condition=Q(code__isnull=False)
                | Q(first_name="", last_name="", first_name_ar="", last_name_ar=""),
            ),
            models.CheckConstraint(
                name="certificate_revoked_for_a_reason",
                condition=Q(revoked_at=None, revoked_for="")
                | Q(revoked_at__isnull=False, revoked_for__in=["name", "mistake", "merged"]),
            ),
        ]

    def __str__(self):
        return f"CT-{self.pk}"

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None

    @property
    def name(self) -> str:
        """Return the printed name in the active language."""
        return name_on_paper(self)

    @property
    def title(self) -> str:
        """Return the course's printed title in the active language."""
        return getattr(self, f"title_{get_language()}", "") or self.title_fr

    @property
    def initials(self) -> str:
        """Return "S. A.": all that the public page says of the child."""
        names = [name.strip() for name in (self.first_name, self.last_name)]
        return isolated(" ".join(f"{name[:1]}." for name in names if name))

    @property
    def shown_code(self) -> str:
        """Return the code as it is printed: "7K3Q-2PVM-…"; empty once erased."""
        return grouped(self.code or "")


class CertificateEvent(models.Model):
    """One act of the team on a certificate. Append-only, bare ids, so that erasure does not affect it."""

    class What(models.TextChoices):
        ISSUED = "issued", _("certificate issued")
        REVOKED = "revoked", _("certificate revoked")

    certificate_ref = models.PositiveBigIntegerField()
    child_ref = models.PositiveBigIntegerField(db_index=True)
    what = models.CharField(max_length=8, choices=What.choices)
    reason = models.CharField(max_length=10)
    by_ref = models.PositiveBigIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("certificate event")
        verbose_name_plural = _("certificate events")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"CE-{self.pk}"
