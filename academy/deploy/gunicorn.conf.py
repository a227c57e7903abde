"""Settings of gunicorn: `make run` reads them, and production starts
`gunicorn --config academy/deploy/gunicorn.conf.py academy.wsgi`.

The application is loaded and warmed once, before the workers start, and they share its memory. New code needs
a restart: HUP starts workers with the code that is loaded already.

WORKERS and THREADS say how many (two and four unless told), BIND where. Put a buffering proxy in front
(academy/deploy/nginx.conf): without one, slow senders would hold every thread.
"""

import os
import sys

bind = [os.environ.get("BIND", "127.0.0.1:8000")]
workers = int(os.environ.get("WORKERS", "2"))
threads = int(os.environ.get("THREADS", "4"))
worker_class = "gthread"
preload_app = True
keepalive = 5
timeout = 60
graceful_timeout = 20
loglevel = "warning"
control_socket_disable = True
forwarder_headers = ""  # SCRIPT_NAME and PATH_INFO from a client would give the site another address
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 — a heartbeat, no data
limit_request_line = 4094
limit_request_fields = 60


def on_starting(server):
    """Let gunicorn's own lines have the form, the time and the filters of the application's."""
    if "academy.settings" in sys.modules:
        from academy.log import take_over  # the application is loaded by then

        take_over(server.log.error_log)


def when_ready(server):
    """Warm the application while connections wait in the socket's queue, and begin its metrics."""
    if "academy.settings" in sys.modules:
        from academy.warming import warm  # its settings are read only when the application is loaded

        warm(server.app.wsgi())
        if sys.modules["academy.settings"].METRICS_PORT:
            from academy.metrics_port import start  # loads what only metrics need

            start(server.LISTENERS)


def post_fork(server, worker):
    """Close what the first process may have opened since, so that no worker speaks on its connections."""
    if "academy.warming" in sys.modules:
        sys.modules["academy.warming"].disconnect()
