"""Pictures of the pages, on one machine and from a bucket.

In production, the web server hands out those of a folder itself (academy/deploy/nginx.conf).
"""

import mimetypes

from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, HttpResponseNotModified
from django.utils.http import http_date
from django.views.decorators.http import require_safe
from django.views.static import was_modified_since

FRESH = 3600  # seconds that browsers and the web server keep a picture


@require_safe
def media(request: HttpRequest, path: str, folder: str) -> HttpResponseBase:
    """Return the file of one of the folders that have addresses (academy.urls.PUBLIC_MEDIA)."""
    name = f"{folder}/{path}"
    if ".." in path.split("/") or "\x00" in path:
        raise Http404
    try:
        changed = default_storage.get_modified_time(name).timestamp()
        if not was_modified_since(request.headers.get("If-Modified-Since"), changed):
            return HttpResponseNotModified(headers={"Cache-Control": f"public, max-age={FRESH}"})
        file = default_storage.open(name)
    except (FileNotFoundError, IsADirectoryError, SuspiciousOperation):
        raise Http404 from None
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    response = FileResponse(file, content_type=kind)
    response["Last-Modified"] = http_date(changed)
    response["Cache-Control"] = f"public, max-age={FRESH}"
    return response
