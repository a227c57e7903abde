"""The journal, and the register of processing that the CNDP asks for. Managers only."""

from urllib.parse import urlencode

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from enrollments.forms.office.journal import JournalForm
from enrollments.permissions import MANAGER, role_required
from enrollments.printing.pdf import as_pdf
from enrollments.printing.typesetting import Sheet
from enrollments.privacy import journal, processing
from enrollments.views.paging import page_of
from enrollments.views.paper_responses import file_response
from home.database.replica import reads_replica
from home.language.dates import day_words


@role_required(MANAGER)
@never_cache
@require_safe
@reads_replica
def office_journal(request):
    """Show exports, changed phones, failed sign-ins, roles and guardians, newest first, by kind and day."""
    form = JournalForm(request.GET or None)
    told = form.cleaned_data if form.is_valid() else {}
    page = page_of(journal.rows(told.get("kind", ""), told.get("day")), request)
    kept = {name: request.GET[name] for name in ("kind", "day") if request.GET.get(name) and name in told}
    context = {
        "form": form,
        "page_obj": page,
        "entries": [journal.entry(row) for row in page.object_list],
        "query": urlencode(kept),
    }
    wrong = bool(form.errors)
    return render(request, "enrollments/office/journal.html", context, status=422 if wrong else 200)


@role_required(MANAGER)
@require_safe
@reads_replica
def office_processing(request, kind="page"):
    """Return the register of processing, as a page to print or as PDF, in the language of the address."""
    at = timezone.now()
    words = day_words(timezone.localdate(at))
    printed = [
        Sheet(part.title, part.lines, part.head, part.rows, part.widths) for part in processing.register()
    ]
    title = _("Register of processing")
    if kind == "pdf":
        body = as_pdf(printed, language=get_language(), title=title, made_at=at, words=words)
        return file_response(body, f"register-{timezone.localdate(at):%Y-%m-%d}.pdf")
    return render(request, "enrollments/office/processing.html", {"sheets": printed, "words": words})
