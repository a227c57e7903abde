"""What a family looks for when a course has ended: its certificate, and the report of its term."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from courses.models import Term
from enrollments.learning import term_report
from enrollments.models import Certificate, Enrollment


def add_papers(
    rows: Iterable[Any], certificates: Iterable[Certificate], terms: dict[int, list[Term]]
) -> None:
    """Give each place of a finished session `certificate` and `report_of`, the term whose report there is;
    None without one. `certificates`: valid ones of these children; `terms`: those with a report, by child.
    """
    issued = {(one.child_id, one.session_id): one for one in certificates}
    for row in rows:
        row.certificate = issued.get((row.child_id, row.session_id))
        known = {term.pk: term for term in terms.get(row.child_id, ())}
        row.report_of = known.get(row.session.term_id)


def papers_of(rows: list[Enrollment], at: datetime) -> None:
    """Do the same where the page knows neither: one query, and one more for each child."""
    children = {row.child_id: row.child for row in rows}
    certificates = Certificate.objects.valid().filter(child__in=list(children))
    add_papers(rows, certificates, {key: term_report.terms_of(child, at) for key, child in children.items()})
