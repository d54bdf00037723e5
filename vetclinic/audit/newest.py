"""What tells that something in the clinic has changed, without asking what."""

from collections.abc import Sequence

from django.db import connections

# Who begins later writes a higher number. Who has begun already may end after any number of others: while anybody is
# under way, it is also said who. A snapshot does not name those who began after the last one that has ended: that there
# are some is told by the number of the next transaction, from which `age` counts. A standby does not know all of them,
# but that it has replayed more when one ends.
# The tables stand in the statement itself: as parameters they would be unknown to the plan that is kept of it.
NEWEST = """
    SELECT (SELECT max(id) FROM change_log {of_tables}),
        CASE WHEN pg_snapshot_xmin(now) < pg_snapshot_xmax(now) OR age(pg_snapshot_xmax(now)::xid) <> 0
        THEN concat(now, CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END) END
    FROM pg_current_snapshot() AS now
"""


def newest_changes(database: str, tables: Sequence[str] = ()) -> tuple:
    """Another one after each change that the database of this alias has, whoever made it. One query.

    Of some `tables`: another one after each change of them, and while anybody is writing anything.
    """
    names = ", ".join(f"'{table}'" for table in tables)
    with connections[database].cursor() as cursor:
        cursor.execute(NEWEST.format(of_tables=f"WHERE table_name IN ({names})" if tables else ""))
        return cursor.fetchone()
