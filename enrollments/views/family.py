"""Guardians: my children, a child, a place. Fetch in scope, ask one verb, answer. The clock is read here and nowhere below."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.models import Meeting, Session
from courses.standing import standing
from enrollments.classes import progress
from enrollments.families import consents
from enrollments.families.agenda import family_agenda
from enrollments.families.children import TooManyChildren, add_child
from enrollments.families.dashboard import ahead
from enrollments.forms import ChildForm, EnrollForm
from enrollments.letters import outbox
from enrollments.models import Child, Enrollment, Guardianship, PolicyVersion
from enrollments.places import admission, private_sessions, waiting_list
from enrollments.places.eligibility import know, next_that_fits, obstacles
from enrollments.places.positions import positions
from enrollments.privacy import child_merge
from enrollments.views.ways import back_to, patiently
from home.database.compiled import Compiled


@login_required
@require_safe
def family(request):
    """My family: each child, what comes next, what waits."""
    at = timezone.now()
    children = family_agenda(request.user, at, timezone.localdate(at))
    if due := [line.session.pk for agenda in children for line in agenda.lines if waiting_list.is_due(line.session, at)]:
        waiting_list.settle_due(at, due)
        children = family_agenda(request.user, at, timezone.localdate(at))
    photos = consents.standings([agenda.child for agenda in children], at, request.user)
    for agenda in children:
        agenda.photos = photos[agenda.child.pk]
    merges = child_merge.asked_of(request.user) if any(agenda.is_asked_about for agenda in children) else []
    asks_consent = children[0].owes_answer if children else PolicyVersion.objects.are_outstanding(request.user, at)
    context = {"children": children, "asks_consent": asks_consent, "merges": merges, "ahead": ahead(children, at)}
    return render(request, "enrollments/family/family.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new_child(request):
    """One screen, three fields; then back to the session one was looking at."""
    form = ChildForm(request.POST or None, today=timezone.localdate(), initial={"last_name": request.user.name.split(" ")[-1]})
    if form.is_valid():
        try:
            child = add_child(**form.cleaned_data, by=request.user)
        except TooManyChildren:
            form.add_error(
                None, _("So many children in one account: please come to the desk, or call us, and we add the next one with you.")
            )
        else:
            messages.success(request, _("%(child)s is added.") % {"child": child.first_name})
            return HttpResponseRedirect(back_to(request, reverse("family")))
    status = 422 if request.method == "POST" else 200
    return render(request, "enrollments/family/child_form.html", {"form": form, "next": back_to(request, "")}, status=status)


TIES = Compiled(
    lambda user: Guardianship.objects.filter(guardian=user).select_related("child").order_by("child__birth_date", "child_id")
)


def _cards(user, session, at):
    """Why or why not, for every child of this person: child, rights, obstacles, and the next session that fits who is refused."""
    ties = TIES(user=user.pk)
    children = [tie.child for tie in ties]
    known = know(children, [session], at, user)
    cards = []
    for tie in ties:
        found = obstacles(child=tie.child, session=session, at=at, known=known)
        age = tie.child.age_on(session.first_on) if session.first_on else tie.child.age_on(timezone.localdate(at))
        cards.append({"child": tie.child, "may_act": tie.rights == Guardianship.Rights.FULL, "obstacles": found, "age": age})
    refused = [card for card in cards if card["obstacles"] and card["obstacles"][0].code != "already_in"]
    if refused:
        others = list(
            private_sessions.visible_to(user)
            .filter(_near_their_age([card["child"] for card in refused], timezone.localdate(at)), cancelled_at=None)
            .current(timezone.localdate(at))
            .with_facts()
            .exclude(first_on=None)
        )
        wide = know([card["child"] for card in refused], [session, *others], at)
        for card in refused:
            card["next"] = next_that_fits(card["child"], session, at, others, wide)
            card["next_has_begun"] = bool(card["next"]) and card["next"].first_at <= at
    return cards


def _near_their_age(children, today):
    """The age bands that one of these children is in now, or will be within two years."""
    near = Q()
    for age in {child.age_on(today) for child in children}:
        near |= Q(course__band__min_age__lte=age + 2, course__band__max_age__gte=age)
    return near


SESSION_SHOWN = Compiled(lambda key: Session.objects.published().with_facts().filter(pk=key))


def _session_shown(session_id: int, at, *, settle: bool = True) -> Session:
    """A published session as it stands now: what the clock has ended is settled first."""
    session = SESSION_SHOWN.one(key=session_id)
    if session is None:
        raise Http404
    if settle and waiting_list.is_due(session, at):
        waiting_list.settle_due(at, [session.pk])
        session.refresh_from_db(fields=["seats_taken", "waiting_count", "due_at"])
    return session


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def enroll(request, session_id):
    """Why and why not for every child, then a place: all the children ticked, or none and the reasons."""
    at, is_sent = timezone.now(), request.method == "POST"
    session = _session_shown(session_id, at, settle=not is_sent)  # the verb settles what is due under its lock
    if not private_sessions.may_see(request.user, session):
        return redirect("session_code")
    form = EnrollForm(request.POST or None)
    status = 200
    if is_sent:
        status = 422
        if form.is_valid():
            chosen = form.cleaned_data["children"]
            try:
                places = admission.enroll_together(
                    children=chosen, session=session, by=request.user, at=at, facts=session, in_care_of=request.user
                )
            except admission.NotInCare:
                form.refuse_strangers()
            except admission.NotAdmissible as refusal:
                there = _already_there(chosen, session)
                if there:  # the same form again (double click, back button): the same answer
                    return redirect("enrollment", reference=there)
                for found in refusal.refused.values():
                    form.add_error(None, found[0].words)
            else:
                return redirect("enrollment", reference=places[0].reference)
        session = _session_shown(session_id, at)
    cards = _cards(request.user, session, at)
    if not cards:
        here = reverse("enroll", args=[session.pk])
        return redirect(f"{reverse('child_add')}?next={here}")
    welcome = [card for card in cards if not card["obstacles"] and card["may_act"]]
    context = {
        "session": session, "standing": standing(session, at), "cards": cards, "form": form, "welcome": welcome,
        "chosen": {str(pk) for pk in request.POST.getlist("children")} or {str(card["child"].pk) for card in welcome},
    }  # fmt: skip
    return render(request, "enrollments/family/enroll.html", context, status=status)


def _already_there(chosen, session) -> str:
    """The reference under which all these children are already in the session; empty when one is not."""
    rows = list(Enrollment.objects.live().filter(child__in=chosen, session=session))
    return rows[0].reference if rows and len(rows) == len(chosen) else ""


@login_required
@require_POST
def declare(request, session_id, child_id):
    """A guardian's word that the child has the level this course asks for; the team confirms it."""
    session = get_object_or_404(private_sessions.visible_to(request.user), pk=session_id)
    child = get_object_or_404(Child.objects.in_care_of(request.user), pk=child_id)
    at = timezone.now()
    doors = {obstacle.door for obstacle in obstacles(child=child, session=session, at=at)}
    if "declare" in doors:
        progress.declare_equivalent(child=child, course=session.course, by=request.user, at=at)
        messages.success(request, _("Noted: the team will confirm the level of %(child)s.") % {"child": child.first_name})
    return redirect("enroll", session_id=session.pk)


@login_required
@require_safe
def enrollment(request, reference):
    """The confirmation: reference, who has a place, when, where, what to bring, how to pay; and what one may do with each place."""
    at = timezone.now()
    rows = _under(request.user, reference)
    if due := {row.session_id for row in rows if waiting_list.is_due(row.session, at)}:
        waiting_list.settle_due(at, due)
        rows = _under(request.user, reference)
    if not rows:
        raise Http404
    if ended := [row.child_id for row in rows if row.state == Enrollment.State.CANCELLED]:
        outbox.mark_seen(request.user, "session_cancelled", ended, at=at)
    # What is over is shown only when nothing else is left: a child that moved has its place in another session under the same reference.
    shown = [row for row in rows if row.state in Enrollment.LIVE] or rows
    queue = positions({row.session_id for row in shown})
    may_act = set(Child.objects.in_care_of(request.user).values_list("pk", flat=True))
    groups: dict[int, dict] = {}
    for row in shown:
        row.place_in_queue, row.may_act = queue.get(row.pk, 0), row.child_id in may_act
        group = groups.setdefault(row.session_id, {"session": row.session, "standing": standing(row.session, at), "rows": []})
        group["rows"].append(row)
    meetings = Meeting.objects.filter(session__in=groups, cancelled_at=None).select_related("lesson").order_by("starts_at")
    for group in groups.values():
        group["is_on"] = group["standing"].code not in {"cancelled", "finished"}
        group["meetings"] = [meeting for meeting in meetings if meeting.session_id == group["session"].pk]
        group["has_seat"] = any(row.state == Enrollment.State.SEATED for row in group["rows"])
    seated = [row for row in shown if row.state == Enrollment.State.SEATED and groups[row.session_id]["is_on"]]
    context = {
        "reference": reference,
        "groups": list(groups.values()), "rows": shown, "seated": seated, "only": next(iter(groups.values())) if len(groups) == 1 else None,
        "asks_collection": _asks_collection(request.user, seated),
        "waiting": [row for row in shown if row.state == Enrollment.State.WAITING],
        "offered": [row for row in shown if row.state == Enrollment.State.OFFERED],
        "total": sum(row.price for row in seated),
    }  # fmt: skip
    if context["waiting"]:
        context["freed"], context["sessions_before"] = waiting_list.freed_before(context["waiting"][0].session, at)
    return render(request, "enrollments/family/confirmation.html", context)


def _under(user, reference: str) -> list[Enrollment]:
    rows = Enrollment.objects.of(user).filter(reference=reference)
    facts = ("child", "session__course__track", "session__course__band", "session__room__venue", "session__term")
    return list(rows.select_related(*facts).order_by("session_id", "ticket"))


def _asks_collection(user, seated) -> list[Child]:
    """The children with a place of whom nobody has said yet who collects them, when this person may say it."""
    silent = [row.child_id for row in seated if row.child.collection_confirmed_at is None]
    return list(Child.objects.in_care_of(user).filter(pk__in=silent)) if silent else []
