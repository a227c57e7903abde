"""3D printers and spools of filament, kept by managers."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from enrollments.forms.desk.prints import PrinterForm, SpoolCorrectionForm, SpoolForm
from enrollments.models import Printer, Spool
from enrollments.permissions import MANAGER, role_required
from enrollments.portfolio import print_queue
from enrollments.portfolio.print_queue import SENTENCES as ABOUT_PRINTS
from enrollments.views.lock_timeouts import patiently
from enrollments.views.paging import page_of
from enrollments.views.pickup_form import status_of


def _form_page(request, form, title: str, **more):
    context = {"form": form, "title": title} | more
    return render(request, "enrollments/desk/printer_form.html", context, status=status_of(request))


def _saved(request):
    messages.success(request, _("Saved."))
    return redirect("desk_printers")


@role_required(MANAGER)
@require_safe
def printer_list(request):
    """Show printers, and spools fifty a page: those in use first."""
    page = page_of(Spool.objects.order_by("-is_in_use", "material", "colour", "pk"), request)
    context = {"printers": Printer.objects.with_load(), "page_obj": page}
    return render(request, "enrollments/desk/printers.html", context)


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def printer_form(request, printer_id=None):
    """Add a printer, or change one."""
    printer = get_object_or_404(Printer, pk=printer_id) if printer_id is not None else None
    fields = ("name", "room", "width_mm", "depth_mm", "height_mm", "is_in_service")
    initial = {name: getattr(printer, name) for name in fields} if printer else {}
    form = PrinterForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            print_queue.keep_printer(printer, **form.cleaned_data)
        except print_queue.Refused as refusal:
            form.add_error(None, ABOUT_PRINTS[refusal.code])
        else:
            return _saved(request)
    return _form_page(request, form, printer.name if printer else _("Add a printer"))


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def spool_add(request):
    """Add a spool of filament."""
    form = SpoolForm(request.POST or None)
    if form.is_valid():
        print_queue.add_spool(**form.cleaned_data, by=request.user, at=timezone.now())
        return _saved(request)
    return _form_page(request, form, _("Add a spool"))


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def spool_correct(request, spool_id):
    """Correct what is left on a spool, beside its last changes; or put it away."""
    spool = get_object_or_404(Spool, pk=spool_id)
    initial = {"grams_left": spool.grams_left, "is_in_use": spool.is_in_use}
    form = SpoolCorrectionForm(request.POST or None, initial=initial)
    if form.is_valid():
        print_queue.correct_spool(spool, **form.cleaned_data, by=request.user, at=timezone.now())
        return _saved(request)
    return _form_page(request, form, str(spool), changes=spool.changes.all()[:20])
