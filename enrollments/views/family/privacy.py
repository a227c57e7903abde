"""My data: what is kept, why, for how long, who viewed it; data export and erasure."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from enrollments.models import Child, CopyRequest, DataCopy, ErasureAgreement, Guardianship
from enrollments.privacy import access_log, copy_files, copy_requests, data_export, erasure, inventory
from enrollments.views.gone import or_gone
from enrollments.views.lock_timeouts import patiently
from home.forms_only import form_of
from home.language.elision import of_name


@login_required
@require_safe
def privacy(request):
    """Show the record of processing; for each child with full rights, the access log."""
    children = Child.objects.in_care_of(request.user).order_by("birth_date", "pk")
    at = timezone.now()
    context = {
        "headings": inventory.headings(),
        "looks": [(child, access_log.looks_at(child, most=20)) for child in children],
        "is_asked": CopyRequest.objects.filter(user=request.user).exists(),
        "copy": DataCopy.objects.filter(user=request.user, expires_at__gt=at).first(),
    }
    return render(request, "enrollments/family/privacy.html", context)


@login_required
@form_of("privacy")
@reauthentication_required
@patiently
def make_copy(request):
    """Ask for the export; once it is made, the page shows its link for a day."""
    try:
        copy_requests.ask(request.user, at=timezone.now())
    except data_export.Refused:
        said = _("You can create at most %(most)s copies within 24 hours. Please try again tomorrow.")
        messages.error(request, said % {"most": data_export.MOST_A_DAY})
    else:
        messages.success(request, _("We are creating your copy. We will write to you when it is ready."))
    return redirect("privacy")


@login_required
@never_cache
@require_safe
@reauthentication_required
def copy(request, name):
    """Serve the file to its owner, until it expires."""
    found = get_object_or_404(DataCopy, name=name, user=request.user, expires_at__gt=timezone.now())
    if data_export.is_outdated(found):
        raise Http404
    try:
        file = copy_files.storage().open(copy_files.name_of(found))
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(file, as_attachment=True, filename="active-labs.zip", content_type="application/zip")


@login_required
@or_gone
@require_http_methods(["GET", "POST"])
@reauthentication_required
@patiently
def erase_child(request, child_id):
    """Show the consequences and who must still agree; then record one's own agreement, which can be
    withdrawn.
    """
    child = get_object_or_404(Child.objects.in_care_of(request.user), pk=child_id)
    fault, at = "", timezone.now()
    if request.method == "POST" and request.POST.get("answer") == "no":
        erasure.take_back(child, by=request.user)
        messages.success(request, _("The file will not be deleted."))
        return redirect("child", child_id=child.pk)
    if request.method == "POST":
        name = child.first_name
        try:
            is_gone = erasure.agree(child, by=request.user, at=at)
        except erasure.Refused:
            fault = "enrolled"
        else:
            if is_gone:
                messages.success(
                    request, _("%(of_child)s's file has been deleted.") % {"of_child": of_name(name)}
                )
                return redirect("family")
            messages.info(
                request, _("We have recorded your consent. We will ask the other guardian by email.")
            )
            return redirect("child_erase", child_id=child.pk)
    ties = Guardianship.objects.full().filter(child=child).select_related("guardian").order_by("since", "pk")
    agreed = set(ErasureAgreement.objects.filter(child=child).values_list("guardian_id", flat=True))
    context = {
        "child": child,
        "in_the_way": erasure.in_the_way([child], at),
        "others": [tie for tie in ties if tie.guardian_id != request.user.pk],
        "agreed": agreed,
        "mine": request.user.pk in agreed,
    }
    return render(request, "enrollments/family/erase_child.html", context, status=409 if fault else 200)


@login_required
@require_http_methods(["GET", "POST"])
@reauthentication_required
@patiently
def erase_account(request):
    """Show the consequences for the user and each child; then erase immediately."""
    user, at, refused = request.user, timezone.now(), False
    if request.method == "POST":
        try:
            erasure.erase_account(user, by=user, at=at)
        except erasure.Refused:
            refused = True
        else:
            logout(request)
            messages.success(
                request, _("Your account has been deleted. Thank you for the time you spent with us.")
            )
            return redirect("first_page")
    left = erasure.children_left_alone(user)
    kept = Child.objects.of(user).exclude(pk__in=[child.pk for child in left])
    context = {
        "why_not": erasure.why_not(user, at),
        "in_the_way": erasure.in_the_way(left, at),
        "left": left,
        "kept": kept,
    }
    return render(request, "enrollments/family/erase_account.html", context, status=409 if refused else 200)
