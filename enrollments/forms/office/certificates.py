"""Forms of a session's certificates: who gets one, and why one is given in spite of the register."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from enrollments.learning import certificates
from enrollments.learning.certificates import EXCEPTIONS, CertificateCandidate
from home.confirmation import AsksTwice, Caution


class IssueForm(AsksTwice, forms.Form):
    """A tick for each child without a certificate, and a reason for each that did not complete the course.

    It says how many certificates and emails go out, and asks once more.
    """

    def __init__(self, *args, candidates: Iterable[CertificateCandidate], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.open = [one for one in candidates if one.certificate is None]
        for one in self.open:
            self.fields[f"child_{one.child.pk}"] = forms.BooleanField(
                label=one.child.full_name, required=False, initial=one.is_proposed
            )
            if not one.has_completed:
                self.fields[f"ground_{one.child.pk}"] = forms.ChoiceField(
                    label=_("Reason"),
                    required=False,
                    choices=[("", _("Choose")), *((code.value, code.label) for code in EXCEPTIONS)],
                )

    def clean(self) -> dict:
        told = super().clean() or {}
        if not self.grounds(told):
            raise forms.ValidationError(_("Tick at least one child."), code="nobody")
        for one in self.open:
            key = one.child.pk
            if told.get(f"child_{key}") and not one.has_completed and not told.get(f"ground_{key}"):
                self.add_error(
                    f"ground_{key}",
                    _("Choose why %(child)s gets a certificate.") % {"child": one.child.first_name},
                )
        if not self.errors:
            self.ask_twice([self._consequence(self.grounds(told))])
        return told

    def _consequence(self, grounds: dict[int, str]) -> Caution:
        """Return how many certificates will be issued, and how many guardians are told."""
        issued = ngettext(
            "%(count)s certificate will be issued.", "%(count)s certificates will be issued.", len(grounds)
        ) % {"count": len(grounds)}
        emails = certificates.told(grounds)
        sent = ngettext("%(count)s guardian gets an email.", "%(count)s guardians get an email.", emails) % {
            "count": emails
        }
        return Caution(f"{issued} {sent}", about=str(sorted(grounds.items())))

    def grounds(self, told: dict) -> dict[int, str]:
        """Return the ticked children, each with the code of its reason; empty for a completed course."""
        keys = [one.child.pk for one in self.open if told.get(f"child_{one.child.pk}")]
        return {key: told.get(f"ground_{key}", "") for key in keys}

    @property
    def lines(self) -> list[tuple[CertificateCandidate, forms.BoundField, forms.BoundField | None]]:
        """Return for each child its tick and, for one that did not complete the course, the reason."""
        return [
            (one, self[f"child_{one.child.pk}"],
             None if one.has_completed else self[f"ground_{one.child.pk}"])
            for one in self.open
        ]  # fmt: skip
