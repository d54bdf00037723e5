"""What this request knows about the standby, and the one question that follows: must it read the primary?"""

import time
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

REPLICA = "replica"
BREAKER_S = 5.0  # after a failure the standby is left alone for so long
# Sessions, users and permissions always as the writer sees them: a login must hold on the next page.
PRIMARY_ONLY = frozenset({"sessions", "access", "auth", "admin", "contenttypes"})

PROBE = """
    SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() - '0/0'::pg_lsn END,
           NOT pg_is_in_recovery() OR EXISTS (
               SELECT FROM pg_stat_wal_receiver
               WHERE COALESCE(status, 'streaming') = 'streaming'
                 AND COALESCE(clock_timestamp() - last_msg_receipt_time, '0') < %s * interval '1 second')
"""


@dataclass
class Reads:
    """One request's reads. `token` is the log position of its user's last write, in bytes, or None."""

    safe: bool
    token: int | None = None
    standby_is_fit: bool | None = None  # None: not asked yet
    used_standby: bool = False
    wrote: bool = False


current: ContextVar[Reads | None] = ContextVar("reads", default=None)
_left_alone_until = 0.0


def must_read_primary(model, instance=None) -> bool:
    """Whether a read of `model` has to go to the primary. Outside of a request it always has to."""
    reads = current.get()
    if reads is None or REPLICA not in settings.DATABASES:
        return True
    if not reads.safe or reads.wrote or model._meta.app_label in PRIMARY_ONLY:
        return True
    if connections[DEFAULT_DB_ALIAS].in_atomic_block:
        return True
    if instance is not None and instance._state.db == DEFAULT_DB_ALIAS:
        return True  # relations of a row that was read from the primary
    if reads.standby_is_fit is None:
        reads.standby_is_fit = _standby_is_fit(reads.token)
    reads.used_standby = reads.standby_is_fit
    return not reads.standby_is_fit


def read_primary() -> None:
    """The rest of this request reads the primary, whatever the standby has."""
    reads = current.get()
    if reads is not None:
        reads.standby_is_fit = False


def leave_standby_alone() -> None:
    """After a failure: no request tries the standby for BREAKER_S seconds; its broken connection is closed."""
    global _left_alone_until
    _left_alone_until = time.monotonic() + BREAKER_S
    connections[REPLICA].close()


def _standby_is_fit(token: int | None) -> bool:
    """Whether the standby answers, hears its primary, and has replayed the position `token`."""
    if time.monotonic() < _left_alone_until:
        return False
    try:
        with connections[REPLICA].cursor() as cursor:
            cursor.execute(PROBE, [settings.REPLICA_MAX_SILENCE_S])
            replayed, hears_primary = cursor.fetchone()
    except DatabaseError:
        leave_standby_alone()
        return False
    if replayed is None:
        return True  # promoted: behind nobody
    return hears_primary and (token is None or replayed >= token)
