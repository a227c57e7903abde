"""Files in buckets, on a server of S3's API: handed out by views, never by an address of the bucket."""

import io
import os
import signal
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from wagtail.documents import get_document_model

from academy import env
from enrollments.models import DataCopy
from enrollments.portfolio import contents
from enrollments.privacy import copy_files, data_export
from home.files import reach
from home.models import Picture
from tests.factories import PASSWORD
from tests.machines.programs import KEYS, file_server, free_port
from tests.machines.programs import client as bucket_client
from tests.photos import taken
from tests.works import made_by, photographed, scratch, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for the module, with two empty buckets."""
    with file_server(tmp_path_factory.mktemp("files"), "media", "private") as address:
        yield address


@pytest.fixture
def buckets(server, settings, monkeypatch, tmp_path):
    """Let the settings name the two buckets as production's variables do; empty them afterwards."""
    with _named(server, settings, monkeypatch, tmp_path):
        yield bucket_client(server)
    for bucket in ("media", "private"):
        for key in keys(bucket_client(server), bucket):
            bucket_client(server).delete_object(Bucket=bucket, Key=key)


def _named(address, settings, monkeypatch, tmp_path):
    variables = {"MEDIA_BUCKET": "media", "PRIVATE_BUCKET": "private"}
    variables |= {f"{name}_ENDPOINT": address for name in variables}
    for name, value in (variables | KEYS).items():
        monkeypatch.setenv(name, value)
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(reach, "_found", {})
    return override_settings(STORAGES=settings.STORAGES | env.file_storages())


def keys(client, bucket: str) -> list[str]:
    return sorted(one["Key"] for one in client.list_objects_v2(Bucket=bucket).get("Contents", []))


def test_a_picture_is_stored_once_and_handed_out_by_the_site(buckets, client, tmp_path):
    first, second = (
        Picture.objects.create(title="Robot", file=ContentFile(taken(), name="robot.jpg")) for _twice in "ab"
    )
    assert first.file.name != second.file.name, "also when two nodes store at the same moment"
    assert first.file.name.startswith("original_images/robot_")
    rendition = first.get_rendition("width-80")
    assert rendition.url.startswith("/media/images/robot_")
    assert len(keys(buckets, "media")) == 3 and not (tmp_path / "media").exists()
    answer = client.get(rendition.url)
    body = answer.getvalue()
    with default_storage.open(rendition.file.name) as file:
        assert answer.status_code == 200 and body == file.read()
    assert answer["Content-Type"] == "image/jpeg" and answer["Cache-Control"] == "public, max-age=3600"
    assert int(answer["Content-Length"]) == len(body) > 100
    again = client.get(rendition.url, headers={"If-Modified-Since": answer["Last-Modified"]})
    assert (again.status_code, again.content) == (304, b"")
    for hidden in (
        f"/media/{first.file.name}",
        f"/media/images/../{first.file.name}",
        "/media/images/nothing.jpg",
        rendition.url + "/",
        rendition.url + "%00",
    ):
        assert client.get(hidden).status_code == 404, hidden
    first.delete()
    second.delete()


def test_a_document_is_streamed_by_the_view_that_asks(buckets, client, superuser, logged_in):
    stored = get_document_model().objects.create(
        title="Charter", file=ContentFile(b"%PDF-1.7\n" + b"x" * 3_000_000 + b"\n%%EOF", name="charter.pdf")
    )
    assert keys(buckets, "media") == [stored.file.name]
    answer = client.get(stored.url)
    assert answer.status_code == 200 and "Location" not in answer
    assert len(b"".join(answer.streaming_content)) == 3_000_015
    assert answer["Content-Disposition"].startswith("attachment")


def test_childrens_work_is_in_the_private_bucket_and_has_no_address(buckets, logged_in, parent, child):
    project = made_by(child, parent, sent(), sent("b.sb3", scratch()), photographed())
    names = keys(buckets, "private")
    assert len(names) == 4 and all(name.startswith("work/") for name in names)
    with pytest.raises(ValueError, match="no address"):
        contents.storage().url(names[0])
    page = logged_in(parent).get(reverse("project", args=[project.pk])).content.decode()
    assert "Signature" not in page and "127.0.0.1" not in page
    for file in project.files.all():
        answer = logged_in(parent).get(reverse("project_file", args=[project.pk, file.pk]))
        assert answer.status_code == 200 and answer.streaming and len(answer.getvalue()) > 10
        assert answer["Cache-Control"] == "no-store" and "Location" not in answer
    gone = project.files.first()
    contents.storage().delete(gone.stored_as)
    assert logged_in(parent).get(reverse("project_file", args=[project.pk, gone.pk])).status_code == 404
    assert contents.sweep("work", set(), timezone.now()) == 0, "a day old, at least"
    assert contents.sweep("work", set(), timezone.now() + contents.LEFT_FOR * 2) == 3
    assert contents.sweep("nothing", set(), timezone.now()) == 0


def test_any_node_hands_out_a_copy_that_one_has_made(
    buckets, logged_in, parent, child, settings, tmp_path, django_capture_on_commit_callbacks
):
    made_by(child, parent, sent("robot.py"))
    with django_capture_on_commit_callbacks(execute=True):
        older = data_export.make(parent, at=timezone.now())
        copy = data_export.make(parent, at=timezone.now())
    assert keys(buckets, "private")[:1] == [f"copies/{copy.name}.zip"] and older.name != copy.name
    assert list((tmp_path / "copies").iterdir()) == [], "nothing stays where it was written"
    settings.DATA_DIR = tmp_path / "of another node"
    client = logged_in(parent)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    answer = client.get(reverse("privacy_download", args=[copy.name]))
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as packed:
        assert any(name.endswith("robot.py") for name in packed.namelist())
    copy_files.storage().save("crashed.zip", ContentFile(b"half"))
    assert data_export.sweep(timezone.now()) == 0
    assert data_export.sweep(timezone.now() + data_export.LASTS * 2) == 1
    data_export.put_away_all([parent])
    assert not DataCopy.objects.exists() and not [k for k in keys(buckets, "private") if "copies" in k]
    assert client.get(reverse("privacy_download", args=[copy.name])).status_code == 404


def test_a_server_that_is_away_or_hangs_is_an_error_that_says_so(
    buckets, server, client, settings, monkeypatch, tmp_path, caplog
):
    assert reach.state() == "ok"
    default_storage.save("images/a.jpg", ContentFile(b"a"))
    monkeypatch.setattr(reach, "_found", {})
    os.kill(file_server.process.pid, signal.SIGSTOP)
    try:
        assert reach.state() == "away"
    finally:
        os.kill(file_server.process.pid, signal.SIGCONT)
    assert reach.state() == "away", "asked every five seconds at most"
    monkeypatch.setattr(reach, "_found", {})
    assert reach.state() == "ok" and "the bucket of default is away: ReadTimeoutError" in caplog.text
    with _named(f"http://127.0.0.1:{free_port()}", settings, monkeypatch, tmp_path):
        for call in (
            lambda: default_storage.save("images/b.jpg", ContentFile(b"b")),
            lambda: default_storage.open("images/a.jpg"),
            lambda: default_storage.exists("images/a.jpg"),
            lambda: default_storage.size("images/a.jpg"),
            lambda: default_storage.listdir("images"),
            lambda: default_storage.delete("images/a.jpg"),
            lambda: storages["private"].get_modified_time("work/a"),
        ):
            with pytest.raises(reach.Away):
                call()
        assert client.get("/readyz").json()["files"] == "away"


def test_without_buckets_nothing_is_asked(client):
    assert reach.state() is None and "files" not in client.get("/readyz").json()
