"""How the site is served. Threads, because one slow client must not hold a worker (docs/architecture.md)."""

import gc
import os

worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
timeout = 30
graceful_timeout = 20
keepalive = 5
# Paths without query strings: what people search for is nobody's business in a log.
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(M)sms"
loglevel = "warning"
control_socket_disable = True  # it would be a file in the home of whoever started it


def post_worker_init(_worker) -> None:
    """What was loaded stays loaded: the collector need not look through it again with every page."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
