"""A browser without scripts: cookies, forms as a page gives them, and a count of what it was told."""

import http.client
import json
import re
import ssl
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import count
from urllib.parse import urlencode, urljoin, urlsplit
from uuid import uuid4

HOST = "academy.example.org"
SITE = f"https://{HOST}"


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes
    path: str

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    @property
    def leads_to(self) -> str:
        there = urlsplit(urljoin(SITE + self.path, self.headers.get("Location", "")))
        return there.path + (f"?{there.query}" if there.query else "")

    def json(self):
        return json.loads(self.body)


class Line:
    """The way to the site: nginx on a port (TLS), or, where it is not installed, the nodes one after another.

    As the recipe's nginx: who refuses a connection is passed over, and nothing else is asked twice.
    """

    def __init__(self, nodes: list[int], tls: int | None = None):
        self.nodes, self.tls, self.turn = nodes, tls, count()
        self.trust = ssl.create_default_context()
        self.trust.check_hostname, self.trust.verify_mode = False, ssl.CERT_NONE  # a certificate of the test

    def ask(self, method: str, path: str, headers: dict, body: bytes | None) -> Answer:
        """Return the answer; without a node, the 503 that nginx gives."""
        if self.tls:
            line = http.client.HTTPSConnection("127.0.0.1", self.tls, timeout=80, context=self.trust)
            return self._told(line, method, path, headers, body)
        headers = headers | {"X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"}
        for _try in self.nodes:
            port = self.nodes[next(self.turn) % len(self.nodes)]
            try:
                return self._told(
                    http.client.HTTPConnection("127.0.0.1", port, timeout=80), method, path, headers, body
                )
            except ConnectionRefusedError:
                continue
            except (ConnectionError, http.client.HTTPException):
                if method != "GET":
                    break
        return Answer(503, http.client.HTTPMessage(), b"", path)

    @staticmethod
    def _told(line, method, path, headers, body) -> Answer:
        try:
            line.request(method, path, body, {"Host": HOST} | headers)
            answer = line.getresponse()
            return Answer(answer.status, answer.headers, answer.read(), path)
        finally:
            line.close()


class Forms(HTMLParser):
    """The forms of a page: (action, fields as they stand)."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.area = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if tag == "form":
            self.found.append((said.get("action") or "", {}))
        name = said.get("name")
        if not self.found or not name:
            return
        fields = self.found[-1][1]
        if tag == "textarea":
            self.area = name
            fields[name] = ""
        elif tag == "input" and said.get("type") in {"checkbox", "radio"}:
            if "checked" in said:
                fields[name] = said.get("value", "on")
        elif tag == "input" and said.get("type") not in {"submit", "file"}:
            fields[name] = said.get("value") or ""

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data):
        if self.area:
            self.found[-1][1][self.area] += data


@dataclass
class Browser:
    """One person's browser."""

    line: Line
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, headers, None)

    def follow(self, answer: Answer) -> Answer:
        """Go where it leads, ten steps at most."""
        for _step in range(10):
            if answer.status not in {301, 302, 303}:
                break
            answer = self.get(answer.leads_to)
        return answer

    def post(self, path: str, fields: dict, files: dict[str, tuple[str, bytes]] | None = None, **headers):
        """Send a form; `files` are (name, content) by field."""
        fields = fields | {"csrfmiddlewaretoken": self.token()}
        if not files:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            return self._ask("POST", path, headers, urlencode(fields, doseq=True).encode())
        mark = uuid4().hex
        parts = [f'name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
        parts += [
            f'name="{name}"; filename="{file}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode()
            + content
            + b"\r\n"
            for name, (file, content) in files.items()
        ]
        head = f"--{mark}\r\nContent-Disposition: form-data; ".encode()
        body = b"".join(head + part for part in parts) + f"--{mark}--\r\n".encode()
        headers["Content-Type"] = f"multipart/form-data; boundary={mark}"
        return self._ask("POST", path, headers, body)

    def send(self, path: str, told: dict) -> Answer:
        """Send JSON, as our scripts do."""
        more = {"Content-Type": "application/json", "X-CSRFToken": self.token()}
        return self._ask("POST", path, more, json.dumps(told).encode())

    def fill(self, path: str, which: str = "", *, files=None, **fields) -> Answer:
        """Open the page, fill in the form that has these fields, or `which` in its action, and send it."""
        page = self.get(path)
        assert page.status == 200, (path, page.status)
        wanted = set(fields) if not which else set()
        found = [
            (action, own)
            for action, own in Forms(page.text).found
            if which in action and wanted <= set(own) | {"children", "action-publish"}
        ]
        assert found, (path, Forms(page.text).found)
        action, own = found[-1]
        return self.post(action or path, own | fields, files)

    def token(self) -> str:
        return self.cookies.setdefault("__Host-csrf", "a" * 32)

    def _ask(self, method: str, path: str, headers: dict, body: bytes | None) -> Answer:
        own = {"Origin": SITE, "Referer": SITE + "/"} if method == "POST" else {}
        own["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.line.ask(method, path, own | self.headers | headers, body)
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _is, value = line.partition(";")[0].partition("=")
            assert "Secure" in line and (name.startswith("__Host-") or name == "theme"), line
            self.cookies[name] = value.strip('"')
        return answer


def secret_of(page: str) -> str:
    """Return the secret of an authenticator app from the page that shows it."""
    return re.search(r"<code[^>]*>\s*([A-Z2-7]{16,})\s*</code>", page)[1]
