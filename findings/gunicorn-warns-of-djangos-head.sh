#!/usr/bin/env bash
# gunicorn 27.0.1 with Django 5.2.19 (PyPI; source: gunicorn/http/wsgi.py, Response.write; Django takes a body away only in its test client, django/test/client.py, conditional_content_removal; seen 2026-11-30 with Python 3.11): each HEAD request that Django answers writes a warning into gunicorn's error log.
#
# Django answers HEAD as it answers GET and leaves it to the server to drop the body. gunicorn drops it, and since this
# version warns that the application broke the rule. A monitor that asks HEAD every minute fills the log. Nothing is seen
# in Django's tests, whose client takes the body away itself. The answer of one's own: a middleware that empties the body
# and leaves Content-Length as it is.
#
# Output seen
#   GET: no warning
#   HEAD: WSGI app sent body bytes on a no-body response (method=HEAD status=200); dropping per RFC 9110.
set -euo pipefail

folder=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cat >"$folder/site_of_one_page.py" <<'PYTHON'
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

settings.configure(SECRET_KEY="x", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"])
urlpatterns = [path("", lambda request: HttpResponse("A page"))]
application = get_wsgi_application()
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "Django==5.2.19" "gunicorn==27.0.1" 2>/dev/null
cd "$folder"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$folder/venv/bin/gunicorn" --bind "127.0.0.1:$port" site_of_one_page:application 2>"$folder/log" &
server=$!
for _ in $(seq 100); do grep -qs "Booting worker" "$folder/log" && break; sleep 0.2; done
ask() { python3 - "$1" "$port" <<'PYTHON'
import http.client
import sys

connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]), timeout=20)
connection.request(sys.argv[1], "/")
assert connection.getresponse().status == 200
PYTHON
}
warning() { grep -o "WSGI app sent body bytes.*" "$folder/log" || echo "no warning"; }
ask GET
sleep 0.5
get=$(warning)
ask HEAD
sleep 0.5
head=$(warning)
echo "GET: $get"
echo "HEAD: $head"
[ "$get" = "no warning" ] && [ "$head" != "no warning" ] || { echo "The behaviour has changed." >&2; exit 1; }
