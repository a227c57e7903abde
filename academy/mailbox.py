"""Demo email backend: write emails to a folder and show them at /mailbox/ on the local machine."""

import email
import email.policy
import re
import time
import uuid
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.http import Http404
from django.shortcuts import render

from enrollments.views.paging import page_of


class Folder(BaseEmailBackend):
    """Write each email as one .eml file, named so that the newest is last, and one line to the console
    without its content.
    """

    def send_messages(self, messages):
        folder = Path(settings.LETTERS_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        for message in messages:
            path = folder / f"{time.time_ns()}-{uuid.uuid4().hex[:8]}.eml"
            path.write_bytes(message.message().as_bytes())
            print(
                f"One letter more: {settings.SITE_URL}/mailbox/", flush=True
            )  # no name or address: console output may be stored
        return len(messages)


def _read(path: Path) -> dict:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain", "html"))
    return {
        "name": path.stem,
        "subject": message["subject"],
        "to": message["to"],
        "date": message["date"],
        "text": body.get_content() if body else "",
    }


def mailbox(request):
    """Show the emails, the newest first, fifty a page. Returns 404 outside the demo."""
    if not settings.DEMO:
        raise Http404
    folder = Path(settings.LETTERS_DIR)
    page = page_of(sorted(folder.glob("*.eml"), reverse=True) if folder.exists() else [], request)
    context = {"page_obj": page, "letters": [_read(path) for path in page.object_list]}
    return render(request, "academy/mailbox.html", context)


def letter(request, name):
    """Show one email as it was sent."""
    if not settings.DEMO or not re.fullmatch(r"[0-9a-f-]{1,80}", name):
        raise Http404
    path = Path(settings.LETTERS_DIR) / f"{name}.eml"
    if not path.exists():
        raise Http404
    return render(request, "academy/letter.html", {"letter": _read(path)})
