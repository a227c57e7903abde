"""Settings of gunicorn: `make run` reads them, and production starts
`gunicorn --config academy/deploy/gunicorn.conf.py academy.wsgi`.

WORKERS and THREADS say how many (two and four unless told), BIND where. Put a buffering proxy in front
(academy/deploy/nginx.conf): without one, slow senders would hold every thread.
"""

import os

bind = [os.environ.get("BIND", "127.0.0.1:8000")]
workers = int(os.environ.get("WORKERS", "2"))
threads = int(os.environ.get("THREADS", "4"))
worker_class = "gthread"
keepalive = 5
timeout = 60
graceful_timeout = 20
loglevel = "warning"
control_socket_disable = True
forwarder_headers = ""  # SCRIPT_NAME and PATH_INFO from a client would give the site another address
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 — a heartbeat, no data
limit_request_line = 4094
limit_request_fields = 60
