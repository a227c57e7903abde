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
from enrollments.money import receipts
from enrollments.permissions import FRONT_DESK, MANAGER, has_role, role_required
from enrollments.views.lock_timeouts import patiently
from enrollments.views.paging import page_of

CREDIT_REFUSALS = {
    receipts.Reason.CORRECTED: gettext_lazy("This receipt already has a credit note."),
    receipts.Reason.AMOUNT: gettext_lazy("Enter no more than the amount on the receipt."),
    receipts.Reason.UNKNOWN: gettext_lazy("This is no longer possible."),
}


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
        get_user_model()
        .objects.filter(guardianships__child__in={row.child_id for row in rows})
        .distinct()
        .order_by("name", "pk")
    )
    account = receipts.account_of(reference)
    form = ReceiptForm(
        request.POST or None,
        guardians=guardians,
        initial={"amount": account.due or None, "form_key": uuid.uuid4(), "payer": guardians.first()},
    )
    if form.is_valid():
        try:
            receipt = receipts.receive(reference, **form.cleaned_data, by=request.user, at=timezone.now())
        except receipts.Refused:
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
    found = get_object_or_404(Receipt.objects.select_related("payer", "corrects"), pk=receipt_id)
    rows = (
        Enrollment.objects.filter(reference=found.reference)
        .select_related("child", "session__course")
        .order_by("pk")
    )
    by = get_user_model().objects.filter(pk=found.recorded_by_ref).first()
    may_correct = (
        found.amount > 0
        and not Receipt.objects.filter(corrects=found).exists()
        and has_role(request.user, MANAGER)
    )
    context = {
        "receipt": found,
        "rows": rows,
        "by": by,
        "may_correct": may_correct,
        "account": receipts.account_of(found.reference),
    }
    return render(request, "enrollments/office/receipt.html", context)


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def credit_note(request, receipt_id):
    """Issue a credit note for all or part of one receipt, once, with a reason."""
    found = get_object_or_404(Receipt.objects.filter(amount__gt=0), pk=receipt_id)
    account = receipts.account_of(found.reference)
    form = CreditForm(
        request.POST or None,
        initial={"amount": min(found.amount, account.too_much) or found.amount, "form_key": uuid.uuid4()},
    )
    if form.is_valid():
        try:
            note = receipts.give_back(found, **form.cleaned_data, by=request.user, at=timezone.now())
        except receipts.Refused as refusal:
            form.add_error("amount", CREDIT_REFUSALS[refusal.code])
        else:
            messages.success(request, _("The credit note has been issued."))
            return redirect("office_receipt", receipt_id=note.pk)
    context = {"receipt": found, "form": form, "account": account}
    return render(
        request,
        "enrollments/office/credit_note.html",
        context,
        status=422 if request.method == "POST" else 200,
    )
