"""What tells that something in the clinic has changed, and what has changed since a process last looked.

A transaction gets its number when it first writes, and ends whenever it likes: its rows of change_log may appear after
rows with greater numbers. So both are asked of snapshots: what one does not show yet was written by its first
unfinished transaction (`pg_snapshot_xmin`) or by a later one.
"""

import datetime as dt
import json
from collections.abc import Collection
from typing import Any, NamedTuple

from django.db import connections

# The newest finished transaction; and as long as one before it is under way, which. A standby does not know all of
# those: while there are any, no answer of it equals another one. The newest row is for a transaction that asks after
# changes of its own. Another server counts anew, and an export of it brings numbers that are still to come here.
NEWEST = """
    pg_postmaster_start_time(), (SELECT max(id) FROM change_log),
    (SELECT max(transaction) FROM change_log WHERE transaction < pg_snapshot_xmax(now)::text::bigint),
    CASE WHEN pg_snapshot_xmin(now) < pg_snapshot_xmax(now)
        THEN concat(now, CASE WHEN pg_is_in_recovery() THEN clock_timestamp() END) END
"""
SINCE = f"""
    SELECT {NEWEST}, pg_snapshot_xmin(now)::text::bigint, pg_current_xact_id_if_assigned() IS NULL, found.*
    FROM pg_current_snapshot() AS now LEFT JOIN LATERAL (
        SELECT table_name, row_id, operation, before, after FROM change_log
        WHERE transaction >= %(since)s AND transaction < pg_snapshot_xmax(now)::text::bigint
            AND table_name <> ALL(%(without)s)
        LIMIT %(most)s) AS found ON true
"""  # noqa: S608 (a text of our own)
MOST = 200  # changes that are told one by one
NEVER = 2**63 - 1


class Moment(NamedTuple):
    """Of a server: what it did not show then was written by transaction `unfinished`, or by a later one."""

    server: dt.datetime  # since when it runs; another one has other numbers
    unfinished: int


class Changed(NamedTuple):
    """A row of change_log: see vetclinic.audit.models.Change."""

    table: str
    row_id: int
    operation: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Report(NamedTuple):
    """`newest`: another one after each change, whoever made it.

    No moment in a transaction that has written: what it reads may never have been. No changes if they cannot be told:
    nobody looked before, the server is another one, or they are too many.
    """

    newest: tuple
    now: Moment | None
    changes: list[Changed] | None


def changes_since(database: str, then: Moment | None, *, without: Collection[str] = ()) -> Report:
    """The present moment, and what has changed since an earlier one, but for the tables `without`. One query.

    Some changes may be told that were seen before.
    """
    asked = {"since": then.unfinished if then else NEVER, "without": list(without), "most": MOST}
    with connections[database].cursor() as cursor:
        cursor.execute(SINCE, asked)
        rows = cursor.fetchall()
    newest, unfinished, writes_nothing = rows[0][:4], *rows[0][4:6]
    now = Moment(newest[0], unfinished)
    told = then is not None and then.server == now.server and then <= now and len(rows) < MOST
    changes = [_changed(*row[6:]) for row in rows if row[6]] if told else None
    return Report(newest, now if writes_nothing else None, changes)


def _changed(table: str, row_id: int, operation: str, before: str | None, after: str | None) -> Changed:
    return Changed(table, row_id, operation, before and json.loads(before), after and json.loads(after))
