"""The confirmation of an enrollment as a PDF."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enrollments.models import Child, Enrollment
from enrollments.money import receipts
from enrollments.printing import sheets
from enrollments.printing.pdf import as_pdf
from enrollments.views.paper_responses import file_response


@login_required
@require_safe
def reference_paper(request, reference):
    """Return the printed confirmation; its page is that of the reference."""
    rows = Enrollment.objects.of(request.user).filter(reference=reference, state=Enrollment.State.SEATED)
    rows = list(
        rows.select_related("child", "session__course", "session__room__venue").order_by(
            "session_id", "ticket"
        )
    )
    if not rows:
        raise Http404
    in_care = set(Child.objects.in_care_of(request.user).values_list("pk", flat=True))
    may_see_money = any(row.child_id in in_care for row in rows)
    share = receipts.shares_of([reference], in_care)[reference] if may_see_money else None
    body = as_pdf(
        sheets.confirmation(reference, rows, share),
        language=get_language(),
        title=reference,
        made_at=timezone.now(),
        words=reference,
    )
    return file_response(body, f"{reference.lower()}.pdf", f"{_('Confirmation')} {reference}")
