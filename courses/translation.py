"""Fields with one column per language (fr, ar, en); an empty one falls back to French."""

from modeltranslation.translator import TranslationOptions, register

from courses.models import (
    AgeBand,
    Closure,
    Course,
    Equipment,
    Lesson,
    LessonBlock,
    Room,
    SearchWords,
    Skill,
    Term,
    Track,
    Venue,
)


class Named(TranslationOptions):
    fields = ("name",)
    required_languages = ("fr",)


register([Track, Skill, Term, Closure, Room])(Named)


@register(AgeBand)
class AgeBandWords(TranslationOptions):
    fields = ("nickname",)


@register(Venue)
class VenueWords(TranslationOptions):
    fields = ("name", "city", "address", "directions")


@register(Course)
class CourseWords(TranslationOptions):
    fields = ("title", "summary", "outcome")


@register(Equipment)
class EquipmentWords(TranslationOptions):
    fields = ("item",)


@register(Lesson)
class LessonWords(TranslationOptions):
    fields = ("title", "objective", "family_words")


@register(LessonBlock)
class LessonBlockWords(TranslationOptions):
    fields = ("text",)


@register(SearchWords)
class SearchWordsInThree(TranslationOptions):
    fields = ("words",)
