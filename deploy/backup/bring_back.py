"""Brings one dropped table, or one owner with all that hangs on it, back from an export into the running clinic.

python3 -m deploy.backup.bring_back --table pet | --owner 17   [--dump NAME] [--yes]

A table is made anew, with its indexes, constraints and triggers, when there is none of its name. An owner's rows
(animals, visits, records, invoices …) are added where they are missing; rows that are there are left as they are.
"""

import argparse
import sys

import psycopg
from psycopg import sql

from deploy.backup import dump, journal
from deploy.backup.catalogue import DUMP, Catalogue, Entry
from deploy.backup.closure import key_of, rows_of_owner
from deploy.backup.journal import Result
from deploy.backup.running import run, scratch
from deploy.backup.server import Server, scratch_server
from deploy.backup.settings import Settings
from deploy.backup.words import BackupError, Said, _

OWNED = """
    SELECT relname FROM pg_class JOIN pg_depend d ON d.objid = pg_class.oid
    WHERE relkind IN ('S', 'i') AND d.refobjid = %s::regclass
"""
POINTING = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND %s::regclass IN (confrelid, conrelid)
"""
# An export knows no logins. Who works with rows of another table works with this one's (vetclinic.audit.rights).
LOGINS = """
    SELECT DISTINCT grantee FROM information_schema.role_table_grants
    WHERE table_schema = 'public' AND table_name = 'status' AND privilege_type = 'INSERT' AND grantee <> %s
"""
RIGHTS = """
    GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {login};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {login}
"""


def bring_table(settings: Settings, raw, server: Server, table: str, work) -> Said:
    with psycopg.connect(settings.url) as live:
        if live.execute("SELECT to_regclass(%s)", [f"public.{table}"]).fetchone()[0]:
            text = _("The table %(table)s is there: it is not overwritten. Rename it first to compare.")
            raise BackupError(text, table=table)
        live_tables = live.execute("SELECT relname FROM pg_class WHERE relkind = 'r'").fetchall()
        owner = live.execute("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()")
        owner_name = owner.fetchone()[0]
    with server.connect("readback") as old:
        if not old.execute("SELECT to_regclass(%s)", [f"public.{table}"]).fetchone()[0]:
            raise BackupError(_("The export has no table %(table)s."), table=table)
        own = {name for (name,) in old.execute(OWNED, [table]).fetchall()}
        keys = old.execute(POINTING, [table]).fetchall()
        rows = old.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()[0]
    wanted = [line for line in run("pg_restore", "-l", raw).splitlines() if _belongs(line, table, own)]
    (work / "list").write_text("\n".join(wanted) + "\n")
    words = ["--single-transaction", "--exit-on-error", "--no-owner", f"--role={owner_name}", "-L", work / "list"]
    run("pg_restore", *words, "-d", _name(settings), raw, url=settings.url)
    known = {name for (name,) in live_tables} | {table}
    with psycopg.connect(settings.url) as live:
        for source, name, definition in keys:
            there = live.execute("SELECT 1 FROM pg_constraint WHERE conname = %s", [name]).fetchone()
            if not there and source in known:
                live.execute(
                    sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
                        sql.Identifier(source), sql.Identifier(name), sql.SQL(definition)
                    )
                )
        for (login,) in live.execute(LOGINS, [owner_name]).fetchall():
            live.execute(sql.SQL(RIGHTS).format(table=sql.Identifier(table), login=sql.Identifier(login)))
    return Said(_("The table %(table)s is back, with rows: %(rows)s."), {"table": table, "rows": rows})


def _belongs(line: str, table: str, own: set[str]) -> bool:
    """Whether a line of pg_restore's list is about a table: `12; 1259 16402 TABLE DATA public pet owner`."""
    words = line.split()
    if line.startswith(";") or "public" not in words:
        return False
    place = words.index("public")
    kind, name = " ".join(words[3:place]), words[place + 1]
    if kind == "COMMENT":  # … COMMENT public TRIGGER kept ON pet owner: pgtrigger keeps its marks there
        return words[-2].split(".")[0] in (table, *own)
    return name in own or (name == table and kind != "FK CONSTRAINT")


def _name(settings: Settings) -> str:
    return psycopg.conninfo.conninfo_to_dict(settings.url)["dbname"]


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
