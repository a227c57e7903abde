"""The log as JSON: an object a line, with a request's number, and neither paths nor queries nor persons."""

import json
import logging
import re
import smtplib
from io import StringIO
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from academy import faults, log, seen
from academy.models import User
from tests.academy.test_log import TOKEN
from tests.academy.test_settings import PRODUCTION, run

NAME, PHONE, EMAIL = "Salwa Amrani-Zerhouni", "+212 6 12 34 56 78", "salwa.amrani@example.org"
NUMBER = "0123456789abcdef0123456789abcdef"
PLANTED = (NAME, PHONE, EMAIL, "Amrani", "zerquery", TOKEN, "/fr/")


def breaks(request, name):
    """A view that fails, with a person in its variables and in each message of the chain."""
    note = f"{name} of {PHONE} faints"
    try:
        {}[note]
    except KeyError as fault:
        raise ValueError(f"{EMAIL}: {note}") from fault


def speaks(request, name):
    logging.getLogger("academy.test").warning("asked for %s at %s by %s", request.path, PHONE, EMAIL)
    return StreamingHttpResponse(later())


def later():
    logging.getLogger("academy.test").warning("streamed")
    yield b"x"


urlpatterns = [
    path("fr/breaks/<str:name>/", breaks, name="breaks"),
    path("fr/speaks/<str:name>/", speaks, name="speaks"),
]
handler500 = "tests.academy.test_log_json.fault"


def fault(request):
    return HttpResponse("x", status=500)


@pytest.fixture
def lines(caplog):
    """Return a function that gives what was written since, each line read as JSON; the handler of the
    settings writes it.
    """
    [handler] = [one for one in logging.root.handlers if isinstance(one.formatter, log.LineFormatter)]
    text, form, own = StringIO(), handler.formatter, logging.getLogger("academy.request")
    before, level = handler.setStream(text), own.level
    handler.setFormatter(log.JsonFormatter())
    own.setLevel(logging.INFO)

    def read():
        said = text.getvalue()
        assert [word for word in PLANTED if word in said] == [], said
        return [json.loads(line) for line in said.splitlines()]

    yield read
    handler.setStream(before)
    handler.setFormatter(form)
    own.setLevel(level)


def test_every_line_of_a_request_carries_its_number_and_the_last_tells_of_it(lines, settings):
    settings.PROXY_COUNT, settings.ROOT_URLCONF = 1, __name__
    address = f"/fr/speaks/{NAME}/?zerquery={EMAIL}"
    response = Client().get(address, headers={"X-Request-ID": NUMBER})
    assert response.getvalue() == b"x" and response["X-Request-ID"] == NUMBER
    logging.getLogger("academy.test").warning("afterwards")
    asked, told, streamed, after = lines()
    assert (asked["request"], streamed["request"], "request" in after) == (NUMBER, NUMBER, False)
    assert (asked["message"], streamed["message"]) == ("asked for …", "streamed")
    assert isinstance(told.pop("ms"), float)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT[\d:]{8}\.\d{3}\+00:00", told.pop("time"))
    assert told == {
        "level": "INFO", "logger": "academy.request", "request": NUMBER,
        "method": "GET", "route": "speaks", "status": 200,
    }  # fmt: skip


def test_a_fault_is_told_by_its_types_and_places_alone(lines, settings):
    settings.ROOT_URLCONF = __name__
    Client(raise_request_exception=False).post(f"/fr/breaks/{NAME}/?zerquery=1", {"name": NAME})
    failed, told = lines()
    assert (failed["logger"], failed["message"]) == ("django.request", "Internal Server Error")
    cause, raised = failed["trace"]
    assert (cause["type"], raised["type"]) == ("builtins.KeyError", "builtins.ValueError")
    assert (cause["detail"], raised["detail"]) == ("", "")
    assert re.fullmatch(r"tests/academy/test_log_json\.py:\d+ breaks", raised["at"][-1])
    assert re.fullmatch(r"django/core/handlers/exception\.py:\d+ inner", raised["at"][0])
    assert (told["route"], told["method"], told["status"]) == ("breaks", "POST", 500)


@pytest.mark.django_db
def test_a_refused_request_tells_no_address(lines):
    Client().get(f"/fr/offers/{TOKEN}/?zerquery=1")
    Client(enforce_csrf_checks=True).post("/theme/", headers={"referer": f"https://testserver/fr/{NAME}"})
    Client().get("/", headers={"host": "salwa.example.org"})
    Client().generic("ZERQUERY", f"/nowhere/{NAME}")
    said = [line.get("message") or f"{line['method']} {line['route']} {line['status']}" for line in lines()]
    assert said == [
        "GET offer 404",
        "Not Found",
        "Forbidden",
        "POST theme 403",
        "Bad Request",
        "GET none 400",
        "OTHER none 404",
        "Not Found",
    ]


@pytest.mark.django_db
def test_what_gunicorn_quotes_is_left_out_and_what_it_counts_is_kept(lines):
    own = logging.getLogger("gunicorn.test")
    own.addHandler(logging.NullHandler())
    own.propagate = False
    log.take_over(own)
    own.warning("Invalid request from ip=%s: %s" % ("41.140.0.7", f"GET /fr/offers/{TOKEN} {NAME}"))  # noqa: UP031
    own.error("Error handling request %s", f"/fr/offers/{TOKEN}/")
    own.error("Worker (pid:%s) was sent SIGKILL! Perhaps out of memory?", 12)
    assert [line["message"] for line in lines()] == [
        "Invalid request from ip",
        "Error handling request",
        "Worker (pid:12) was sent SIGKILL! Perhaps out of memory?",
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (f"sent to {EMAIL}", "sent to …"),
        (f"call {PHONE} or 0612345678, 06.12.34.56.78", "call … or …, …"),
        (f"not found: /fr/family/{NAME} x", "not found: …"),
        ("job 123456: 12 ms, 2026-11-30T15:00:00+00:00", "job 123456: 12 ms, 2026-11-30T15:00:00+00:00"),
    ],
)
def test_a_message_loses_addresses_and_phones(said, told):
    assert log.without_person(said) == told


def test_values_that_do_not_fit_a_message_are_not_printed():
    record = logging.LogRecord("academy", logging.INFO, "x.py", 1, "paid %d (%d)", (NAME,), None)
    assert json.loads(log.JsonFormatter().format(record))["message"] == "paid"


def test_a_job_is_an_object_of_its_own_facts(lines):
    facts = {"job": "letters", "did": 3, "fault": ""}
    logging.getLogger("academy.test").warning(json.dumps(facts), extra={"facts": facts, "name_of": NAME})
    [line] = lines()
    assert line.items() >= facts.items() and "message" not in line


@pytest.mark.django_db
def test_an_exception_tells_codes_and_no_value():
    User.objects.create_user(EMAIL, name=NAME)
    with pytest.raises(IntegrityError) as twice:
        User.objects.create_user(EMAIL, name=NAME)
    first, second = faults.chain(twice.value)
    constraint = (
        "23505 academy_user_email_key" if connection.vendor == "postgresql" else "SQLITE_CONSTRAINT_UNIQUE"
    )
    assert (first.detail, second.detail) == (constraint, "")
    missing = "'NoneType' object has no attribute 'email'"
    told = {
        smtplib.SMTPDataError(452, f"{EMAIL}: full".encode()): "452",
        smtplib.SMTPRecipientsRefused({EMAIL: (550, b"x"), NAME: (450, b"x")}): "450 550",
        FileNotFoundError(2, NAME, f"/srv/{NAME}"): "ENOENT",
        OSError(NAME): "",
        AttributeError(missing): missing,
        AttributeError(f"'{NAME}' object has no attribute 'x'"): "",
        AttributeError(f"x {EMAIL}"): "",
        ModuleNotFoundError("No module named 'fpdf.x'"): "No module named 'fpdf.x'",
        UnicodeDecodeError("utf-8", NAME.encode(), 0, 1, "x"): "",
        ValueError(NAME): "",
    }  # fmt: skip
    assert {fault: faults.detail(fault) for fault in told} == told


def test_a_chain_that_bites_its_tail_ends_and_no_path_is_of_this_machine():
    first, second = ValueError(NAME), ValueError(NAME)
    first.__cause__, second.__cause__ = second, first
    assert len(faults.chain(first)) == 2
    assert faults.shortened("/home/salwa/lib/python3.11/asyncio/events.py") == "events.py"
    assert faults.shortened("/home/salwa/x/site-packages/django/views.py") == "django/views.py"


@pytest.mark.parametrize(
    ("given", "proxies", "is_taken"),
    [
        (NUMBER, 1, True),
        ("01234567-89ab-cdef-0123-456789abcdef", 1, True),
        (NUMBER, 0, False),
        ("", 1, False),
        (NUMBER[:-1], 1, False),
        (NUMBER + "0", 1, False),
        (NUMBER.upper(), 1, False),
        ("01234567-89abcdef-0123-456789abcdef", 1, False),
        (NUMBER + "\n", 1, False),
        (f'{NUMBER[:-9]}"level":1', 1, False),
    ],
)
def test_a_number_is_taken_from_a_declared_proxy_and_in_one_form_only(settings, given, proxies, is_taken):
    settings.PROXY_COUNT = proxies
    response = seen.Seen(lambda request: HttpResponse())(
        RequestFactory().get("/", headers={"X-Request-ID": given})
    )
    assert (response["X-Request-ID"] == given) is is_taken
    assert re.fullmatch(r"[0-9a-f-]{32,36}", response["X-Request-ID"])


@pytest.mark.django_db
def test_a_kept_page_tells_its_route_and_a_well_probe_tells_nothing(lines, site_tree, client, settings):
    settings.VISITOR_CACHE_SECONDS = 10
    for _time in range(2):
        assert client.get("/fr/").status_code == 200
    client.get("/healthz")
    client.get("/static/academy/nothing.css")
    routes = [line["route"] for line in lines() if "route" in line]
    assert routes == ["wagtail_serve", "wagtail_serve", "static"]


def test_a_preview_within_a_request_is_no_request_of_its_own(lines):
    inner = seen.Seen(lambda request: HttpResponse())
    response = inner(SimpleNamespace(is_dummy=True))
    assert "X-Request-ID" not in response and lines() == []


def test_the_form_is_a_variable_and_another_one_is_named():
    words = ("-W", "ignore", "-c", "import django; django.setup(); import logging; logging.error('x')")
    where = PRODUCTION | {"DJANGO_SETTINGS_MODULE": "academy.settings"}
    assert json.loads(run(*words, **where, LOG_FORMAT="json").stderr)["message"] == "x"
    assert run(*words, **where).stderr.endswith(" ERROR root x\n")
    assert run(*words, **where, LOG_FORMAT="xml").stderr == "LOG_FORMAT must be line or json, not 'xml'.\n"
