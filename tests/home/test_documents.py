"""Documents of the CMS: what the bytes say counts, not the name; each is a download."""

import zipfile
from io import BytesIO

import pypdf
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.urls import reverse
from wagtail.documents.models import Document
from wagtail.models import UploadedFile

from home.files import documents
from tests.factories import grant_roles
from tests.photos import DOORS, by_form, pdf, refused, upload

PAGE = b"<!doctype html><html><script>alert(1)</script></html>"


@pytest.fixture
def writer(site_tree, logged_in, editor):
    grant_roles()
    return logged_in(editor)


def archive() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a.txt", "a")
    return out.getvalue()


def rewritten(**told) -> bytes:
    """The same PDF by another program; `incremental` appends to the first one."""
    writer, out = pypdf.PdfWriter(BytesIO(pdf()), **told), BytesIO()
    writer.add_metadata({"/Title": "Robot"})
    writer.write(out)
    return out.getvalue()


GOOD = {
    "fpdf2": pdf(),
    "pypdf": rewritten(),
    "incremental": rewritten(incremental=True),
    "with lines after its end": pdf() + b"\r\n\r\n",
}
BAD = {
    "a page of the web": (PAGE, "a.pdf"),
    "a page that begins as a PDF": (b"%PDF-1.4\n" + PAGE, "a.pdf"),
    "a page in a PDF's first comment": (pdf().replace(b"\n", b"\n%" + PAGE + b"\n", 1), "a.pdf"),
    "a PDF behind a page": (PAGE + pdf(), "a.pdf"),
    "a PDF and an archive": (pdf() + archive(), "a.pdf"),
    "an archive": (archive(), "a.pdf"),
    "half a PDF": (pdf()[: len(pdf()) // 2], "a.pdf"),
    "a PDF whose table is elsewhere": (pdf().replace(b"startxref\n", b"startxref\n9"), "a.pdf"),
    "one line": (b"%PDF-1.4", "a.pdf"),
    "a page named as one": (PAGE, "a.html"),
    "a PDF named otherwise": (pdf(), "a.html"),
    "a PDF without an ending": (pdf(), "a"),
    "a drawing": (b"<svg/>", "a.svg"),
    "larger than 25 MB": (pdf() + bytes(documents.MOST_BYTES), "a.pdf"),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", BAD)
def test_what_is_no_pdf_is_refused_with_a_sentence(writer, name, door):
    assert refused(DOORS[door](writer, upload(*BAD[name]), "docs"))
    assert not Document.objects.exists() and not UploadedFile.objects.exists()


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", GOOD)
def test_a_pdf_is_stored_as_it_is(writer, name, door):
    DOORS[door](writer, upload(GOOD[name], "Programme.PDF"), "docs")
    with Document.objects.get().open_file() as file:
        assert file.read() == GOOD[name]


def test_another_file_for_a_document_is_judged_and_the_old_one_stays(writer):
    by_form(writer, upload(pdf(), "a.pdf"), "docs")
    document = Document.objects.get()
    url = reverse("wagtaildocs:edit", args=[document.pk])
    assert refused(writer.post(url, {"title": "Robot", "collection": 1, "file": upload(PAGE, "b.pdf")}))
    with Document.objects.get().open_file() as file:
        assert file.read() == pdf()


@pytest.mark.parametrize("data", [pdf(), PAGE], ids=["as today", "as stored before"])
def test_a_document_is_a_download_and_is_taken_for_nothing_else(client, db, data):
    document = Document.objects.create(title="Robot", file=ContentFile(data, name="robot.pdf"))
    assert client.get(document.file.url).status_code == 404
    answer = client.get(document.url)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'"
    assert b"".join(answer) == data


def test_the_kinds_and_limits_that_scripts_say_are_the_judges():
    assert set(settings.WAGTAILDOCS_EXTENSIONS) == set(documents.KINDS)
    assert settings.WAGTAILDOCS_MAX_UPLOAD_SIZE == documents.MOST_BYTES
