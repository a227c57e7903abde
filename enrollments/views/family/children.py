"""A child's file for its guardians: details, pick-up, safety. One screen per topic."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from courses.models import Meeting
from courses.standing import standing
from enrollments.classes import learning_record, next_level
from enrollments.families import pickup, safety_notes
from enrollments.families.children import change_child, confirm_children
from enrollments.forms.family.children import ChildFileForm, SpeakForm
from enrollments.forms.fields import as_word
from enrollments.forms.safety_notes import NoteForm
from enrollments.learning import term_report
from enrollments.learning.finished_courses import add_papers
from enrollments.models import Child, ClassNote, Enrollment, Guardianship, Recommendation, SafetyNote
from enrollments.places.eligibility import confirmation_due
from enrollments.places.positions import positions
from enrollments.portfolio import class_photos
from enrollments.views.gone import or_gone
from enrollments.views.lock_timeouts import patiently
from enrollments.views.pickup_form import settle_collection, status_of
from enrollments.views.redirects import back_to
from home.academy import academy_of

LATEST = 6  # projects, and pictures, on a child's page
MOST_SKILLS = 5  # on it; the page of progress has them all


def _classes(child: Child) -> list:
    """Return the latest marked classes, newest first, each with its note for the family. One query."""
    notes = child.class_notes.filter(meeting=OuterRef("meeting"))
    rows: list[Any] = list(
        child.presences.exclude(mark="")
        .select_related("meeting__session__course", "meeting__lesson")
        .annotate(
            note_chips=Subquery(notes.values("chips")[:1]), note_text=Subquery(notes.values("text")[:1])
        )
        .order_by("-meeting__starts_at")[:12]
    )
    for row in rows:
        row.note = (
            None if row.note_text is None else ClassNote(chips=row.note_chips or [], text=row.note_text)
        )
    return rows


def _places(child: Child, at) -> list:
    """Return the child's places, offers and waits, each with its next class, its session's `standing` and its
    `place_in_queue`.
    """
    coming = Meeting.objects.filter(session=OuterRef("session"), cancelled_at=None, ends_at__gt=at)
    coming = coming.order_by("starts_at")
    rows = child.enrollments.live().select_related("session__course").order_by("pk")
    places: list[Any] = list(
        rows.annotate(
            next_on=Subquery(coming.values("on")[:1]), next_starts=Subquery(coming.values("starts")[:1])
        )
    )
    waited_for = {row.session_id for row in places if row.state == Enrollment.State.WAITING}
    queue = positions(waited_for) if waited_for else {}
    for row in places:
        row.standing, row.place_in_queue = standing(row.session, at), queue.get(row.pk, 0)
    return places


@login_required
@or_gone
@require_safe
def child_file(request, child_id):
    """Show what a child made and can do, what it is enrolled in, then its data, each part with its link to
    change it.
    """
    at = timezone.now()
    ties = list(
        Guardianship.objects.filter(child__in=Child.objects.of(request.user).filter(pk=child_id))
        .select_related("guardian", "child__safety_note")
        .annotate(
            has_photos=class_photos.has_any("child"),
            is_recommended=Exists(Recommendation.objects.filter(child=OuterRef("child"))),
        )
        .order_by("since", "pk")
    )
    if not ties:
        raise Http404
    child = ties[0].child
    mine = next(tie for tie in ties if tie.guardian_id == request.user.pk)
    languages = dict(Child.Language.choices)
    places, terms = _places(child, at), term_report.terms_of(child, at)
    certificates = list(child.certificates.valid())
    finished = [row for row in places if row.standing.code == "finished"]
    add_papers(finished, certificates, {child.pk: terms})
    told = next_level.told_of(child, at) if mine.is_recommended else []
    joined = {row.session.course_id for row in places}
    context = {
        "child": child,
        "age": child.age_on(timezone.localdate(at)),
        "projects": child.projects.as_tiles()[:LATEST],
        "photos": class_photos.of_child(child, at)[:LATEST] if mine.has_photos else [],
        "ties": ties,
        "mine": mine,
        "may_act": mine.rights == Guardianship.Rights.FULL,
        "persons": child.pickup_persons.all(),
        "spoken": [languages[code] for code in child.languages if code in languages],
        "places": [row for row in places if row.standing.code != "finished"],
        "finished": finished[::-1],
        "ready_for": [one for one in told if one.course_id not in joined],
        "skills": learning_record.strongest_first(learning_record.skills_seen(child))[:MOST_SKILLS],
        "classes": _classes(child),
        "certificates": certificates,
        "terms": terms,
        "incidents": child.incidents.all()[:5],
        "has_note": hasattr(child, "safety_note"),
        "takes_notes": safety_notes.may_write(academy_of(request)),
    }
    return render(request, "enrollments/family/child_file.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def edit_child(request, child_id):
    """Change a child's details; the birth date too while the child is enrolled nowhere."""
    child = get_object_or_404(Child.objects.in_care_of(request.user), pk=child_id)
    enrolled = child.enrollments.under_way(timezone.now()).exists()
    form = ChildFileForm(
        request.POST or None, today=timezone.localdate(), instance=child, birth_date_is_fixed=enrolled
    )
    if form.is_valid():
        change_child(child, at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("We have saved the changes for %(child)s.") % {"child": child.first_name})
        return redirect("child", child_id=child.pk)
    child.refresh_from_db()  # the form has written the submitted data into it
    context = {"form": form, "child": child, "birth_date_is_fixed": enrolled}
    return render(request, "enrollments/family/child_change.html", context, status=status_of(request))


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def collection(request, child_id):
    """Edit who collects, going home alone and a second phone: asked once before the first class, changeable
    any time.
    """
    return settle_collection(
        request, get_object_or_404(Child.objects.in_care_of(request.user), pk=child_id), room="family"
    )


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def safety(request, child_id):
    """Edit "Speak with me first", and the written note if the academy may store one.

    Informed guardians can only read.
    """
    child = get_object_or_404(Child.objects.of(request.user), pk=child_id)
    may_act = Child.objects.in_care_of(request.user).filter(pk=child.pk).exists()
    if request.method == "POST":
        child = get_object_or_404(Child.objects.in_care_of(request.user), pk=child_id)
    note, parts, unreadable = SafetyNote.objects.filter(child=child).first(), {}, False
    if note:
        try:
            parts = safety_notes.open_note(note)
        except safety_notes.Unreadable:
            unreadable = True
    takes_notes = safety_notes.may_write()
    wish = SpeakForm(request.POST or None, initial={"speak_first": as_word(child.speak_first)})
    form = NoteForm(request.POST or None, initial=parts)
    # A note that cannot be decrypted is never overwritten by an empty form: the front desk helps.
    writes = takes_notes and not unreadable
    if request.method == "POST" and wish.is_valid() and (not writes or form.is_valid()):
        with transaction.atomic():
            pickup.ask_to_speak(child, wish=wish.cleaned_data["speak_first"])
            if writes and ("may_happen" in request.POST):
                safety_notes.write_note(child, parts=form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, _("We have saved this for %(child)s.") % {"child": child.first_name})
        return redirect("child", child_id=child.pk)
    context = {
        "child": child,
        "wish": wish,
        "form": form,
        "takes_notes": takes_notes,
        "has_note": bool(note),
        "unreadable": unreadable,
        "may_act": may_act,
        "parts": [(form.fields[name].label, text) for name, text in parts.items() if text],
    }
    return render(request, "enrollments/family/safety.html", context, status=status_of(request))


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def confirm(request):
    """Confirm all children's details once a year, on one screen with one button."""
    at = timezone.now()
    children = list(Child.objects.in_care_of(request.user).prefetch_related("pickup_persons"))
    if request.method == "POST":
        confirm_children(by=request.user, at=at)
        messages.success(request, _("Thank you. You have confirmed these details."))
        return HttpResponseRedirect(back_to(request, reverse("family")))
    context = {
        "children": children,
        "due": [child.pk for child in children if confirmation_due(child, at)],
        "next": back_to(request, ""),
    }
    return render(request, "enrollments/family/confirm.html", context)
