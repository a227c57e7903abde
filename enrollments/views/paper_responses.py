"""A PDF as a response, and the name under which a file is kept by who downloads it."""

from urllib.parse import quote

from django.http import HttpResponse

from enrollments.portfolio.pieces import plain


def disposition(kind: str, name: str, shown: str = "") -> str:
    """Return a Content-Disposition: `kind` is inline or attachment, `name` is of ASCII letters, `shown` what
    the reader calls it, without extension (RFC 6266, RFC 5987).

    Names hold a first name at most: downloads lie about on shared computers.
    """
    extension = name.rpartition(".")[2]
    words = plain(shown)
    own = f"; filename*=UTF-8''{quote(f'{words}.{extension}', safe='')}" if words else ""
    return f'{kind}; filename="{name}"{own}'


def file_response(body: bytes, name: str, shown: str = "") -> HttpResponse:
    """Return a PDF to read in the browser; for the names see disposition()."""
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = disposition("inline", name, shown)
    return response
