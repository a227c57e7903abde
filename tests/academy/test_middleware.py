"""Middleware: visitor cache, headers, staff access control, language redirect, error pages."""

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from academy import views
from academy.middleware import SITE_POLICY
from academy.wsgi import application
from home.files.reach import Away
from tests.lost_connections import ABORTED, OUT_OF_STEP

LOGIN = "/fr/account/login/"


# ---- the first page


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("ar-MA,ar;q=0.9,fr;q=0.8", "ar"),
        ("en-GB,en;q=0.9", "en"),
        ("fr", "fr"),
        ("de-DE,de", "fr"),
        ("de,ar;q=0.5", "ar"),
        ("", "fr"),
        ("*;q=x,,;;", "fr"),
    ],
)
def test_the_first_page_follows_the_browsers_wish(client, wish, language):
    response = client.get("/", headers={"accept-language": wish})
    assert (response.status_code, response["Location"], response["Vary"]) == (
        302,
        f"/{language}/",
        "Accept-Language",
    )


# ---- headers


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/fr/", LOGIN, "/fr/nowhere/", "/static/academy/img/favicon.svg"])
def test_head_has_the_headers_of_get_and_no_body(site_tree, settings, path):
    """Asked of the application as a server asks it: Django's client would take the body away itself."""
    settings.VISITOR_CACHE_SECONDS = 60
    caches["pages"].clear()
    answers = {}
    for method in ("HEAD", "GET"):
        request = RequestFactory().generic(method, path).environ
        told = []
        answer = application(request, lambda status, headers, told=told: told.extend([status, dict(headers)]))
        answers[method] = (told[0], told[1].get("Content-Length"), b"".join(answer))
        answer.close()
    (status, length, body), (same, as_long, whole) = answers["HEAD"], answers["GET"]
    assert (status, length, body) == (same, as_long, b"")
    assert len(whole) > 100 and int(as_long or len(whole)) == len(whole), (
        "HEAD kept nothing empty for visitors"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/", "/fr/", LOGIN, "/fr/nowhere/", "/healthz", "/robots.txt", "/manifest-ar.webmanifest"]
)
def test_every_answer_of_the_site_carries_the_strict_policy(site_tree, client, path):
    response = client.get(path)
    policy = response["Content-Security-Policy"]
    assert policy == SITE_POLICY
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy and "manifest-src 'self'" in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]


def test_the_cms_has_a_looser_policy_that_still_runs_no_strings(logged_in, editor):
    response = logged_in(editor).get("/cms/")
    assert response.status_code == 200
    assert (
        "'unsafe-inline'" in response["Content-Security-Policy"]
        and "unsafe-eval" not in response["Content-Security-Policy"]
    )
    assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "SAMEORIGIN"


def test_private_rooms_are_not_stored_nor_indexed(logged_in, parent):
    response = logged_in(parent).get("/fr/family/")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"


def test_the_theme_is_kept_in_a_cookie_and_leads_back_to_our_own_pages_only(client):
    response = client.get("/theme/", {"theme": "dark", "next": "/ar/cours/"})
    assert (response["Location"], response.cookies["theme"].value) == ("/ar/cours/", "dark")
    for elsewhere in ("https://example.com/", "//example.com/", "javascript:alert(1)", "/\\example.com"):
        assert client.get("/theme/", {"theme": "dark", "next": elsewhere})["Location"] == "/"
    assert not client.get("/theme/", {"theme": "neon"}).cookies


# ---- the staff door


def test_a_visitor_at_the_cms_is_led_to_the_one_login(site_tree, client):
    for path, back in {
        "/cms/": "/cms/",
        "/cms/pages/": "/cms/pages/",
        "/cms/login/": "/cms/",
        "/cms/password_reset/": "/cms/",
    }.items():
        response = client.get(path)
        assert response.status_code == 302
        where, asked = response["Location"].split("?")
        assert where.endswith("/account/login/") and asked == f"next={back}"


def test_the_cms_does_not_take_a_password_itself(site_tree, client, editor):
    from tests.factories import PASSWORD

    client.post("/cms/login/", {"username": editor.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("who", ["parent", "instructor", "front_desk"])
def test_for_whoever_is_not_an_editor_the_cms_does_not_exist(request, site_tree, logged_in, who):
    client = logged_in(request.getfixturevalue(who))
    missing = client.get("/fr/nowhere/")
    for path in ("/cms/", "/cms/pages/", "/cms/login/", "/cms/users/", "/cms/nowhere/"):
        response = client.get(path)
        assert response.status_code == 404, path
    assert client.get("/cms/").content == client.get("/cms/nowhere/").content.replace(b"nowhere/", b"")
    assert missing.status_code == 404


@pytest.mark.parametrize("who", ["editor", "manager", "superuser"])
def test_accounts_and_passwords_are_not_worked_with_in_the_cms(request, site_tree, logged_in, who):
    client = logged_in(request.getfixturevalue(who))
    assert client.get("/cms/").status_code == 200
    for path in ("/cms/users/", "/cms/users/1/", "/cms/login/", "/cms/password_reset/"):
        assert client.get(path).status_code == 404, path


def test_leaving_the_cms_goes_through_the_one_logout(logged_in, editor):
    response = logged_in(editor).get("/cms/logout/")
    assert response["Location"] == reverse("account_logout")


def test_in_production_the_cms_asks_for_a_second_factor_of_this_login(client, editor, settings):
    from allauth.mfa.totp.internal import auth as totp

    from tests.factories import PASSWORD

    settings.DEMO = settings.TESTING = False
    client.post(LOGIN, {"login": editor.email, "password": PASSWORD})
    assert client.get("/cms/")["Location"] == reverse("mfa_index")
    client.logout()
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(editor, secret)
    asked = client.post(LOGIN, {"login": editor.email, "password": PASSWORD})
    assert asked["Location"].startswith(reverse("mfa_authenticate"))
    assert client.get("/cms/")["Location"].startswith(LOGIN)
    code = totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert client.get("/cms/").status_code == 200


# ---- where one lands after a login


@pytest.mark.parametrize(
    ("who", "room"),
    [
        ("parent", "/family/"),
        ("instructor", "/desk/"),
        ("front_desk", "/office/"),
        ("manager", "/office/"),
        ("editor", "/cms/"),
    ],
)
def test_each_lands_in_their_own_room(request, site_tree, logged_in, who, room):
    response = logged_in(request.getfixturevalue(who)).get(reverse("welcome"))
    assert response["Location"].endswith(room)


# ---- faults


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "direction"), [("fr", "ltr"), ("ar", "rtl"), ("en", "ltr")])
def test_a_missing_page_says_so_in_the_language_of_its_address(site_tree, client, language, direction):
    response = client.get(f"/{language}/nulle-part/")
    assert response.status_code == 404
    assert f'<html lang="{language}" dir="{direction}"' in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["showcase/a%00b/", "showcase/a%00b/small/", "showcase/a%00b/remove/"])
def test_an_address_with_a_nul_is_missing_and_nothing_is_looked_up(site_tree, client, path):
    with CaptureQueriesContext(connection) as asked:
        response = client.get(f"/fr/{path}")
    assert response.status_code == 404
    assert '<html lang="fr"' in response.content.decode()
    assert [query["sql"] for query in asked if "showcasestory" in query["sql"]] == []


@pytest.mark.fault
def test_a_fault_is_told_in_three_languages_without_a_database(rf):
    response = views.fault(rf.get("/fr/"))
    body = response.content.decode()
    assert response.status_code == 500
    for language, direction in (("fr", None), ("ar", "rtl"), ("en", None)):
        assert f'lang="{language}"' in body
        assert direction is None or f'dir="{direction}"' in body


@pytest.mark.fault
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("away", "status"),
    [
        (OperationalError("the connection is closed"), 503),
        (InterfaceError("connection already closed"), 503),
        (Away("ReadTimeoutError"), 503),
        (OUT_OF_STEP, 503),
        (ABORTED, 500),
        (ProgrammingError("no such column"), 500),
        (OSError("No space left on device"), 500),
    ],
)
def test_a_server_behind_the_site_that_is_away_is_a_calm_page_with_what_was_typed(
    site_tree, client, monkeypatch, away, status
):
    def broken(*args, **more):
        raise away

    client.raise_request_exception = False
    monkeypatch.setattr("home.contact.views.get_language", broken)
    typed = {"name": "Salwa <b>", "message": "Bonjour"}
    answer = client.post("/fr/contact-form/", typed, headers={"Origin": "http://testserver"})
    body = answer.content.decode()
    assert answer.status_code == status
    assert (answer.get("Retry-After") == "5") == (status == 503)
    assert ('value="Salwa &lt;b&gt;"' in body) == ("csrfmiddlewaretoken" in body) == (status == 503)
    assert ("Le site redémarre" in body and "The site is restarting" in body) == (status == 503)
    elsewhere = client.post("/fr/contact-form/", typed, headers={"Origin": "https://elsewhere.example"})
    assert elsewhere.status_code == status and "Bonjour" not in elsewhere.content.decode()
    monkeypatch.setattr("academy.views.get_language_from_request", broken)
    assert client.get("/?q=1").status_code == status
    assert ('href="/?q=1"' in client.get("/?q=1").content.decode()) == (status == 503)


@pytest.mark.fault
@pytest.mark.django_db
@pytest.mark.parametrize("away", [OperationalError(), InterfaceError(), OUT_OF_STEP])
def test_a_database_that_goes_away_before_the_session_is_saved_is_a_calm_page(parent, client, away):
    def gone(execute, sql, *arguments):
        if sql.startswith('UPDATE "django_session"'):
            raise away
        return execute(sql, *arguments)

    client.force_login(parent)
    client.raise_request_exception = False
    typed = {"name": "Salwa", "phone": "+212600000001", "language": "fr"}
    with connection.execute_wrapper(gone):
        answer = client.post("/fr/account/details/", typed)  # its "Corrected." waits in the session
    assert answer.status_code == 503 and answer["Retry-After"] == "5"
    assert "Le site redémarre" in answer.content.decode()
    assert client.post("/fr/account/details/", typed).status_code == 302


@pytest.mark.django_db
def test_who_signs_out_in_another_tab_while_a_form_is_saved_is_led_to_sign_in(parent, client):
    def signed_out_first(execute, sql, *arguments):
        if sql.startswith('UPDATE "django_session"'):
            Session.objects.all().delete()
        return execute(sql, *arguments)

    client.force_login(parent)
    typed = {"name": "Salwa", "phone": "+212600000001", "language": "fr"}
    with connection.execute_wrapper(signed_out_first):
        answer = client.post("/fr/account/details/", typed)
    assert (answer.status_code, answer["Location"]) == (302, f"{LOGIN}?next=/fr/welcome/")
    parent.refresh_from_db()
    assert parent.name == "Salwa"


@pytest.mark.django_db
def test_a_form_that_cannot_be_read_is_told_in_three_languages(site_tree, client, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    answer = client.post("/fr/contact-form/", {f"field{number}": "x" for number in range(9)})
    body = answer.content.decode()
    assert answer.status_code == 400
    assert "Cette demande est illisible." in body and "This request cannot be read." in body
    assert 'lang="ar" dir="rtl"' in body


@pytest.mark.django_db
def test_a_fault_of_a_view_shows_that_page(site_tree, client, monkeypatch):
    def broken(request):
        raise RuntimeError

    client.raise_request_exception = False
    monkeypatch.setattr("home.models.HomePage.serve", lambda self, request, *args, **kwargs: broken(request))
    response = client.get("/fr/")
    assert response.status_code == 500
    assert response["Content-Security-Policy"] == SITE_POLICY


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_manifest_opens_everybodys_own_room(client, logged_in, parent, instructor, language):
    manifest = client.get(f"/manifest-{language}.webmanifest").json()
    assert (manifest["lang"], manifest["start_url"]) == (language, f"/{language}/welcome/")
    for person, room in ((parent, "family"), (instructor, "desk")):
        assert logged_in(person).get(manifest["start_url"]).url == f"/{language}/{room}/"


def test_robots_are_kept_out_of_the_rooms(client):
    lines = client.get("/robots.txt").content.decode().splitlines()
    for line in ("Disallow: /fr/family/", "Disallow: /ar/office/", "Disallow: /cms/"):
        assert line in lines
    assert any(line.startswith("Sitemap: ") and line.endswith("/sitemap.xml") for line in lines)
