"""What a certificate says in the active language. `certificate_paper.py` draws it."""

import io
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from enrollments.models import Certificate
from home.language.dates import date_words, month_words


@dataclass(frozen=True)
class CertificateWords:
    """The sentences of a certificate, in the active language. A protected child's says the same: a guardian
    who is barred would read in it that something has changed. The public page confirms nothing about it.
    """

    heading: str
    given_to: str
    name: str
    completed: str
    title: str
    month: str
    signed: str
    number: str
    link: str

    @property
    def texts(self) -> list[str]:
        return [self.heading, self.given_to, self.name, self.completed, self.title, self.month, self.signed]


def link_of(certificate: Certificate) -> str:
    """Return the address of the public page that says whether the certificate is valid."""
    return settings.SITE_URL + reverse("certificate_check", args=[certificate.shown_code])


def words_of(certificate: Certificate) -> CertificateWords:
    numbered = _("Certificate number %(number)s, issued on %(day)s")
    return CertificateWords(
        heading=_("Certificate"),
        given_to=_("This certificate is awarded to"),
        name=certificate.name,
        completed=_("for completing the course"),
        title=certificate.title,
        month=month_words(certificate.completed_on),
        signed=_("For Active Labs"),
        number=numbered % {"number": certificate, "day": date_words(certificate.issued_at)},
        link=link_of(certificate),
    )


def qr_svg(link: str) -> SafeString:
    """Return the link as a QR code, for the page; the page says it in words too."""
    import segno  # needed by few pages

    drawing = io.BytesIO()
    segno.make(link, error="m", micro=False).save(
        drawing, kind="svg", scale=1, border=2, xmldecl=False, svgns=False, nl=False, omitsize=True
    )
    return mark_safe(drawing.getvalue().decode())
