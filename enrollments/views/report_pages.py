"""What the pages of a term's report share, for families, at the desk and in the office."""

from datetime import datetime

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from courses.models import Term
from enrollments.learning import term_report
from enrollments.learning.term_report import TermReport
from enrollments.models import Child
from enrollments.printing.term_reports import report_pdf
from enrollments.views.paper_responses import file_response


def found(child: Child, term: Term, at: datetime) -> TermReport:
    """Return the report; 404 for a term the child was not here."""
    report = term_report.report_of(child, term, at)
    if report is None:
        raise Http404
    return report


def paper_response(report: TermReport) -> HttpResponse:
    """Return the report as PDF in the language of the address."""
    body = report_pdf(report, language=get_language(), made_at=timezone.now())
    shown = f"{_('Report of a term')} {report.child.first_name} {report.term.name}"
    return file_response(body, f"report-{report.child.pk}-{report.term.pk}.pdf", shown)
