"""The dashboard of a family, and a new child."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from courses.models import Session
from enrollments.families import consents
from enrollments.families.agenda import family_agenda
from enrollments.families.children import TooManyChildren, add_child, usual_facts
from enrollments.families.dashboard import ahead
from enrollments.forms.family.children import NewChildForm
from enrollments.models import Guardianship, PolicyVersion
from enrollments.places import waiting_list
from enrollments.privacy import child_merge
from enrollments.views.lock_timeouts import patiently
from enrollments.views.redirects import back_to
from home.database.compiled import Compiled


@login_required
@require_safe
def family(request):
    """Show my family: each child, upcoming classes and open questions."""
    at = timezone.now()
    children = family_agenda(request.user, at, timezone.localdate(at))
    if due := [
        line.session.pk
        for agenda in children
        for line in agenda.lines
        if waiting_list.is_due(line.session, at)
    ]:
        waiting_list.settle_due(at, due)
        children = family_agenda(request.user, at, timezone.localdate(at))
    photos = consents.titled_statuses([agenda.child for agenda in children], at, request.user)
    for agenda in children:
        agenda.photos = photos[agenda.child.pk]
    merges = child_merge.asked_of(request.user) if any(agenda.is_asked_about for agenda in children) else []
    asks_consent = (
        children[0].owes_answer if children else PolicyVersion.objects.are_outstanding(request.user, at)
    )
    context = {
        "children": children,
        "asks_consent": asks_consent,
        "merges": merges,
        "ahead": ahead(children, at),
    }
    return render(request, "enrollments/family/family.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def new_child(request):
    """Add a child on one screen with three fields, then return to the session the user was viewing."""
    form = NewChildForm(request.POST or None, today=timezone.localdate(), initial=usual_facts(request.user))
    if form.is_valid():
        try:
            child = add_child(**form.cleaned_data, by=request.user)
        except TooManyChildren:
            form.add_error(
                None,
                _("You have reached the limit for one account. Contact the front desk to add another child."),
            )
        else:
            messages.success(
                request, _("%(child)s has been added to your family.") % {"child": child.first_name}
            )
            return HttpResponseRedirect(back_to(request, reverse("family")))
    status = 422 if request.method == "POST" else 200
    return render(
        request,
        "enrollments/family/child_form.html",
        {"form": form, "next": back_to(request, "")},
        status=status,
    )


TIES = Compiled(
    lambda user: (
        Guardianship.objects.filter(guardian=user)
        .select_related("child")
        .order_by("child__birth_date", "child_id")
    )
)


SESSION_SHOWN = Compiled(lambda key: Session.objects.published().with_facts().filter(pk=key))
