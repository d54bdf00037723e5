"""What tells that something in the clinic has changed, without asking what."""

from django.db import connections

# Who begins later writes a higher number. Who has begun already may end after any number of others: while anybody is
# under way, it is also said who. A standby does not know all of them, but that it has replayed more when one ends.
NEWEST = """
    SELECT (SELECT max(id) FROM change_log), CASE WHEN pg_snapshot_xmin(now) < pg_snapshot_xmax(now)
        THEN concat(now, CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END) END
    FROM pg_current_snapshot() AS now
"""


def newest_changes(database: str) -> tuple:
    """Another one after each change that the database of this alias has, whoever made it. One query."""
    with connections[database].cursor() as cursor:
        cursor.execute(NEWEST)
        return cursor.fetchone()
