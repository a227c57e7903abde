"""Certificates in the office: issue them when a session is over, print, issue again, revoke. And the report
of a term. Each access is recorded.
"""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from courses.models import Session, Term
from enrollments.forms.office.certificates import IssueForm
from enrollments.learning import certificates
from enrollments.models import Certificate, ReadRecord
from enrollments.models.certificates import every_name
from enrollments.permissions import FRONT_DESK, MANAGER, has_role, role_required
from enrollments.privacy import access_log
from enrollments.views import certificate_pages, report_pages
from enrollments.views.child_access import known_child
from enrollments.views.lock_timeouts import patiently
from home.confirmation import mark_of, unread
from home.database.replica import reads_replica

REFUSALS = {
    certificates.Reason.NOT_OVER: gettext_lazy("Certificates are issued after the last class."),
    certificates.Reason.NOT_THERE: gettext_lazy("The list has changed. Check it and confirm again."),
    certificates.Reason.GROUND: gettext_lazy("The list has changed. Check it and confirm again."),
    certificates.Reason.REVOKED: gettext_lazy("This certificate is revoked already."),
    certificates.Reason.SAME_NAME: gettext_lazy("The certificate already has the name in the child's file."),
}


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def session_certificates(request, session_id):
    """List the children of a session with their attendance; those who completed it are ticked."""
    session, at = get_object_or_404(Session.objects.with_facts(), pk=session_id), timezone.now()
    found = certificates.candidates(session, at)
    access_log.record_read(
        ReadRecord.What.CERTIFICATE, children=[one.child for one in found], by=request.user, at=at
    )
    ticked = {name for name in request.POST if name.startswith("child_")}
    form = IssueForm(request.POST or None, candidates=found)
    issued = {f"child_{one.child.pk}" for one in found if one.certificate}
    if ticked and ticked <= issued:  # the same press again
        return redirect("office_certificates", session_id=session.pk)
    if form.is_valid():
        try:
            made = certificates.issue(session, form.grounds(form.cleaned_data), by=request.user, at=at)
        except certificates.Refused as refusal:
            form.add_error(None, REFUSALS[refusal.code])
        else:
            words = ngettext(
                "%(count)s certificate issued. We will email the family.",
                "%(count)s certificates issued. We will email the families.",
                len(made),
            )
            if made:
                messages.success(request, words % {"count": len(made)})
            return redirect("office_certificates", session_id=session.pk)
    context = {
        "session": session,
        "form": form,
        "is_over": session.is_over(at),
        "issued": [one for one in found if one.certificate],
    }
    return render(
        request,
        "enrollments/office/certificates.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


def _certificate(request, certificate_id: int) -> Certificate:
    """Return a certificate that this team member may open; the access is recorded."""
    row = get_object_or_404(certificates.open_to(request.user), pk=certificate_id)
    access_log.record_read(
        ReadRecord.What.CERTIFICATE, children=[row.child], by=request.user, at=timezone.now()
    )
    return row


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_certificate(request, certificate_id):
    """Show a certificate, with its PDF. A manager issues it again under the corrected name."""
    if request.method == "POST" and not has_role(request.user, MANAGER):
        raise Http404
    row, fault = _certificate(request, certificate_id), ""
    old_name, new_name = every_name(row), every_name(row.child)
    cautions: list[str] = []
    act = request.POST.get("act", "")
    try:
        if act == "reissue" and row.is_valid and certificates.corrected_since(row):
            cautions = [_("“%(old)s” becomes “%(new)s”.") % {"old": old_name, "new": new_name}]
            fault = unread(cautions, request.POST.get("seen"))
        if act == "reissue" and not fault:
            new = certificates.reissue(row, by=request.user, at=timezone.now())
            messages.success(request, _("Issued again. We will email the family."))
            return redirect("office_certificate", certificate_id=new.pk)
    except certificates.Refused as refusal:
        if refusal.code is certificates.Reason.REVOKED:  # the same press again
            return redirect("office_certificate", certificate_id=certificates.newest_of(row).pk)
        fault = REFUSALS[refusal.code]
    context = certificate_pages.shown(row) | {
        "child": row.child,
        "session": row.session,
        "fault": fault,
        "replaced": certificates.replaced_by(row),
        "old_name": old_name,
        "new_name": new_name,
        "cautions": cautions,
        "mark": mark_of(cautions),
        "may_act": has_role(request.user, MANAGER) and row.is_valid,
        "is_corrected": certificates.corrected_since(row),
        "papers": certificate_pages.paper_links("office_certificate_pdf", row.pk),
    }
    return render(
        request,
        "enrollments/office/certificate.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_certificate_revoke(request, certificate_id):
    """Say what revoking means and who hears of it, then revoke: it is final."""
    row = _certificate(request, certificate_id)
    if not row.is_valid:
        return redirect("office_certificate", certificate_id=certificates.newest_of(row).pk)
    if request.method == "POST":
        try:
            certificates.revoke(row, by=request.user, at=timezone.now())
        except certificates.Refused:  # a colleague was faster
            return redirect("office_certificate", certificate_id=certificates.newest_of(row).pk)
        messages.success(request, _("Revoked. We will email the family."))
        return redirect("office_certificate", certificate_id=row.pk)
    context = {"certificate": row, "child": row.child, "session": row.session}
    return render(request, "enrollments/office/certificate_revoke.html", context)


@role_required(FRONT_DESK, MANAGER)
@require_safe
def office_certificate_paper(request, certificate_id):
    """Return a valid certificate as PDF in the language of the address."""
    row = _certificate(request, certificate_id)
    if not row.is_valid:
        raise Http404
    return certificate_pages.paper_response(row)


@role_required(FRONT_DESK, MANAGER)
@require_safe
@reads_replica
def office_report(request, child_id, term_id, kind="page"):
    """Show the report of a term about a child, or return it as PDF."""
    child, at = known_child(request.user, child_id), timezone.now()
    report = report_pages.found(child, get_object_or_404(Term, pk=term_id), at)
    access_log.record_read(ReadRecord.What.REPORT, children=[child], by=request.user, at=at)
    if kind == "pdf":
        return report_pages.paper_response(report)
    papers = certificate_pages.paper_links("office_report_pdf", child.pk, report.term.pk)
    return render(
        request, "enrollments/office/report.html", {"child": child, "report": report, "papers": papers}
    )
