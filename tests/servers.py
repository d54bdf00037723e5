"""Loaded as a pytest plugin before Django's settings: starts the servers that the settings then name."""

import atexit
import os
import secrets
from pathlib import Path

from deploy.postgres.pair import OWNER, Pair

ROOT = Path(__file__).resolve().parent.parent
# A test's data need not outlive the machine; a server that was killed goes through half a minute of the suite's work.
FAST = {"fsync": "off", "full_page_writes": "off", "checkpoint_timeout": "30s"}

for left_behind in (ROOT / ".local").glob("test-servers-*"):
    if not Path(f"/proc/{left_behind.name.rpartition('-')[2]}").exists():  # its run was killed
        Pair(left_behind).destroy()

PAIR = Pair(ROOT / ".local" / f"test-servers-{os.getpid()}", settings=FAST)
PAIR.start()
# The suite makes its databases, empties their tables between tests, and ends connections: as their owner. Served clinics
# do as clinics do.
PAIR.sql(
    f"ALTER ROLE {OWNER} CREATEDB; ALTER ROLE {OWNER} SET vetclinic.may_empty = on; GRANT pg_signal_backend TO {OWNER}"
)
atexit.register(PAIR.destroy)
STATIC = PAIR.folder / "static"  # empty: tests of served pages collect into their own
STATIC.mkdir()

os.environ |= PAIR.environment() | {
    "DATABASE_AS_OWNER": "true",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "DEBUG": "false",
    "HTTPS": "false",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "CACHE_DIR": str(PAIR.folder / "cache"),
    "STATIC_ROOT": str(STATIC),
    "ATTACHMENT_DIR": str(PAIR.folder / "media"),
    "LOCK_TIMEOUT_MS": "60000",  # fifty threads share two cores here
    "LANGUAGE_CODE": "en",
    "TIME_ZONE": "Europe/Moscow",
}
