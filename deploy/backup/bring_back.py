"""Brings one dropped table, or one owner with all that hangs on it, back from an export into the running clinic.

python3 -m deploy.backup.bring_back --table pet | --owner 17   [--dump NAME]

A table is made anew, with its indexes, constraints and triggers, when there is none of its name. An owner's rows
(animals, visits, records, invoices …) are added where they are missing; rows that are there are left as they are.
"""

import argparse
import sys

import psycopg
from psycopg import sql

from deploy.backup import dump, journal
from deploy.backup.bring_table import bring_table
from deploy.backup.catalogue import DUMP, Catalogue, Entry
from deploy.backup.closure import key_of, rows_of_owner
from deploy.backup.journal import Result
from deploy.backup.running import scratch
from deploy.backup.server import Server, scratch_server
from deploy.backup.settings import Settings
from deploy.backup.words import BackupError, Said, _

# The days on which a row counts in the income: docs/decisions/0017-income.md.
DAYS_OF_MONEY = {"invoice": ("date", "voided_on"), "credit_note": ("date",), "payment": ("day",), "deposit": ("day",)}


def bring_owner(settings: Settings, server: Server, owner: int) -> Said:
    """Add what is missing of an owner, in one transaction; refused when something that it points to is gone."""
    with server.connect("readback") as old, psycopg.connect(settings.url) as live:
        found = rows_of_owner(old, owner)
        if not found["pet_owner"]:
            raise BackupError(_("The export has no owner %(owner)s."), owner=owner)
        # Rows come back as they were: the triggers that keep today's rules do not judge them, and number nothing anew.
        live.execute("SET LOCAL session_replication_role = replica")
        added = {table: _add(live, table, rows) for table, rows in found.items()}
        for table in found:
            _check_keys(live, table, added[table])
        for table, days in DAYS_OF_MONEY.items():
            for day in days:
                _reopen_income(live, table, day, added.get(table, []))
    rows = ", ".join(f"{table} {len(keys)}" for table, keys in added.items() if keys)
    if not rows:
        return Said(_("Of the owner %(owner)s nothing was missing."), {"owner": owner})
    return Said(_("The owner %(owner)s is back, with rows: %(rows)s."), {"owner": owner, "rows": rows})


def _add(live: psycopg.Connection, table: str, rows: list[dict]) -> list:
    added = []
    for row in rows:
        columns = sql.SQL(", ").join(map(sql.Identifier, row["columns"]))
        insert = sql.SQL(
            "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE"
            " SELECT {columns} FROM json_populate_record(NULL::{table}, %s::json)"
            " ON CONFLICT DO NOTHING RETURNING {key}"
        ).format(table=sql.Identifier(table), columns=columns, key=key_of(live, table))
        added += [key for (key,) in live.execute(insert, [row["json"]]).fetchall()]
    return added


def _reopen_income(live: psycopg.Connection, table: str, day: str, added: list) -> None:
    """Days that were closed while the rows were gone lack them; the triggers that would say so are silent."""
    query = sql.SQL(
        "SELECT reopen_income(day, day) FROM (SELECT DISTINCT {day} AS day FROM {table} WHERE {key} = ANY(%s)) days"
        " WHERE day IS NOT NULL"
    )
    names = {"day": sql.Identifier(day), "table": sql.Identifier(table), "key": key_of(live, table)}
    live.execute(query.format(**names), [added])


def _check_keys(live: psycopg.Connection, table: str, added: list) -> None:
    keys = live.execute(
        "SELECT a.attname, confrelid::regclass::text FROM pg_constraint c JOIN pg_attribute a"
        " ON a.attrelid = conrelid AND a.attnum = conkey[1] WHERE contype = 'f' AND conrelid = %s::regclass",
        [table],
    ).fetchall()
    for column, parent in keys:
        question = sql.SQL(
            "SELECT count(*) FROM {table} t WHERE {key} = ANY(%s) AND {column} IS NOT NULL"
            " AND NOT EXISTS (SELECT FROM {parent} p WHERE p.{parent_key} = t.{column})"
        ).format(
            table=sql.Identifier(table),
            key=key_of(live, table),
            column=sql.Identifier(column),
            parent=sql.SQL(parent),
            parent_key=key_of(live, parent),
        )
        missing = live.execute(question, [added]).fetchone()[0]
        if missing:
            raise BackupError(
                _("%(count)s rows of %(table)s point to rows of %(parent)s that are gone: nothing was added."),
                count=missing, table=table, parent=parent,
            )  # fmt: skip


def choose(catalogue: Catalogue, name: str) -> Entry:
    found = [entry for entry in catalogue.everywhere() if name in ("", entry.name)]
    if not found:
        raise BackupError(_("There is no such export."))
    return found[-1]


def bring_back(settings: Settings, table: str, owner: int | None, name: str) -> Result:
    psycopg.connect(settings.url, connect_timeout=5).close()  # what is wrong with it must not be said of the other one
    catalogue = Catalogue(settings, DUMP)
    entry = choose(catalogue, name)
    with scratch(settings.folder, "bring-back") as work, scratch_server(work) as server:
        raw = dump.unpack(settings, catalogue, entry, work)
        dump.load(raw, server)
        said = bring_table(settings, raw, server, table, work) if table else bring_owner(settings, server, owner)
    return Result(said=[said, Said(_("Taken from %(name)s."), {"name": entry.name})])


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="deploy/backup/bring-back", description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--table", default="")
    which.add_argument("--owner", type=int, metavar="ID")
    parser.add_argument("--dump", default="", metavar="NAME", help="by default the newest")
    words = parser.parse_args(arguments)
    return journal.main("bring_back", lambda settings: bring_back(settings, words.table, words.owner, words.dump))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
