"""Clean pictures and portraits that were uploaded before uploads were cleaned."""

from functools import partial

from django.core.management.base import BaseCommand

from home.files import photos
from home.models import Picture
from home.pictures import cleaning


class Command(BaseCommand):
    help = (
        "Say which pictures and portraits carry more than pixels, such as the place where they were taken, "
        "and which documents are not what their name says; with --apply, write the pictures again without "
        "it. Safe to run twice, and to stop half-way."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--apply", action="store_true", help="really write them again; without it nothing is touched"
        )

    def handle(self, *, apply=False, **options):
        counts = {"cleaned": 0, "unreadable": 0}
        for key in cleaning.unclean_pictures():
            self.one(f"picture {key}", counts, apply, partial(self.picture, key, apply))
        for key, found in list(cleaning.unclean_portraits()):
            self.one(f"portrait {key}", counts, apply, partial(self.portrait, key, found, apply))
        doubtful = list(cleaning.doubtful_documents())
        for key, why in doubtful:
            self.stdout.write(f"document {key}: {why}; look at it in the CMS")
        verb = "cleaned" if apply else "to be cleaned"
        self.stdout.write(f"{counts['cleaned']:6} {verb}")
        self.stdout.write(f"{counts['unreadable']:6} cannot be read")
        self.stdout.write(f"{len(doubtful):6} documents to look at")
        if not apply:
            self.stdout.write("Nothing was touched: --apply writes them again.")

    def one(self, name, counts, apply, act):
        """Clean or look at one file. One that cannot be read delays no other."""
        try:
            found = act()
        except (OSError, photos.Refused) as fault:
            counts["unreadable"] += 1
            self.stderr.write(f"{name}: cannot be read ({type(fault).__name__}: {fault})")
            return
        counts["cleaned"] += 1
        self.stdout.write(f"{name}: {found}{' — cleaned' if apply else ''}")

    def picture(self, key, apply):
        picture = Picture.objects.get(pk=key)
        found = f"{picture.filename}, {picture.width} × {picture.height}, {cleaning.look_at(picture)}"
        if apply:
            cleaning.clean_picture(key)
        return found

    def portrait(self, key, found, apply):
        if apply:
            cleaning.clean_portrait(key)
        return found
