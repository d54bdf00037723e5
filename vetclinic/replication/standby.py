"""Whether a standby may be read, judged from what it says of itself."""

import time
from collections import deque

from django.conf import settings

from vetclinic.replication.reasons import Reason

# Log positions are bytes since the beginning. `heard`: how far the primary was when it last spoke.
QUERY = """
    SELECT json_build_object(
        'in_recovery', pg_is_in_recovery(),
        'paused', CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() END,
        'replayed', (pg_last_wal_replay_lsn() - '0/0')::bigint,
        'heard', (greatest(latest_end_lsn, pg_last_wal_receive_lsn()) - '0/0')::bigint,
        'receives', pid IS NOT NULL,
        'status', status,
        'silence_s', extract(epoch FROM clock_timestamp() - last_msg_receipt_time),
        'last_commit', extract(epoch FROM pg_last_xact_replay_timestamp()))
    FROM (SELECT) AS one LEFT JOIN pg_stat_wal_receiver ON true
"""


class Lag:
    """For how long the oldest position that was heard of has waited to be replayed, by the clock of this machine alone.

    The age of the last replayed commit would call a standby of an idle clinic late at its first write.
    """

    def __init__(self):
        self._waiting: deque[tuple[float, int]] = deque()

    def seconds(self, *, heard: int | None, replayed: int | None, now: float) -> float:
        """Takes in what was heard and replayed by `now` (time.monotonic)."""
        if heard is not None and (not self._waiting or heard > self._waiting[-1][1]):
            self._waiting.append((now, heard))
        while self._waiting and replayed is not None and self._waiting[0][1] <= replayed:
            self._waiting.popleft()
        return now - self._waiting[0][0] if self._waiting else 0.0


def judge(answer: dict, lag_s: float) -> Reason:
    """FIT, or why the standby that gave `answer` to QUERY must not be read."""
    if not answer["in_recovery"]:
        return Reason.PROMOTED  # whether it is the primary that we write to, only the primary's address knows
    if answer["receives"] and answer["status"] is None:
        return Reason.BLIND
    # A connecting receiver has no message yet.
    if answer["status"] != "streaming" or (answer["silence_s"] or 0) > settings.REPLICA_MAX_SILENCE_S:
        return Reason.SILENT
    if answer["paused"]:
        return Reason.PAUSED
    if lag_s > settings.REPLICA_MAX_LAG_S:
        return Reason.LAGGING
    return Reason.FIT


def as_of(answer: dict) -> float:
    """Up to when all of the primary's commits are in the standby, as a Unix time; 0.0 if nobody knows."""
    caught_up = answer["silence_s"] is not None and (answer["replayed"] or 0) >= (answer["heard"] or 0)
    heard = time.time() - answer["silence_s"] if caught_up else 0.0
    return max(heard, answer["last_commit"] or 0.0)
