"""A child's certificates, on screen and on paper, and the badge to colour; the report of a term."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from courses.models import Term
from enrollments.models import Certificate, Child
from enrollments.printing import badges
from enrollments.views import certificate_pages, report_pages


def _certificate(request, child_id: int, certificate_id: int) -> Certificate:
    """Return a certificate of my child; 404 for any other, as for one that does not exist."""
    rows = Certificate.objects.of(request.user).filter(code__isnull=False)
    return get_object_or_404(
        rows.select_related("child", "session__course__track"), pk=certificate_id, child=child_id
    )


@login_required
@require_safe
def certificate(request, child_id, certificate_id):
    """Show the certificate, with its PDF in three languages and the badge; a revoked one says so."""
    row = _certificate(request, child_id, certificate_id)
    context = certificate_pages.shown(row) | {
        "child": row.child,
        "may_act": Child.objects.in_care_of(request.user).filter(pk=row.child_id).exists(),
        "outlines": badges.svg(row.track_code, _("A badge to colour")),
        "papers": certificate_pages.paper_links("certificate_pdf", row.child_id, row.pk),
    }
    return render(request, "enrollments/family/certificate.html", context)


@login_required
@require_safe
def certificate_paper(request, child_id, certificate_id):
    """Return the certificate as PDF in the language of the address; a revoked one is printed no more."""
    row = _certificate(request, child_id, certificate_id)
    if not row.is_valid:
        raise Http404
    return certificate_pages.paper_response(row)


@login_required
@require_safe
def certificate_badge(request, child_id, certificate_id):
    """Return the badge of the course's track, to print and colour."""
    return certificate_pages.badge_response(_certificate(request, child_id, certificate_id))


@login_required
@require_safe
def child_report(request, child_id, term_id, kind="page"):
    """Show the report of a term about my child, or return it as PDF."""
    child = get_object_or_404(Child.objects.of(request.user), pk=child_id)
    term = get_object_or_404(Term, pk=term_id)
    report = report_pages.found(child, term, timezone.now())
    if kind == "pdf":
        return report_pages.paper_response(report)
    papers = certificate_pages.paper_links("child_report_pdf", child.pk, term.pk)
    return render(
        request, "enrollments/family/report.html", {"child": child, "report": report, "papers": papers}
    )
