"""Renditions are made by the worker: no visitor waits for them, and a broken picture delays no other.

What was stored before is cleaned by a command.
"""

import re
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from wagtail.documents.models import Document
from wagtail.models import Page
from wagtail.users.models import UserProfile

from courses.models import InstructorPage
from home.files import photos
from home.models import Picture, StandardPage
from home.pictures import preparing, recipes
from tests.factories import grant_roles
from tests.photos import SECRET, by_form, lying, pdf, saved, taken, upload

ROOT = Path(__file__).resolve().parent.parent.parent


def made(size=(1200, 800), **told) -> Picture:
    file = ContentFile(saved(lying(size), "JPEG"), name="robot.jpg")
    return Picture.objects.create(title="Robot", alt_fr="Un robot", file=file, **told)


FOCUS = {"focal_point_width": 40, "focal_point_height": 40}


def break_file(picture: Picture) -> None:
    Path(picture.file.path).write_bytes(saved(lying(), "JPEG")[:300])


@pytest.fixture
def page(site_tree, academy_settings):
    """Return a function that publishes a page with these pictures, and returns its address."""

    def publish(*pictures, **told):
        root = Page.objects.get(pk=site_tree.home["fr"].pk)
        for picture in pictures:
            picture.contextual_alt_text, picture.decorative = "Un robot", False
        body = [("picture", {"picture": picture, "caption": ""}) for picture in pictures]
        page = StandardPage(title="Robots", slug="robots", locale=site_tree.locales["fr"], body=body, **told)
        root.add_child(instance=page)
        page.save_revision().publish()
        return "/fr/robots/"

    return publish


def specs(picture: Picture) -> set[str]:
    return set(picture.renditions.values_list("filter_spec", flat=True))


def test_a_page_shows_one_small_jpeg_until_the_worker_has_come(client, page):
    picture, at = made(), timezone.now()
    url = page(picture, social_image=picture)
    said = client.get(url).content.decode()
    (tag,) = re.findall(r"<img[^>]*robot[^>]*>", said)
    assert specs(picture) == {recipes.STAND_IN} and "<source" not in said and "/social/fr/" in said
    assert 'width="800"' in tag and 'loading="lazy"' in tag and "sizes" not in tag
    with picture.renditions.get().open_file() as file:
        image = Image.open(file)
        assert (image.format, image.width) == ("JPEG", 800)
    assert preparing.prepare_due(at) == 1
    said = client.get(url).content.decode()
    assert said.count("<source") == 2 and "image/avif" in said and "/social/fr/" not in said
    assert specs(picture) == set(recipes.SPECS)


def test_a_visitor_makes_nothing_but_the_small_jpeg(client, page, monkeypatch, site_tree):
    picture, asked = made(), []
    make = Picture.generate_rendition_file
    monkeypatch.setattr(
        Picture,
        "generate_rendition_file",
        lambda self, filter, **told: asked.append(filter.spec) or make(self, filter, **told),
    )
    url = page(picture, social_image=picture)
    person = InstructorPage(title="Nadia", slug="nadia", portrait=picture, social_image=picture)
    Page.objects.get(url_path__endswith="/robots/").add_child(instance=person)
    for _again in range(2):
        assert client.get(url).status_code == client.get(f"{url}nadia/").status_code == 200
    assert asked == [recipes.STAND_IN]


def test_only_the_worker_and_the_cms_make_renditions():
    """No template of a page, and no code, asks Wagtail for a rendition past `home.pictures`."""
    tags = re.compile(r"wagtailimages_tags|\{% (image|picture|srcset_image|image_url) ")
    pages = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "templates").rglob("*.html")
        if tags.search(path.read_text()) and not {"wagtailimages", "cms"} & set(path.parts[len(ROOT.parts) :])
    ]
    code = [
        path.relative_to(ROOT).as_posix()
        for app in ("academy", "enrollments", "courses", "home")
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"\.get_renditions?\(", path.read_text())
    ]
    assert pages == [] and sorted(code) == ["home/pictures/preparing.py", "home/pictures/showing.py"]


def test_a_broken_picture_delays_no_other_and_the_team_sees_it(client, page, logged_in, editor):
    grant_roles()
    broken, well, at = made(), made(), timezone.now()
    break_file(broken)
    assert preparing.prepare_due(at) == 1
    broken, well = Picture.objects.get(pk=broken.pk), Picture.objects.get(pk=well.pk)
    assert (well.recipe, well.tries) == (recipes.RECIPE, 0) and (broken.recipe, broken.tries) == ("", 1)
    url = page(broken, well)
    said = client.get(url).content.decode()
    assert "scene-workshop" in said and said.count("<source") == 2
    cms = logged_in(editor)
    edit = reverse("wagtailimages:edit", args=[broken.pk])
    home = cms.get(reverse("wagtailadmin_home")).content.decode()
    assert edit in home.partition("failed-pictures")[2]
    for name in ("wagtailimages:index", "wagtailimages_chooser:choose"):
        assert cms.get(reverse(name)).status_code == 200
    assert cms.get(edit).status_code == 200
    cms.post(edit, {"title": "Robot", "collection": 1, "file": upload(taken(), "robot.jpg")})
    assert "failed-pictures" not in cms.get(reverse("wagtailadmin_home")).content.decode()
    assert preparing.prepare_due(at) == 1 and preparing.prepare_due(at) == 0


def test_a_broken_picture_is_tried_later_and_later(db, turn):
    picture, at = made(), timezone.now() + timedelta(hours=1)  # a queue's worker reads the clock
    break_file(picture)
    for pause in (*preparing.PAUSES, preparing.PAUSES[-1]):
        assert turn(preparing.prepare_due, at) == 0
        tries = Picture.objects.get().tries
        turn(preparing.prepare_due, at + pause - timedelta(seconds=1))
        assert Picture.objects.get().tries == tries
        at += pause
    assert list(preparing.failed()) == [picture]


def test_a_run_that_was_stopped_goes_on_where_it_stopped(db, monkeypatch):
    made()
    asked, make = [], Picture.generate_rendition_file

    def stop_at_the_fourth(self, filter, **told):
        asked.append(filter.spec)
        if len(asked) == 4:
            raise KeyboardInterrupt
        return make(self, filter, **told)

    monkeypatch.setattr(Picture, "generate_rendition_file", stop_at_the_fourth)
    with pytest.raises(KeyboardInterrupt):
        preparing.prepare_due(timezone.now())
    assert preparing.prepare_due(timezone.now()) == 1
    assert asked == [*recipes.SPECS[:4], *recipes.SPECS[3:]]
    assert preparing.prepare_due(timezone.now()) == 0 and len(asked) == len(recipes.SPECS) + 1


@pytest.mark.parametrize("change", [{"focal_point_x": 5}, {"file": "original_images/other.jpg"}])
def test_what_changed_while_it_was_prepared_is_prepared_again(db, monkeypatch, change):
    picture = made()
    make = Picture.generate_rendition_file

    def change_it(self, filter, **told):
        Picture.objects.update(**change)
        return make(self, filter, **told)

    monkeypatch.setattr(Picture, "generate_rendition_file", change_it)
    assert preparing.prepare(picture.pk, timezone.now()) is False
    assert Picture.objects.get().recipe == ""


def test_another_focus_or_another_recipe_is_prepared_again(db, logged_in, editor, site_tree, turn):
    grant_roles()
    picture, at = made(), timezone.now()
    assert turn(preparing.prepare_due, at) == 1
    url = reverse("wagtailimages:edit", args=[picture.pk])
    focus = {f"focal_point_{part}": 50 for part in ("x", "y", "width", "height")}
    logged_in(editor).post(url, {"title": "Robot", "collection": 1} | focus)
    assert turn(preparing.prepare_due, at) == 1
    Picture.objects.update(recipe="another")
    assert turn(preparing.prepare_due, at) == 1


def test_one_run_ends_after_some_seconds(db, monkeypatch):
    made((40, 40)), made((40, 40))
    seconds = iter((0, 0, preparing.PATIENCE + 1, 0))
    monkeypatch.setattr(preparing, "monotonic", lambda: next(seconds))
    assert preparing.prepare_due(timezone.now()) == 1


# ---- what was stored before


@pytest.fixture
def old(db, editor):
    """Return a picture and a portrait as they were stored before uploads were judged."""
    picture = made(focal_point_x=30, focal_point_y=20, focal_point_width=10, focal_point_height=10)
    Path(picture.file.path).write_bytes(taken())
    Picture.objects.update(is_clean=False, width=60, height=40, recipe=recipes.RECIPE)
    profile = UserProfile.get_for_user(editor)
    profile.avatar.save("me.jpg", ContentFile(taken()))
    return Picture.objects.get(), profile


def clean(*options) -> str:
    out = StringIO()
    call_command("clean_uploads", *options, stdout=out, stderr=out)
    return out.getvalue()


def test_renditions_of_an_old_picture_carry_nothing_even_before_it_is_cleaned(old):
    rendition = old[0].get_rendition(recipes.STAND_IN)
    with rendition.open_file() as file:
        assert photos.luggage(file) == [] and Image.open(file).size == (40, 60)


def test_the_command_says_what_it_would_do_and_does_it_once(old, django_capture_on_commit_callbacks):
    picture, profile = old
    picture.get_rendition("original")
    files = [Path(picture.file.path), Path(profile.avatar.path)]
    before = [path.read_bytes() for path in files]
    said = clean()
    assert f"picture {picture.pk}" in said and f"portrait {profile.pk}" in said and said.count("GPS") == 2
    assert "2 to be cleaned" in said and "Nothing was touched" in said
    assert [path.read_bytes() for path in files] == before and not Picture.objects.get().is_clean
    with django_capture_on_commit_callbacks(execute=True):
        assert "2 cleaned" in clean("--apply")
    picture, profile = Picture.objects.get(), UserProfile.objects.get(pk=profile.pk)
    for field in (picture.file, profile.avatar):
        with field.open("rb") as file:
            assert photos.luggage(file) == [] and SECRET.encode() not in Path(file.path).read_bytes()
    assert not any(path.exists() for path in files)
    assert (picture.width, picture.height, picture.recipe) == (40, 60, "")
    assert picture.get_focal_point() is None and not picture.renditions.exists()
    assert "0 cleaned" in clean("--apply")


def test_a_smaller_picture_keeps_its_focus(db, django_capture_on_commit_callbacks):
    picture = made((40, 40), focal_point_x=2000, focal_point_y=1000, **FOCUS)
    Path(picture.file.path).write_bytes(saved(Image.new("RGB", (6000, 5000)), "JPEG"))
    Picture.objects.update(is_clean=False, width=6000, height=5000)
    with django_capture_on_commit_callbacks(execute=True):
        clean("--apply")
    picture = Picture.objects.get()
    share = picture.width / 6000
    assert (picture.focal_point_x, picture.focal_point_y) == (round(2000 * share), round(1000 * share))


def test_what_cannot_be_read_delays_no_other_and_is_said(db):
    broken, gone, well = made((40, 40)), made((40, 40)), made((40, 40))
    break_file(broken)
    Path(gone.file.path).unlink()
    Picture.objects.update(is_clean=False)
    said = clean("--apply")
    assert "1 cleaned" in said and "2 cannot be read" in said
    assert [picture.pk for picture in Picture.objects.filter(is_clean=True)] == [well.pk]


def test_old_documents_that_would_be_refused_are_named_and_kept(db):
    Document.objects.create(title="Good", file=ContentFile(pdf(), name="good.pdf"))
    bad = Document.objects.create(title="Bad", file=ContentFile(b"<html>", name="bad.pdf"))
    said = clean("--apply")
    assert f"document {bad.pk}: disguised" in said and "1 documents to look at" in said
    assert Document.objects.count() == 2


def test_the_upload_of_an_editor_is_prepared_by_the_next_turn_of_the_clock(site_tree, logged_in, editor):
    grant_roles()
    by_form(logged_in(editor), upload(taken(), "robot.jpg"))
    call_command("tick")
    assert specs(Picture.objects.get()) >= set(recipes.SPECS)
