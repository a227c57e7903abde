"""Payments: the balance of a reference; receipts and credit notes on 80 mm paper."""

import uuid

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from enrollments.forms.office.till import CreditForm, ReceiptForm
from enrollments.models import Enrollment, Receipt
from enrollments.money import papers, receipts
from enrollments.permissions import FRONT_DESK, MANAGER, has_role, role_required
from enrollments.staff.worklist import Worklist, with_places
from enrollments.views.lock_timeouts import patiently
from enrollments.views.paging import page_of
from home.database.replica import reads_replica
from home.forms_only import form_of
from home.language.alphabet import in_alphabet
from home.language.dates import clock_words, day_words, money_words

REFUSALS = {
    receipts.Reason.CORRECTED: gettext_lazy("This receipt has been refunded in full."),
    receipts.Reason.AMOUNT: gettext_lazy("Enter no more than what is left of the receipt."),
    receipts.Reason.UNKNOWN: gettext_lazy("This is no longer possible."),
    receipts.Reason.CHANGED: gettext_lazy("A payment was recorded while this form was open."),
    receipts.Reason.EXCEEDS: gettext_lazy("This is more than is due."),
    receipts.Reason.LATE: gettext_lazy("Only a manager can correct this receipt now, with a credit note."),
}
QUESTIONS = {receipts.Reason.CHANGED, receipts.Reason.EXCEEDS}


def _question(code: receipts.Reason, reference: str, account: receipts.Account) -> str:
    """Return why the press is asked about: who recorded what and when, and what is due now."""
    words = [str(REFUSALS[code])]
    last = Receipt.objects.filter(reference=reference).order_by("pk").last()
    if last is not None:
        person = get_user_model().objects.filter(pk=last.recorded_by_ref).first()
        words.append(
            _("Last: %(amount)s on %(day)s at %(hour)s, by %(name)s (receipt %(code)s).")
            % {
                "amount": money_words(last.amount),
                "day": day_words(last.at),
                "hour": clock_words(last.at),
                "name": person.get_short_name() if person else "—",
                "code": last.code,
            }
        )
    words.append(_("Due now: %(amount)s.") % {"amount": money_words(account.due)})
    return " ".join(words)


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def reference_till(request, reference):
    """Show a reference's children and sessions and its balance; record a payment."""
    rows = list(
        Enrollment.objects.filter(reference=reference)
        .select_related("child", "session__course")
        .order_by("pk")
    )
    if not rows:
        raise Http404
    guardians = (
        get_user_model().objects.filter(guardianships__child__in={row.child_id for row in rows}).distinct()
    )
    account = receipts.account_of(reference)
    form = ReceiptForm(
        request.POST or None,
        guardians=guardians,
        initial={
            "amount": account.due or None,
            "form_key": uuid.uuid4(),
            "payer": next(iter(in_alphabet(guardians, "name")), None),
            "seen": account.paid,
        },
    )
    if form.is_valid():
        try:
            receipt = receipts.receive(reference, **form.cleaned_data, by=request.user, at=timezone.now())
        except receipts.Refused as refusal:
            account = receipts.account_of(reference)
            if refusal.code in QUESTIONS:
                form.ask(_question(refusal.code, reference, account), account.paid)
            else:
                form.add_error("amount", _("Enter an amount in dirhams, with at most two decimals."))
        else:
            return redirect("office_receipt", receipt_id=receipt.pk)
    written = Receipt.objects.filter(reference=reference).select_related("payer", "corrects")
    context = {"reference": reference, "rows": rows, "account": account, "form": form, "receipts": written}
    return render(
        request, "enrollments/office/till.html", context, status=422 if request.method == "POST" else 200
    )


@role_required(FRONT_DESK, MANAGER)
@require_safe
@reads_replica
def unpaid(request):
    """Show payments due today or before, the oldest first; each leads to its reference."""
    work = Worklist(request.user, timezone.now())
    page = page_of(work.unpaid, request)
    context = {"page_obj": page, "lines": with_places(page.object_list), "work": work}
    return render(request, "enrollments/office/unpaid.html", context)


@role_required(FRONT_DESK, MANAGER)
@require_safe
def refunds_due(request):
    """Show refunds due: cancelled sessions, places given up in time.

    Each links to its receipts, with the credit note prepared.
    """
    page = page_of(receipts.to_give_back(), request)
    shown = [reference for reference, _account in page.object_list]
    rows = list(
        Enrollment.objects.filter(reference__in=shown)
        .select_related("child", "session__course")
        .order_by("pk")
    )
    corrected = receipts.to_be_corrected(shown)
    lines = [
        {
            "reference": reference,
            "account": account,
            "rows": [row for row in rows if row.reference == reference],
            "receipt": corrected.get(reference),
        }
        for reference, account in page.object_list
    ]
    context = {"page_obj": page, "lines": lines, "is_manager": has_role(request.user, MANAGER)}
    return render(request, "enrollments/office/refunds.html", context)


@role_required(FRONT_DESK, MANAGER)
@require_safe
def receipt(request, receipt_id):
    """Show one receipt, for 80 mm paper."""
    found, at = _receipt(receipt_id), timezone.now()
    rest = receipts.rest_of(found)
    context = {
        "receipt": found,
        "paper": papers.read(found, receipts.account_of(found.reference).due),
        "rest": rest,
        "credit_notes": found.credit_notes.order_by("pk"),
        "may_correct": rest > 0 and has_role(request.user, MANAGER),
        "may_void": receipts.may_void(found, request.user, at),
        "voidable_until": found.at + receipts.VOIDABLE,
    }
    return render(request, "enrollments/office/receipt.html", context)


def _receipt(receipt_id: int) -> Receipt:
    return get_object_or_404(Receipt.objects.select_related("payer", "corrects"), pk=receipt_id)


@role_required(FRONT_DESK, MANAGER)
@form_of("office_receipt", "receipt_id")
@patiently
def void_receipt(request, receipt_id):
    """Void a receipt of one's own, a few minutes old: a credit note for all of it."""
    found = _receipt(receipt_id)
    try:
        note = receipts.void(found, by=request.user, at=timezone.now())
    except receipts.Refused as refusal:
        messages.error(request, str(REFUSALS[refusal.code]))
        return redirect("office_receipt", receipt_id=found.pk)
    messages.success(request, _("The receipt has been voided. The payment can be recorded again."))
    return redirect("office_receipt", receipt_id=note.pk)


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def credit_note(request, receipt_id):
    """Issue a credit note for all or part of what is left of one receipt, with a reason."""
    found = get_object_or_404(Receipt.objects.filter(amount__gt=0), pk=receipt_id)
    account, rest = receipts.account_of(found.reference), receipts.rest_of(found)
    form = CreditForm(
        request.POST or None,
        initial={
            "amount": min(rest, account.too_much) or rest or None,
            "form_key": uuid.uuid4(),
            "seen": account.paid,
        },
    )
    if form.is_valid():
        try:
            note = receipts.give_back(found, **form.cleaned_data, by=request.user, at=timezone.now())
        except receipts.Refused as refusal:
            account = receipts.account_of(found.reference)
            if refusal.code in QUESTIONS:
                form.ask(_question(refusal.code, found.reference, account), account.paid)
            else:
                form.add_error("amount", REFUSALS[refusal.code])
        else:
            messages.success(request, _("The credit note has been issued."))
            return redirect("office_receipt", receipt_id=note.pk)
    context = {"receipt": found, "form": form, "account": account, "rest": rest}
    return render(
        request,
        "enrollments/office/credit_note.html",
        context,
        status=422 if request.method == "POST" else 200,
    )
