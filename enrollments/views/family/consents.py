"""What a guardian agreed to: answers, withdrawal, history."""

from urllib.parse import urlencode

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
    asked, accepted = _compulsory(request.user, at)
    form = AnswersForm(request.POST or None, versions=asked, compulsory=True)
    wish, status = request.POST.get("withdraw", ""), 200
    if taken_back := next((version for version in accepted if str(version.pk) == wish), None):
        consents.answer(taken_back, guardian=request.user, yes=False, language=get_language()[:2], at=at)
        messages.success(
            request,
            _(
                "You have withdrawn your consent. You keep the places you have. We will ask you again before "
                "you take a new place."
            ),
        )
        asked, accepted = _compulsory(request.user, at)
        form = AnswersForm(versions=asked, compulsory=True, chosen=request.POST)
        if not form.is_unsaved:
            back = back_to(request, "")
            return redirect(reverse("consents") + (f"?{urlencode({'next': back})}" if back else ""))
        _say_unsaved(request)
    elif request.method == "POST" and asked:
        if form.is_valid():
            return _answered(request, form, at)
        status = 422
    context = {"form": form, "asked": asked, "accepted": accepted, "next": back_to(request, "")}
    return render(request, "enrollments/family/consents.html", context, status=status)


def _compulsory(user, at) -> tuple[list[PolicyVersion], list[PolicyVersion]]:
    """Return the compulsory texts in force: those this user is asked about, and those accepted."""
    asked = list(PolicyVersion.objects.outstanding(user, at).prefetch_related("texts"))
    every = PolicyVersion.objects.current(at).filter(policy__is_compulsory=True, policy__per_child=False)
    return asked, [version for version in every.prefetch_related("texts") if version not in asked]


def _say_unsaved(request) -> None:
    """Say that the other choices on the page, which another button has left as they were, still wait."""
    messages.info(request, _("The other choices you made on this page are not saved yet."))


def _answered(request, form, at):
    """Save the answers to the compulsory texts, and lead on."""
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


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def child_consents(request, child_id):
    """Answer yes or no for each purpose of one child; informed guardians can only say no.

    A button withdraws a yes. Like the child's own no, it acts at once, and leaves what is chosen elsewhere on
    the page as it is: shown, and not saved.
    """
    child = get_object_or_404(Child.objects.of(request.user), pk=child_id)
    at, may_say_yes = timezone.now(), Child.objects.in_care_of(request.user).filter(pk=child_id).exists()
    standings = consents.statuses([child], at, request.user)[child.pk]
    form = AnswersForm(request.POST or None, **_asked_of(standings, may_say_yes))
    status = 422 if request.method == "POST" else 200
    if request.method == "POST":
        told = {"guardian": request.user, "language": get_language()[:2], "at": at, "child": child}
        at_once = _said_at_once(request.POST, standings, may_say_yes)
        if at_once:
            version, how = at_once
            consents.answer(version, **told, **how)
            standings = consents.statuses([child], at, request.user)[child.pk]
            form = AnswersForm(chosen=request.POST, **_asked_of(standings, may_say_yes))
        elif form.is_valid():
            for version, yes in form.answers():
                consents.answer(version, yes=yes, **told)
        if at_once or form.is_valid():
            messages.success(request, _("We have saved your answer. It takes effect straight away."))
            if not form.is_unsaved:
                return redirect("child_consents", child_id=child.pk)
            _say_unsaved(request)
            status = 200
    rows = [(one, form[form.name_of(one.version)]) for one in standings]
    context = {"child": child, "form": form, "rows": rows, "may_say_yes": may_say_yes}
    return render(request, "enrollments/family/child_consents.html", context, status=status)


def _asked_of(standings, may_say_yes: bool) -> dict:
    """Return what the form asks about one child: the versions, and this guardian's answers to them so far."""
    mine = {
        one.version.pk: one.mine.answer
        for one in standings
        if one.mine and one.mine.version_id == one.version.pk
    }
    return {"versions": [one.version for one in standings], "may_say_yes": may_say_yes, "answers": mine}


def _said_at_once(sent, standings, may_say_yes: bool):
    """Return the version that a button of its own answers, and that answer; None for the main button."""
    by_version = {str(one.version.pk): one.version for one in standings}
    if version := by_version.get(sent.get("withdraw", "")):
        return version, {"yes": False}
    if version := by_version.get(sent.get("child_says_no", "")):
        return version, {"yes": False, "by_child": True}
    if version := by_version.get(sent.get("child_says_yes", "") if may_say_yes else ""):
        return version, {"yes": True, "by_child": True}
    return None


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
