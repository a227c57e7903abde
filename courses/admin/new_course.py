"""The screen "New course…": one form makes a course, its lessons and its drafts in every language."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from courses.admin.lesson_rows import LessonRows
from courses.admin.new_course_forms import NewCourseForm
from courses.models import Course
from courses.pages import new_course


class NewCourseView(WagtailAdminTemplateMixin, TemplateView):
    """Works without JavaScript: rows are pasted into a box, and ordered by their numbers."""

    template_name = "cms/new_course.html"
    header_icon = "plus"
    page_title = gettext_lazy("New course")

    def dispatch(self, request, *args, **kwargs):
        if not new_course.may_begin(request.user):
            raise PermissionDenied
        self.writes_facts = new_course.may_write_facts(request.user)
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get(self, request, *args, **kwargs):
        form = NewCourseForm(initial={"course": request.GET.get("course")}, user=request.user)
        return self.show(form, LessonRows())

    def show(self, form, rows, status: int = 200):
        again = self.request.method == "POST"  # what is in the boxes has been typed, and is nowhere else
        context = self.get_context_data(form=form, rows=rows, writes_facts=self.writes_facts, is_again=again)
        return self.render_to_response(context, status=status)

    def post(self, request, *args, **kwargs):
        form = NewCourseForm(request.POST, request.FILES, user=request.user)
        form.full_clean()
        key = str(form.cleaned_data.get("form_key", ""))
        if course := new_course.made_from(key, request.user):
            return self.answer(course)
        data = request.POST if self.writes_facts else {}
        if request.POST.get("act") == "rows":
            return self.show(self.kept(form), LessonRows(data))
        rows = LessonRows(data, is_checked=True)
        valid = rows.is_valid(form.length)
        form.ask_for_classes(len(rows.filled))
        if form.is_valid() and valid:
            try:
                with transaction.atomic():
                    made = form.new_course(rows.lessons)
                    return self.answer(new_course.begin(made, by=request.user, form_key=key))
            except (new_course.HasPages, IntegrityError):
                if course := new_course.made_from(key, request.user):
                    return self.answer(course)  # sent twice
                form.full_clean()  # somebody else took the code or the course in this moment
                if form.is_valid():
                    raise
        messages.error(request, _("Nothing was created: see below. What you typed is kept."))
        return self.show(self.kept(form, rows), rows)

    def kept(self, form: NewCourseForm, rows: LessonRows | None = None) -> NewCourseForm:
        """Return the form to show again, checked if its rows were; a picture that was sent is in the library
        by now.
        """
        data = self.request.POST.copy()
        picture = form.stored_picture() if form.cleaned_data.get("picture") else None
        if picture:
            data["kept_picture"] = str(picture.pk)
        if rows is None:
            return NewCourseForm(initial=data.dict(), user=self.request.user)
        files = None if picture else self.request.FILES
        again = NewCourseForm(data, files, user=self.request.user)
        again.full_clean()
        again.ask_for_classes(len(rows.filled))
        return again

    def answer(self, course: Course):
        """Lead to the course that was made; sent twice, the form has the same answer."""
        said = {"course": course}
        messages.success(self.request, _("“%(course)s” has its drafts in every language.") % said)
        return redirect(reverse("course_pages:hub", args=[course.pk]))
