"""What a typed search asks for: its subjects, each with the words that mean the same, and the child's age.

Words like "course", "child" or "Tangier" say nothing about a subject and are left out. An Arabic word is read
with and without a joined و, ب, ف, ك or ل, and a final ا: no letter is cut off permanently, so برمجة stays
one word.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from courses.catalogue.filters import OLDEST, YOUNGEST
from courses.models.search_words import SearchWords
from home.language.folding import fold, is_arabic, is_small, stem
from home.language.table import LANGUAGES

LONGEST_RUN = 4  # words of a phrase
JOINED = "وبفكل"  # one-letter words that Arabic writes as part of the next one
UNITS = r"(?:ans?|yo|yrs?|years?|سنوات|سنه|سنين|عام|اعوام)"
BOUNDARIES = re.compile(rf"(?<=\d)(?={UNITS}\b)|(?<=[^\W\d_])(?=\d)")  # 8ans, imprimante3d

Run = tuple[str, ...]

# Folded when read. They are typed around the subject, and say nothing about it.
GENERAL = {
    "fr": """
        cours cour atelier ateliers formation formations stage stages leçon leçons séance école club
        centre activité activités loisir loisirs camp colonie vacances apprendre apprentissage
        initiation découverte découvrir débuter débutant débutants débutante niveau avancé enfant
        enfants enfance ado ados adolescent adolescents jeune jeunes junior kid kids fils fille
        filles garçon garçons petit petits petite bébé âge âgé âgée an ans année années mois tanger
        tange technopark maroc casablanca rabat tétouan ville près proche quartier prix tarif tarifs
        combien coût gratuit inscription inscrire inscriptions place places horaire horaires lundi
        mardi mercredi jeudi vendredi samedi dimanche weekend week end jour jours matin après midi
        soir je j cherche chercher veux voudrais voudrait aime adore faire fait comment quel quelle
        quels quelles meilleur bon bonne nous notre votre leur il elle est sont ne pas plus moi chez
        y a se s m n t c qu ce sa si quoi où quand présentiel technologie technologies numérique
        active labs lab
    """,
    "ar": """
        دورة دورات ورشة ورشات ورش حصة حصص درس دروس تكوين تكوينات تدريب تعليم تعلم تعليمية يتعلم
        تتعلم نتعلم أتعلم مدرسة مركز نادي نوادي معهد أنشطة نشاط مخيم عطلة عطل طفل أطفال طفلي طفلتي
        صغار صغير صغيرة ابن ابني ابنتي بنت بنتي بنات ولد ولدي أولاد أولادي ولادي وليدات يافعين شباب
        تلميذ تلاميذ مبتدئ مبتدئين للمبتدئين عمر عمره عمرها سن سنة سنوات سنين عام أعوام طنجة طنجاوة
        تكنوبارك المغرب مدينة قريب ثمن أثمنة سعر أسعار كم بكم تسجيل التسجيل أسجل مجاني مجانية يوم
        أيام السبت الأحد الأربعاء الاثنين الثلاثاء الخميس الجمعة صباح مساء أريد أبحث بغيت كيف كيفاش
        أين فين هل ما ماذا هو هي عند عندي عندكم هناك لكم يحب تحب يريد تريد أحسن أفضل مستوى حول لي له
        لها كل بال قرب بعد قبل واش ديال تكنولوجيا التكنولوجيا تقنية رقمي رقمية
    """,
    "en": """
        course courses class classes lesson lessons workshop workshops training school club centre
        center activity activities camp camps holiday holidays learn learning learns teach teaching
        beginner beginners beginning advanced level intro introduction child children childrens kid
        kids teen teens teenager teenagers junior young youth son daughter boy boys girl girls age
        aged ages old year years yr yrs yo month tangier tanger tangiers morocco technopark city
        near nearby around price prices cost how much free register registration enroll enrol
        enrollment place places schedule monday tuesday wednesday thursday friday saturday sunday
        day days weekend weekends morning afternoon evening after is are there any do does did you
        your we i me he she it they his her our want wants looking look need likes loves like love
        best good some what which where when who can at by from as be has have this that these
        online technology tech stem active labs lab
    """,
}


@dataclass
class Subject:
    """One thing asked for: the word typed, and the runs of stems that say it."""

    word: str
    runs: set[Run] = field(default_factory=set)


@dataclass
class Understood:
    """A typed search, understood. Without subjects it may still ask for every course, or those of an age."""

    subjects: list[Subject]
    ages: set[int]
    is_general: bool

    def fits(self, lowest: int, highest: int) -> bool:
        return any(lowest <= age <= highest for age in self.ages)


class Dictionary:
    """The words that editors keep, by the runs of stems that lead to them."""

    def __init__(self, rows: Iterable[SearchWords]) -> None:
        self.words: list[str] = []
        self._rows: list[set[Run]] = []
        self._leads: dict[Run, set[int]] = {}
        for number, row in enumerate(rows):
            self._rows.append(set())
            for phrase in row.all():
                words = spelled(phrase)
                self.words += words
                self._rows[number] |= runs_of(words)
                for run in runs_of(words):
                    self._leads.setdefault(run, set()).add(number)

    def same(self, words: list[str]) -> set[Run]:
        """Return the runs that mean the same as these words in a row; none if they are in no row."""
        numbers: set[int] = set()
        for run in runs_of(words, is_typed=True):
            numbers |= self._leads.get(run, set())
        return set().union(*(self._rows[number] for number in numbers))


def understand(typed: str, dictionary: Dictionary, *, longest: int) -> Understood:
    """Return what these words ask for; the longest phrases of the dictionary first."""
    words = spelled(typed)
    subjects: list[Subject] = []
    ages: set[int] = set()
    has_general = False
    place = 0
    while place < len(words):
        word, length = words[place], 1
        for length in range(min(LONGEST_RUN, len(words) - place), 0, -1):
            if same := dictionary.same(words[place : place + length]):
                subjects.append(
                    Subject(" ".join(words[place : place + length]), same | runs_of([word][: length == 1]))
                )
                break
        else:
            if word.isdecimal():
                ages |= {int(word)} if len(word) <= 2 and YOUNGEST <= int(word) <= OLDEST else set()
            elif is_general(word):
                has_general = True
            else:
                subjects.append(Subject(word, runs_of([word], is_typed=True)))
        place += length
    subjects = list({subject.word: subject for subject in subjects}.values())
    return Understood(subjects[:longest], ages, not subjects and (has_general or bool(ages)))


def spelled(text: str) -> list[str]:
    """Return the folded words of a text without small ones, numbers apart from their units."""
    found = re.findall(r"\w+", BOUNDARIES.sub(" ", fold(text)))
    return [word for word in found if not is_small(word)]


def forms(word: str) -> Iterator[str]:
    """Yield a folded word, and an Arabic one again without a joined letter or the ا of an accusative."""
    yield word
    if is_arabic(word) and len(word) >= 4:
        if word[0] in JOINED:
            yield word[1:]
        if word[-1] == "ا":
            yield word[:-1]


def runs_of(words: list[str], *, is_typed: bool = False) -> set[Run]:
    """Return the stems of these words in each language; a typed word also without a joined letter."""
    if not words:
        return set()
    found = {tuple(stem(word, code) for word in words) for code in LANGUAGES}
    if is_typed:
        found |= {(stem(form, "ar"), *(stem(word, "ar") for word in words[1:])) for form in forms(words[0])}
    return found


def joined(run: Run) -> set[Run]:
    """Return the run as pages may write it in Arabic: with a one-letter word before it."""
    if not run or not is_arabic(run[0]):
        return {run}
    return {run, *((letter + run[0], *run[1:]) for letter in JOINED)}


_GENERAL = {code: {stem(word, code) for word in spelled(words)} for code, words in GENERAL.items()}
GENERAL_WORDS = [word for words in GENERAL.values() for word in spelled(words)]


def is_general(word: str) -> bool:
    """Return whether a folded word says nothing about the subject."""
    return any(stem(form, code) in general for code, general in _GENERAL.items() for form in forms(word))
