"""Forms for messages to families."""

from collections.abc import Mapping

from django import forms
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from home.language import table
from home.language.dates import day_words

LANGUAGES = (("fr", _("In French")), ("ar", _("In Arabic")), ("en", _("In English")))


# Prepared texts: code, label, and the sentence, translated through the catalogues.
READY = {
    "laptop": (_("bring a laptop"), _("Please bring a laptop to the next class, with its charger.")),
    "show": (
        _("come and see our work"),
        _("In the last 15 minutes, the children will show what they have made. Come and see."),
    ),
    "late": (
        _("a late start"),
        _("The next class will start 15 minutes later. It will end at the usual time."),
    ),
    "collect": (
        _("collect on time"),
        _("Please collect your child when the class ends. The room is needed afterwards."),
    ),
}


def ready_texts(code: str) -> dict[str, str]:
    """Return the prepared texts by language; empty for an unknown code."""
    if code not in READY:
        return {}
    found = {}
    for language, _label in LANGUAGES:
        with translation.override(language):
            found[language] = str(READY[code][1])
    return found


def with_ready_text(typed: Mapping[str, str], code: str) -> dict[str, str]:
    """Return what was typed, with a prepared text below it in each language; one that is there already is
    not added twice.
    """
    said = {name: typed.get(name, "") for name in ("child", "meeting")}
    texts = ready_texts(code)
    for language, _label in LANGUAGES:
        words, more = typed.get(language, "").rstrip(), texts.get(language, "")
        said[language] = words if not more or more in words else "\n".join(filter(None, (words, more)))
    return said


class MessageForm(forms.Form):
    """Form for a message in at least one language; French is used where another is missing."""

    child = forms.ChoiceField(label=_("To the guardians of"), required=False)
    meeting = forms.ChoiceField(label=_("About the class of"), required=False)
    fr = forms.CharField(
        label=LANGUAGES[0][1],
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, **table.LANGUAGES["fr"].attrs}),
    )
    ar = forms.CharField(
        label=LANGUAGES[1][1],
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, **table.LANGUAGES["ar"].attrs}),
    )
    en = forms.CharField(
        label=LANGUAGES[2][1],
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, **table.LANGUAGES["en"].attrs}),
    )

    def __init__(self, *args, children, meetings, **kwargs):
        super().__init__(*args, **kwargs)
        self.known_children = {str(child.pk): child for child in children}
        self.known_meetings = {str(meeting.pk): meeting for meeting in meetings}
        self.fields["child"].choices = [
            ("", _("every child in the session")),
            *((key, child.full_name) for key, child in self.known_children.items()),
        ]
        self.fields["meeting"].choices = [
            ("", _("no particular class")),
            *((key, day_words(one.on)) for key, one in self.known_meetings.items()),
        ]

    def clean(self):
        told = super().clean()
        if not any((told.get(code) or "").strip() for code, _label in LANGUAGES) and not self.errors:
            self.add_error("fr", _("Write your message in at least one language."))
        return told

    @property
    def said(self) -> dict:
        """Return the arguments for writing.write."""
        told = self.cleaned_data
        return {
            "texts": {code: told.get(code) or "" for code, _label in LANGUAGES},
            "child": self.known_children.get(told.get("child")),
            "meeting": self.known_meetings.get(told.get("meeting")),
        }
