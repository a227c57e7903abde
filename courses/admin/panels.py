"""Panels for course data: texts in three languages side by side, and fields that only some users may edit."""

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, Panel
from wagtail.admin.telepath import register as register_telepath_adapter

from courses import faces
from courses.models import LessonBlock
from home.language.table import LANGUAGES


def in_three_languages(*fields: str, heading=None) -> MultiFieldPanel:
    """Return one row per field, with a box for each language in that language's direction."""
    rows = [FieldRowPanel([FieldPanel(f"{field}_{code}") for code in LANGUAGES]) for field in fields]
    return MultiFieldPanel(rows, heading=heading or _("Texts in three languages"))


def writers_of(model) -> str:
    """Return the permission to edit this model's data: the right to add rows.

    The right to change is only for its texts.
    """
    return f"{model._meta.app_label}.add_{model._meta.model_name}"


class FactPanel(FieldPanel):
    """Field panel: editable by users who may add such rows, read-only for others."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("disable_comments", True)
        super().__init__(*args, **kwargs)

    def on_model_bound(self):
        super().on_model_bound()
        self.permission = self.permission or writers_of(self.model)

    @register_telepath_adapter
    class BoundPanel(FieldPanel.BoundPanel):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            if self.form is not None and self.bound_field is None:
                self.read_only = True
                self.heading = self.panel.heading or capfirst(self.panel.db_field.verbose_name)
                self.help_text = self.panel.help_text or capfirst(self.panel.db_field.help_text)

        def is_shown(self):
            return self.read_only or super().is_shown()


class FactInlinePanel(InlinePanel):
    """Inline panel, hidden if the form has dropped it for this user (courses.admin.forms.FactsForm)."""

    @register_telepath_adapter
    class BoundPanel(InlinePanel.BoundPanel):
        def __init__(self, panel, instance, request, form, prefix):
            self.absent = form is not None and panel.relation_name not in form.formsets
            parent = Panel.BoundPanel if self.absent else InlinePanel.BoundPanel
            parent.__init__(self, panel=panel, instance=instance, request=request, form=form, prefix=prefix)

        def is_shown(self):
            return not self.absent


class NotePanel(Panel):
    """Panel that shows warnings above the fields; the form provides them as `form.cautions`."""

    @register_telepath_adapter
    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/cautions_panel.html"

        def is_shown(self):
            return bool(getattr(self.form, "cautions", None))

        def get_context_data(self, parent_context=None):
            context = super().get_context_data(parent_context)
            context["form"] = self.form
            return context


class MinutesPanel(Panel):
    """The sum of a plan's minutes beside the length of a class, kept while editing (home/cms.js)."""

    @register_telepath_adapter
    class BoundPanel(Panel.BoundPanel):
        template_name = "courses/admin/minutes.html"

        def get_context_data(self, parent_context=None):
            lesson = self.instance
            length = lesson.course.minutes if lesson.course_id else None
            planned = faces.plan_of(lesson).minutes if lesson.pk else 0
            return super().get_context_data(parent_context) | {
                "planned": planned,
                "length": length,
                "not_counted": " ".join((*LessonBlock.CHILD_ONLY, *LessonBlock.FAMILY_ONLY)),
            }
