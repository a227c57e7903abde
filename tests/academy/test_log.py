"""What the log tells of a refused request: never the secret in its address."""

import io
import logging
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern

from academy.log import SECRET_ADDRESSES, LineFormatter, without_secret
from enrollments.urls import links

TOKEN = "zersecret-123:abc"


@pytest.fixture
def written():
    """The console's own handler, with the filters and the format of the settings, writing to memory."""
    [handler] = [one for one in logging.root.handlers if isinstance(one.formatter, LineFormatter)]
    text = io.StringIO()
    before = handler.setStream(text)
    yield text
    handler.setStream(before)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", [*(f"/fr/{one}/" for one in SECRET_ADDRESSES if one != "calendar"), "/survey/", "/calendar/"]
)
def test_a_refused_request_tells_its_address_without_the_secret(client, written, caplog, address):
    client.get(f"{address}{TOKEN}.ics" if "calendar" in address else f"{address}{TOKEN}/")
    client.get(f"{address}{TOKEN} ABCD zerrest/more/")
    for said in (written.getvalue(), caplog.text):
        assert f"{address}…" in said and "Not Found" in said
        assert TOKEN not in said and "zerrest" not in said


@pytest.mark.django_db
def test_a_refused_form_tells_neither_its_address_nor_the_page_it_came_from(written):
    client, there = Client(enforce_csrf_checks=True), f"/fr/offers/{TOKEN}/"
    client.post(there, {"answer": "yes"})
    client.post("/theme/", secure=True, HTTP_REFERER=f"https://testserver{there}")
    client.post("/theme/", secure=True, HTTP_REFERER=f"https://elsewhere.example{there}")
    said = written.getvalue()
    assert said.count("django.security.csrf Forbidden") == 3
    assert "): /fr/offers/…" in said and "https://elsewhere.example/fr/offers/…" in said
    assert TOKEN not in said


def test_other_lines_stay_whole(written):
    logging.getLogger("django.request").warning("Not Found: %s", "/fr/robots-for-all/")
    logging.getLogger("django.request").error("%(path)s", {"path": 5})
    logging.getLogger("academy").warning("sent to /fr/team/ in time")
    assert without_secret("/fr/family/rooms/12/") == "/fr/family/rooms/12/"
    for whole in ("/fr/robots-for-all/", "django.request 5", "/fr/team/ in time"):
        assert whole in written.getvalue()


def test_every_link_is_among_them_and_the_web_server_leaves_them_out():
    secret = {
        str(one.pattern).partition("/")[0]
        for one in links.urlpatterns
        if isinstance(one, URLPattern) and {"token", "code"} & set(one.pattern.converters)
    } - {"policies"}  # its code is a policy's name, which everybody reads
    assert secret | {"calendar"} == set(SECRET_ADDRESSES)
    said = (Path(settings.BASE_DIR) / "academy/deploy/nginx.conf").read_text()
    [left_out] = re.findall(r'"~\*\^\(/\[a-z\]\[a-z\]\)\?/\(([a-z|]+)\)/" 0;', said)
    assert left_out.split("|") == list(SECRET_ADDRESSES)
    assert said.count("server {") == said.count("without_referrer if=$is_logged;") == 2
    assert said.count("{") == said.count("}")
