"""How the site is served. Threads, because one slow client must not hold a worker (docs/architecture.md)."""

import gc
import os
import shutil
import tempfile
from pathlib import Path

worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
timeout = 30
graceful_timeout = 20
keepalive = 5
limit_request_line = 8190  # the site refuses less, with a page that says what to do (vetclinic/ui/guard.py)
# Paths without query strings: what people search for is nobody's business in a log.
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(M)sms"
loglevel = "warning"
control_socket_disable = True  # it would be a file in the home of whoever started it

# The workers count into files, so that whichever answers /metrics tells of all. Set before a worker loads the library.
OWN = "vetclinic-counts-"
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix=OWN)
COUNTS = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])


def on_starting(server):
    """What an earlier run counted is no part of this one."""
    COUNTS.mkdir(parents=True, exist_ok=True)
    for left in COUNTS.glob("*.db"):
        left.unlink(missing_ok=True)


def child_exit(server, worker):
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server):
    if COUNTS.name.startswith(OWN):
        shutil.rmtree(COUNTS, ignore_errors=True)


def post_worker_init(_worker) -> None:
    """What was loaded stays loaded: the collector need not look through it again with every page."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
