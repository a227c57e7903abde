"""The smallest site: three home pages, translations of one another, each with a catalogue and a contact page.

Both functions give `tree.home["ar"]`, `tree.catalogue["fr"]`, `tree.contact["en"]`, `tree.site`, `tree.root`,
`tree.locales`.
"""

from types import SimpleNamespace

LANGUAGES = ("fr", "ar", "en")
WORDS = {
    "fr": ("Accueil", "Cours", "Contact"),
    "ar": ("الرئيسية", "الورشات", "اتصل بنا"),
    "en": ("Home", "Courses", "Contact"),
}


def _models() -> dict[str, type]:
    from courses.models import CatalogueIndexPage
    from home.models import ContactPage, HomePage

    return {"home": HomePage, "catalogue": CatalogueIndexPage, "contact": ContactPage}


def plant() -> SimpleNamespace:
    """Write the site.

    Wagtail's migrations seed a "Welcome" page and a site on it: the site is given our home page, and the
    welcome goes.
    """
    from wagtail.models import Locale, Page, Site

    locales = {code: Locale.objects.get_or_create(language_code=code)[0] for code in LANGUAGES}
    root = Page.objects.get(depth=1)
    welcome = list(root.get_children())
    tree = SimpleNamespace(root=root, home={}, catalogue={}, contact={}, locales=locales)
    for code, titles in WORDS.items():
        for (kind, model), title in zip(_models().items(), titles, strict=True):
            made = getattr(tree, kind)
            slug = {"home": f"accueil-{code}", "catalogue": "cours", "contact": "contact"}[kind]
            page = model(title=title, slug=slug, locale=locales[code], show_in_menus=kind != "home")
            if "fr" in made:
                page.translation_key = made["fr"].translation_key
            (root if kind == "home" else tree.home[code]).add_child(instance=page)
            made[code] = page
    tree.site = Site.objects.filter(is_default_site=True).first() or Site(
        hostname="localhost", is_default_site=True
    )
    tree.site.root_page, tree.site.port = tree.home["fr"], 80
    tree.site.save()
    for page in welcome:
        page.refresh_from_db()
        page.delete()
    return tree


def publish() -> None:
    """Publish every page as its form does, with a revision."""
    from wagtail.models import Page

    for page in Page.objects.filter(depth__gte=2, live_revision=None).order_by("path"):
        page.specific.save_revision().publish()


def read() -> SimpleNamespace:
    """The site that `plant` wrote into the database template."""
    from wagtail.models import Locale, Page, Site

    locales = {locale.language_code: locale for locale in Locale.objects.all()}
    tree = SimpleNamespace(root=Page.objects.get(depth=1), locales=locales, site=Site.objects.get())
    codes = {locale.pk: code for code, locale in locales.items()}
    for kind, model in _models().items():
        setattr(tree, kind, {codes[page.locale_id]: page for page in model.objects.all()})
    for code, home in tree.home.items():
        home.locale = tree.catalogue[code].locale = tree.contact[code].locale = locales[code]
    tree.site.root_page = tree.home["fr"]
    return tree
