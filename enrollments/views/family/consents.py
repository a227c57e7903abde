"""What a guardian agreed to: answers, withdrawal, history."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from enrollments.families import consents
from enrollments.forms.family.consents import AnswersForm
from enrollments.models import Child, PolicyVersion
from enrollments.views.lock_timeouts import patiently
from enrollments.views.redirects import back_to
from home.language.table import LANGUAGES


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def own_consents(request):
    """Show the compulsory texts in force: those to answer, and those accepted, which can be withdrawn."""
    at = timezone.now()
    asked = list(PolicyVersion.objects.outstanding(request.user, at).prefetch_related("texts"))
    compulsory = PolicyVersion.objects.current(at).filter(policy__is_compulsory=True, policy__per_child=False)
    accepted = [version for version in compulsory.prefetch_related("texts") if version not in asked]
    form = AnswersForm(request.POST or None, versions=asked, compulsory=True)
    wish = request.POST.get("withdraw", "")
    if taken_back := next((version for version in accepted if str(version.pk) == wish), None):
        consents.answer(taken_back, guardian=request.user, yes=False, language=get_language()[:2], at=at)
        messages.success(
            request,
            _(
                "You have withdrawn your consent. You keep the places you have. We will ask you again before "
                "you take a new place."
            ),
        )
        return redirect("consents")
    if request.method == "POST" and asked and form.is_valid():
        for version, yes in form.answers():
            consents.answer(version, guardian=request.user, yes=yes, language=get_language()[:2], at=at)
        if all(yes for _version, yes in form.answers()):
            messages.success(request, _("Thank you. We have saved your answers."))
            return HttpResponseRedirect(back_to(request, reverse("family")))
        messages.info(
            request,
            _(
                "We have saved your answers. You keep the places you have, but need to agree before you "
                "take a "
                "new one. Talk to us if you like."
            ),
        )
        return redirect("family")
    context = {"form": form, "asked": asked, "accepted": accepted, "next": back_to(request, "")}
    failed = request.method == "POST" and asked
    return render(request, "enrollments/family/consents.html", context, status=422 if failed else 200)


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def child_consents(request, child_id):
    """Answer yes or no for each purpose of one child; informed guardians can only say no.

    A button withdraws a yes.
    """
    child = get_object_or_404(Child.objects.of(request.user), pk=child_id)
    at, may_say_yes = timezone.now(), Child.objects.in_care_of(request.user).filter(pk=child_id).exists()
    standings = consents.statuses([child], at, request.user)[child.pk]
    mine = {
        one.version.pk: one.mine.answer
        for one in standings
        if one.mine and one.mine.version_id == one.version.pk
    }
    form = AnswersForm(
        request.POST or None,
        versions=[one.version for one in standings],
        may_say_yes=may_say_yes,
        answers=mine,
    )
    if request.method == "POST":
        by_version = {str(one.version.pk): one.version for one in standings}
        language = get_language()[:2]
        if no := by_version.get(request.POST.get("withdraw", "")):
            consents.answer(no, guardian=request.user, yes=False, language=language, at=at, child=child)
        elif no := by_version.get(request.POST.get("child_says_no", "")):
            consents.answer(
                no, guardian=request.user, yes=False, language=language, at=at, child=child, by_child=True
            )
        elif again := by_version.get(request.POST.get("child_says_yes", "") if may_say_yes else ""):
            consents.answer(
                again, guardian=request.user, yes=True, language=language, at=at, child=child, by_child=True
            )
        elif form.is_valid():
            for version, yes in form.answers():
                consents.answer(
                    version, guardian=request.user, yes=yes, language=language, at=at, child=child
                )
        if form.is_valid():
            messages.success(request, _("We have saved your answer. It takes effect straight away."))
            return redirect("child_consents", child_id=child.pk)
    rows = [(one, form[form.name_of(one.version)]) for one in standings]
    context = {"child": child, "form": form, "rows": rows, "may_say_yes": may_say_yes}
    return render(
        request,
        "enrollments/family/child_consents.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


@login_required
@require_safe
def history(request):
    """Show all answers, newest first: one's own and those about one's children. Printable."""
    rows = consents.history(request.user)
    for row in rows:
        row.text = row.version.text()
        row.read_in = LANGUAGES[row.language].taught_in if row.language != row.text.language else ""
        row.is_mine = row.guardian_id == request.user.pk
    return render(request, "enrollments/family/consent_history.html", {"rows": rows})
