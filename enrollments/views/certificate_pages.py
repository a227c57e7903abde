"""What the pages of a certificate share, for families and in the office."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from courses.models import Track
from enrollments.learning import certificates
from enrollments.models import Certificate
from enrollments.printing import badges
from enrollments.printing.certificates import qr_svg, words_of
from enrollments.views.paper_responses import file_response


@dataclass(frozen=True)
class PaperLink:
    """The address of a PDF in one language; `name` is "PDF · Français"."""

    language: str
    name: str
    url: str


def paper_links(route: str, *args: int) -> list[PaperLink]:
    """Return the addresses of a PDF in the three languages, that of the reader first."""
    found = []
    for code, name in settings.LANGUAGES:
        with translation.override(code):
            found.append(PaperLink(code, f"PDF · {name}", reverse(route, args=args)))
    return sorted(found, key=lambda link: link.language != get_language())


def shown(certificate: Certificate) -> dict:
    """Return the context of the certificate on screen."""
    words = words_of(certificate)
    return {
        "certificate": certificate,
        "replacement": certificates.replacement_of(certificate),
        "words": words,
        "qr": qr_svg(words.link),
        "badge": badges.svg(certificate.track_code, "", coloured=True),
    }


def paper_response(certificate: Certificate) -> HttpResponse:
    """Return the certificate as PDF in the language of the address."""
    from enrollments.printing.certificate_paper import certificate_pdf  # loads fpdf2, which no page needs

    body = certificate_pdf(certificate, language=get_language(), made_at=timezone.now())
    return file_response(body, f"certificate-{certificate.pk}.pdf", f"{_('Certificate')} {certificate.pk}")


def badge_response(certificate: Certificate) -> HttpResponse:
    """Return the badge of the certificate's track as PDF, to colour."""
    track = Track.objects.filter(code=certificate.track_code).first() or certificate.session.course.track
    body = badges.badge_pdf(track, language=get_language(), made_at=timezone.now())
    return file_response(body, f"badge-{track.code.lower()}.pdf", _("Badge") + f" {track.name}")
