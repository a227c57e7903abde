"""Base data that every installation needs: languages, a home page for each, roles, tracks, age bands and
skills.
"""

from django.conf import settings
from django.utils import timezone
from wagtail.models import Locale, Page, Site

from academy.demo.words import LANGUAGES, in_three, read
from courses import roles
from courses.models import AgeBand, SearchWords, Skill, Track
from enrollments.families import consents
from enrollments.permissions import EDITOR, FRONT_DESK, INSTRUCTOR, MANAGER
from home.models import AcademySettings, HomePage


def lay(say) -> None:
    """Load the base data. Existing rows are left unchanged. `say` is called with each step."""
    say("Languages and home pages")
    locales = lay_locales()
    homes = lay_homes(locales)
    site = lay_site(homes["fr"])
    lay_settings(site)
    say("Tracks, age bands, skills")
    lay_frame()
    lay_search_words()
    say("Roles")
    lay_roles()
    say("Policies")
    lay_policies()


def lay_locales() -> dict[str, Locale]:
    """Create one Wagtail locale per language, French first."""
    return {code: Locale.objects.get_or_create(language_code=code)[0] for code in LANGUAGES}


def lay_homes(locales: dict[str, Locale]) -> dict[str, HomePage]:
    """Create the three home pages as translations of one another."""
    root, titles = Page.objects.get(depth=1), read("pages")["home"]["title"]
    french = HomePage.objects.filter(locale=locales["fr"]).first()
    homes = {}
    for code in LANGUAGES:
        home = HomePage.objects.filter(locale=locales[code]).first()
        if home is None:
            home = HomePage(title=titles[code], slug=code, locale=locales[code])
            if french:
                home.translation_key = french.translation_key
            root.add_child(instance=home)
            home.save_revision().publish()
        french = french or home
        homes[code] = home
    return homes


def address_of_site() -> tuple[str, int]:
    """Return the host name and port of SITE_URL."""
    host = settings.SITE_HOST
    return host.hostname or "localhost", host.port or (443 if settings.HTTPS else 80)


def follow_site_url() -> None:
    """Give the site the address of the settings: Wagtail's emails link there."""
    for site in Site.objects.filter(is_default_site=True):
        if (site.hostname, site.port) != address_of_site():
            site.hostname, site.port = address_of_site()
            site.save()


def lay_site(home: HomePage) -> Site:
    """Create the single site at the address of the settings, with the French home page as root.

    Delete Wagtail's welcome page.
    """
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    stands_on_ours = site.root_page_id and HomePage.objects.filter(pk=site.root_page_id).exists()
    if not stands_on_ours:
        site.root_page_id = home.pk
        site.site_name = site.site_name or "Active Labs"
        site.hostname, site.port = address_of_site()
        site.save()
    follow_site_url()
    for page in Page.objects.filter(
        depth=2, content_type__app_label="wagtailcore", content_type__model="page"
    ):
        page.delete()
    return site


def lay_settings(site: Site) -> AcademySettings:
    """Write the academy's settings in three languages. Existing texts are kept."""
    academy, made = AcademySettings.objects.get_or_create(site=site)
    if made:
        words = read("pages")["settings"]
        for field, value in (
            in_three("tagline", words["tagline"]) | in_three("about", words["about_short"])
        ).items():
            setattr(academy, field, value)
        academy.save()
    return academy


def lay_frame() -> None:
    """Write the tracks, age bands and skills of the curriculum, each only if there is none of its kind."""
    curriculum = read("curriculum")
    if not Track.objects.exists():
        for position, row in enumerate(curriculum["tracks"], start=1):
            Track.objects.create(
                code=row["code"], icon=row["icon"], position=position, **in_three("name", row)
            )
        Track.objects.create(
            code="ALL", icon="star", position=99, **in_three("name", read("pages")["all_tracks"])
        )
    if not AgeBand.objects.exists():
        for row in curriculum["age_bands"]:
            AgeBand.objects.create(
                code=row["code"],
                min_age=row["min"],
                max_age=row["max"],
                minutes=row["minutes"],
                capacity=row["capacity"],
                children_per_adult=int(row["ratio"].split("/")[1]),
                **{f"nickname_{code}": row[f"nick_{code}"] for code in LANGUAGES},
            )
    if not Skill.objects.exists():
        tracks = {track.code: track for track in Track.objects.all()}
        skills = {
            row["code"]: Skill.objects.create(
                code=row["code"], track=tracks[row["track"]], **in_three("name", row)
            )
            for row in curriculum["skills"]
            if row["track"] in tracks
        }
        for row in curriculum["skills"]:
            if row["code"] in skills:
                skills[row["code"]].builds_on.set(skills[code] for code in row["pre"] if code in skills)


def lay_search_words() -> None:
    """Write the words that mean the same in a search, if editors have none."""
    if not SearchWords.objects.exists():
        for row in read("search_words"):
            SearchWords.objects.create(**in_three("words", row))


def lay_roles() -> None:
    """Create the groups of the team with their CMS permissions (courses.roles)."""
    roles.grant(instructors=INSTRUCTOR, editors=EDITOR, front_desk=FRONT_DESK, managers=MANAGER)


def lay_policies() -> None:
    """Create the first version of each policy. A policy that already has a version is left unchanged."""
    for position, told in enumerate(read("policies")):
        policy = consents.lay_policy(
            told["code"], is_compulsory=told["is_compulsory"], per_child=told["per_child"], position=position
        )
        if not policy.versions.exists():
            consents.publish(consents.draft(policy, told["texts"]), by=None, at=timezone.now())
