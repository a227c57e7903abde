"""Panels of the facts' forms: words in three languages side by side, and facts that only some may write."""

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, Panel
from wagtail.admin.telepath import register as register_telepath_adapter

from home.language.table import LANGUAGES


def in_three_languages(*fields: str, heading=None) -> MultiFieldPanel:
    """One row for each of these fields, with a box for each language; the direction of a box is its
    language's.
    """
    rows = [FieldRowPanel([FieldPanel(f"{field}_{code}") for code in LANGUAGES]) for field in fields]
    return MultiFieldPanel(rows, heading=heading or _("Texts in three languages"))


def writers_of(model) -> str:
    """The permission of those who write this model's facts: whoever may add a row of it.

    Changing alone is for its words.
    """
    return f"{model._meta.app_label}.add_{model._meta.model_name}"


class FactPanel(FieldPanel):
    """A field that is written by those who may add such rows, and read by everybody else."""

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
    """Lines of facts; absent where the form has dropped them for this person
    (courses.admin.forms.FactsForm).
    """

    @register_telepath_adapter
    class BoundPanel(InlinePanel.BoundPanel):
        def __init__(self, panel, instance, request, form, prefix):
            self.absent = form is not None and panel.relation_name not in form.formsets
            parent = Panel.BoundPanel if self.absent else InlinePanel.BoundPanel
            parent.__init__(self, panel=panel, instance=instance, request=request, form=form, prefix=prefix)

        def is_shown(self):
            return not self.absent


class NotePanel(Panel):
    """Something the person at the screen should see before the fields;
    the form gives it as `form.cautions`.
    """

    @register_telepath_adapter
    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/cautions_panel.html"

        def is_shown(self):
            return bool(getattr(self.form, "cautions", None))

        def get_context_data(self, parent_context=None):
            context = super().get_context_data(parent_context)
            context["form"] = self.form
            return context
