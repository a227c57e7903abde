"""The demo mailbox."""

from pathlib import Path

import pytest
from django.core.mail import send_mail

pytestmark = pytest.mark.django_db


def test_the_mailbox_of_the_demonstration_shows_what_was_sent(
    academy_settings, client, settings, tmp_path, capsys
):
    settings.LETTERS_DIR, settings.EMAIL_BACKEND = tmp_path, "academy.mailbox.Folder"
    send_mail("Votre code", "123456", "academy@example.org", ["parent@example.org"])
    said = capsys.readouterr().out
    assert "/mailbox/" in said and "parent@example.org" not in said and "code" not in said, (
        "consoles are kept: no address, no subject"
    )
    assert "Votre code" in client.get("/mailbox/").content.decode()
    name = next(Path(tmp_path).glob("*.eml")).stem
    assert "123456" in client.get(f"/mailbox/{name}/").content.decode()
    for missing in ("/mailbox/secret_key/", "/mailbox/0-0/"):
        assert client.get(missing, follow=True).status_code == 404


def test_the_mailbox_loses_no_email(academy_settings, client, settings, tmp_path):
    settings.LETTERS_DIR, settings.EMAIL_BACKEND = tmp_path, "academy.mailbox.Folder"
    assert client.get("/mailbox/", follow=True).status_code == 200, "empty"
    for number in range(1, 52):
        send_mail(f"Sujet {number:03}", "…", "academy@example.org", ["parent@example.org"])
    first = client.get("/mailbox/").content.decode()
    assert "Sujet 051" in first and "Sujet 002" in first and "Sujet 001" not in first
    second = client.get("/mailbox/?page=2").content.decode()
    assert "?page=2" in first and "Sujet 001" in second and "Sujet 002" not in second
    assert client.get("/mailbox/?page=3", follow=True).status_code == 404


def test_there_is_no_mailbox_outside_the_demonstration(academy_settings, client, settings):
    settings.DEMO = False
    assert client.get("/mailbox/", follow=True).status_code == 404
    assert client.get("/mailbox/0-0/", follow=True).status_code == 404
