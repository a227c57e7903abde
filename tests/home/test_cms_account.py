"""The account page of the CMS: it can be saved, and a portrait is judged as any photo is."""

from io import BytesIO

import pytest
from django.urls import reverse
from PIL import Image
from wagtail.users.models import UserProfile

from home.files import photos
from tests.factories import grant_roles
from tests.photos import ENDINGS, SECRET, lying, refused, saved, taken, upload

URL = "/cms/account/"


@pytest.fixture
def writer(site_tree, logged_in, editor):
    grant_roles()
    return logged_in(editor)


def data(**changes):
    return {
        "locale-preferred_language": "",
        "theme-theme": "dark",
        "theme-contrast": "system",
        "theme-density": "default",
    } | changes


def test_the_page_is_saved_and_asks_for_no_name(writer, editor):
    assert reverse("wagtailadmin_account") == URL
    page = writer.get(URL).content.decode()
    assert "first_name" not in page and "last_name" not in page and reverse("account_details") in page
    answer = writer.post(URL, data(**{"locale-preferred_language": "ar"}))
    assert (answer.status_code, answer.url) == (302, URL)
    profile = UserProfile.objects.get(user=editor)
    assert (profile.theme, profile.preferred_language) == ("dark", "ar")
    assert 'dir="rtl"' in writer.get(URL).content.decode()


@pytest.mark.parametrize("kind", ENDINGS)
def test_a_portrait_is_pixels_only_and_small(writer, editor, kind):
    file = upload(taken(kind, (1200, 800)), f"me.{ENDINGS[kind]}")
    assert writer.post(URL, data(**{"avatar-avatar": file})).status_code == 302
    avatar = UserProfile.objects.get(user=editor).avatar
    with avatar.open("rb") as stored:
        assert photos.luggage(stored) == [] and Image.open(stored).size == (266, 400)
        stored.seek(0)
        assert SECRET.encode() not in stored.read()
    assert Image.open(BytesIO(writer.get(avatar.url).getvalue())).size == (266, 400)
    assert writer.post(URL, data()).status_code == 302
    assert UserProfile.objects.get(user=editor).avatar == avatar
    writer.post(URL, data(**{"avatar-avatar-clear": "on"}))
    assert not UserProfile.objects.get(user=editor).avatar and not avatar.storage.exists(avatar.name)


@pytest.mark.parametrize("cut", [300, -400], ids=["only its start", "nearly all"])
def test_a_truncated_portrait_is_refused_with_a_sentence(writer, editor, cut):
    file = upload(saved(lying((600, 600)), "JPEG")[:cut], "me.jpg")
    assert refused(writer.post(URL, data(**{"avatar-avatar": file})))
    assert not UserProfile.get_for_user(editor).avatar


def test_whoever_may_not_enter_the_cms_has_no_page_there(logged_in, parent, client):
    assert logged_in(parent).get(URL).status_code == 404 and client.get(URL).status_code in {302, 404}
