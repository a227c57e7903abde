"""Demo pages in three languages: created in bulk, validated one by one, published and indexed for search."""

from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.signals import post_save
from modelsearch.signal_handlers import post_save_signal_handler
from wagtail.models import Locale, Page, Revision, Site
from wagtail.search.backends import get_search_backend

from academy.demo.team import instructors
from academy.demo.words import LANGUAGES, in_three, read, rich
from courses.models import CatalogueIndexPage, Course, CoursePage, InstructorPage, LessonPage
from home.models import AcademySettings, ContactPage, FaqPage, HomePage, StandardPage

KINDS = (
    HomePage,
    StandardPage,
    FaqPage,
    ContactPage,
    CatalogueIndexPage,
    CoursePage,
    LessonPage,
    InstructorPage,
)
BEHIND = (
    "le-technopark"  # its French text was published after its translations, so the editors' report lists it
)
IN_MENU = {"infos-pratiques", "parents"}
STAMPS = ["first_published_at", "last_published_at", "latest_revision_created_at"]
STAMPS += ["draft_title", "latest_revision", "live_revision"]
PAPERS = ("email", "phone", "whatsapp", "legal_name", "ice", "rc", "tax_id", "bank_details", "map_url")


@contextmanager
def indexed_at_the_end(written: list[Page]):
    """Index all pages written inside this context once, at the end, instead of at every save."""
    for model in KINDS:
        post_save.disconnect(post_save_signal_handler, sender=model)
    try:
        yield
    finally:
        for model in KINDS:
            post_save.connect(post_save_signal_handler, sender=model)
    backend = get_search_backend()
    for model in KINDS:
        if pages := [page for page in written if type(page) is model]:
            backend.add_bulk(model, pages)


class Tree:
    """Adds a page under each language's parent, as translations of one another."""

    def __init__(self):
        self.locales = {locale.language_code: locale for locale in Locale.objects.all()}
        self.written: list[Page] = []

    def add(
        self, parents: dict[str, Page], model: type[Page], slug: str, words: dict[str, dict], **same
    ) -> dict[str, Page]:
        """Add the page in every language in `words`. The slug stays the French one."""
        made, key = {}, None
        for language, fields in words.items():
            page = model(slug=slug, locale=self.locales[language], live=True, **same, **fields)
            page.search_description = (fields.get("search_description") or "")[:250]
            if key:
                page.translation_key = key
            key = page.translation_key
            parents[language].add_child(instance=page)  # validates the whole page before saving
            made[language] = page
            self.written.append(page)
        return made

    def publish(self, at: datetime) -> None:
        """Give every page written its first live revision, as save_revision().publish() would, in two
        statements.
        """
        revisions = []
        for page in self.written:
            page.first_published_at = page.last_published_at = page.latest_revision_created_at = (
                self._published_at(page, at)
            )
            page.draft_title = page.title
            revision = Revision(
                content_object=page,
                base_content_type=page.get_base_content_type(),
                content=page.serializable_data(),
                object_str=str(page),
                created_at=page.last_published_at,
            )
            revision.object_id = str(page.pk)
            revisions.append(revision)
        Revision.objects.bulk_create(revisions)
        for page, revision in zip(self.written, revisions, strict=True):
            page.latest_revision = page.live_revision = revision
        Page.objects.bulk_update(self.written, STAMPS, batch_size=100)

    def _published_at(self, page: Page, at: datetime) -> datetime:
        return at - timedelta(days=1) if page.slug == BEHIND and page.locale != self.locales["fr"] else at


@transaction.atomic
def write_pages(say, at: datetime) -> None:
    """Write the whole page tree, or nothing if a catalogue page already exists."""
    if CatalogueIndexPage.objects.exists():
        return
    say("Pages in three languages (the longest step)")
    words, tree = read("pages"), Tree()
    homes = {home.locale.language_code: home for home in HomePage.objects.select_related("locale")}
    write_homes(homes, words["home"])
    with indexed_at_the_end(tree.written):
        catalogue = tree.add(
            homes, CatalogueIndexPage, "cours", _plain(words["courses_index"]), show_in_menus=True
        )
        write_courses(tree, catalogue, words)
        standard = {page["slug"]: page for page in words["pages"]}
        made = {slug: _standard(tree, homes, page) for slug, page in standard.items()}
        _standard(tree, made["le-technopark"], words["on_site"], languages=("fr", "en"))
        team = tree.add(homes, StandardPage, words["team"]["slug"], _plain(words["team"]), show_in_menus=True)
        write_instructors(tree, team, words["instructors"])
        write_questions(tree, homes, words["faq"])
        contact = words["contact"]
        tree.add(homes, ContactPage, "contact", _plain(contact, thanks=contact["thanks"]), show_in_menus=True)
        tree.publish(at)


def _plain(words: dict, languages=LANGUAGES, **more) -> dict[str, dict]:
    """Return title, introduction, body and further texts by language."""
    made = {}
    for language in languages:
        fields = {"title": words["title"][language], "intro": words["intro"][language]}
        fields["search_description"] = fields["intro"]
        if "body" in words:
            fields["body"] = [
                ("text", rich(words["body"], language)),
                *((block, None) for block in words.get("blocks", [])),
            ]
        fields |= {field: text[language] for field, text in more.items()}
        made[language] = fields
    return made


def _standard(tree: Tree, parents: dict, page: dict, languages=LANGUAGES) -> dict[str, Page]:
    return tree.add(
        parents, StandardPage, page["slug"], _plain(page, languages), show_in_menus=page["slug"] in IN_MENU
    )


def write_homes(homes: dict[str, HomePage], words: dict) -> None:
    """Write the text and automatic blocks of the home pages, unless somebody has edited them."""
    for language, home in homes.items():
        if home.lead or len(home.body):
            continue
        home.lead = home.search_description = words["lead"][language]
        steps = [{"title": step["title"][language], "text": step["text"][language]} for step in words["how"]]
        technopark = [{"h": words["technopark_title"]}, *words["technopark"]]
        home.body = [
            ("text", rich(words["for_whom"], language)),
            ("steps", {"title": words["how_title"][language], "steps": steps}),
            ("text", rich(technopark, language)),
        ]
        home.full_clean()
        home.save_revision().publish()


def write_courses(tree: Tree, catalogue: dict, words: dict) -> None:
    """Write a page for each course and, below it, one for each of its lessons."""
    for course in Course.objects.prefetch_related("lessons__skills"):
        told = words["courses"][course.code]
        pages = {}
        for language in LANGUAGES:
            pages[language] = {
                "title": getattr(course, f"title_{language}"),
                "search_description": getattr(course, f"summary_{language}"),
                "lead": told["lead"][language],
                "makes": rich([{"ul": told["makes"]}], language),
                "for_whom": told["for_whom"][language],
                "after": told["after"][language],
            }
        made = tree.add(catalogue, CoursePage, course.code.lower(), pages, course=course)
        for lesson in course.lessons.all():
            _lesson(tree, made, lesson, words["lesson_intro"])


def _lesson(tree: Tree, parents: dict, lesson, frame: dict[str, str]) -> None:
    """Write a lesson's page. A lesson without written data is introduced by its skills."""
    pages = {}
    for language in LANGUAGES:
        names = [
            name[:1].lower() + name[1:]
            for name in (getattr(skill, f"name_{language}") for skill in lesson.skills.all())
        ]
        said = frame[language].format(
            skills=("؛ " if language == "ar" else "\u00a0; " if language == "fr" else "; ").join(names)
        )
        objective = getattr(lesson, f"objective_{language}")
        pages[language] = {
            "title": getattr(lesson, f"title_{language}"),
            "intro": "" if objective else said,
            "search_description": objective or said,
        }
    tree.add(parents, LessonPage, f"lecon-{lesson.number}", pages, lesson=lesson)


def write_instructors(tree: Tree, team: dict, people: list[dict]) -> None:
    accounts = instructors()
    for person in people:
        pages = {}
        for language in LANGUAGES:
            pages[language] = {
                "title": person["name"]["ar" if language == "ar" else "latin"],
                "role": person["role"][language],
                "bio": rich([{"p": person["bio"]}], language),
                "search_description": person["bio"][language],
            }
        tree.add(team, InstructorPage, person["slug"], pages, user=accounts.get(person["slug"].split("-")[0]))


def write_questions(tree: Tree, homes: dict, words: dict) -> None:
    pages = _plain(words)
    for language, fields in pages.items():
        fields["questions"] = [
            ("question", {"question": item["q"][language], "answer": _answer(item["a"], language)})
            for item in words["items"]
        ]
    tree.add(homes, FaqPage, "questions", pages, show_in_menus=True)


def _answer(answer, language: str) -> str:
    """Return an answer as rich text, from a list or from one plain sentence in three languages."""
    return rich(answer, language) if isinstance(answer, list) else rich([{"p": answer}], language)


@transaction.atomic
def write_settings() -> None:
    """Write the demo's address, phone numbers and legal details: all visibly invented."""
    site = Site.objects.get(is_default_site=True)
    academy = AcademySettings.for_site(site)
    if academy.is_demo:
        return
    plan = read("season")["academy"]
    fields = {name: plan[name] for name in PAPERS}
    fields |= in_three("address", plan["address"]) | in_three("opening_hours", plan["opening_hours"])
    for name, value in fields.items():
        setattr(academy, name, value)
    academy.is_demo = True
    academy.full_clean()
    academy.save()
