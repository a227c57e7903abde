"""The academy's settings with one column per language."""

from modeltranslation.translator import TranslationOptions, register

from home.models import AcademySettings


@register(AcademySettings)
class AcademyWords(TranslationOptions):
    fields = ("tagline", "about", "address", "opening_hours")
