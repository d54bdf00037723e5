"""The weekly drill: the newest backup is restored from the bucket beside the clinic, replayed past a marker, and looked
through.

python3 -m deploy.backup.prove
"""

import sys

import psycopg

from deploy.backup import journal, wal
from deploy.backup.base import remove_tree
from deploy.backup.examine import Examined
from deploy.backup.invariants import INVARIANTS
from deploy.backup.journal import Result
from deploy.backup.restore import Target, make_plan, restore
from deploy.backup.running import HOURS, make_folder, run
from deploy.backup.server import Server
from deploy.backup.settings import Settings
from deploy.backup.words import BackupError, Said, _

MARKER = """
    SELECT id, lsn, EXTRACT(epoch FROM clock_timestamp() - ended_at)::int FROM backup_run
    WHERE kind = 'wal' AND state = 'ok' ORDER BY id DESC LIMIT 1
"""
KEPT = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'pgtrigger_kept_%' ORDER BY 1"
MARGIN = 100_000  # changes that may have been under way, not yet committed, when the newest one was


def prove(settings: Settings) -> Result:
    folder = make_folder(settings.folder / "prove")
    clear(folder)
    marker = last_marker(settings)
    wal.ship(settings)
    plan = make_plan(settings, Target(), folder / "server")
    server = Server(plan.data, plan.port)
    examined = Examined()
    try:
        server, result = restore(settings, plan, fetch=examined.fetch)
        facts = look_through(settings, server, marker)
        server.stop()
        pages = check_pages(server)
    finally:
        server.stop()
        clear(folder)
    examined.check(settings)
    return Result(result.size, result.lsn, [*result.said, facts, pages])


def check_pages(server: Server) -> Said:
    """Debian's clusters are made without checksums: then there is nothing to compare the pages with."""
    if server.facts()["Data page checksum version"] == "0":
        return Said(_("Pages have no checksums, so that they were not compared with any."))
    run("pg_checksums", "--check", "-D", server.data)
    return Said(_("Page checksums are right."))


def clear(folder) -> None:
    """Remove what an earlier drill left; a server that still runs there is stopped first."""
    for left in folder.iterdir():
        if (left / "postmaster.pid").exists():
            Server(left).stop()
        remove_tree(left)


def last_marker(settings: Settings) -> tuple[int, str, int]:
    """Key, position and age in seconds of the last row that deploy.backup.check wrote."""
    with psycopg.connect(settings.url, connect_timeout=5) as connection:
        marker = connection.execute(MARKER).fetchone()
    if not marker:
        raise BackupError(_("No marker was written yet: run deploy.backup.check first."))
    return marker


def look_through(settings: Settings, server: Server, marker: tuple[int, str, int]) -> Said:
    """What was looked at; refuses whatever is not as it was, or as it must be."""
    database = psycopg.conninfo.conninfo_to_dict(settings.url)["dbname"]
    key, position, age = marker
    with server.connect(database) as connection, psycopg.connect(settings.url) as live:
        if not connection.execute("SELECT 1 FROM backup_run WHERE id >= %s", [key]).fetchone():
            raise BackupError(
                _("The marker of %(seconds)s s ago, at %(position)s, is not in the restored clinic."),
                seconds=age, position=position,
            )  # fmt: skip
        found = compare(live, connection)
        broken = [name for name, question in INVARIANTS.items() if connection.execute(question).fetchone() is not None]
        if broken:
            raise BackupError(_("Not so after the restore: %(rules)s."), rules="; ".join(broken))
    words = ["--install-missing", "--heapallindexed", "-d", database]
    run("pg_amcheck", *words, url=server.url(database), timeout=6 * HOURS)
    figures = {"seconds": age, "tables": len(found), "rows": sum(found.values()), "rules": len(INVARIANTS)}
    text = _(
        "The marker of %(seconds)s s before is there; tables %(tables)s, rows %(rows)s, rules %(rules)s and all indexes"
        " are in order."
    )
    return Said(text, figures)


def compare(live: psycopg.Connection, restored: psycopg.Connection) -> dict[str, int]:
    """Rows of each table; refuses a count that is not the clinic's, less what the clinic has changed since.

    A change and its row in change_log are committed together: what the restored log lacks came later.
    """
    found, newest = _counts(restored), restored.execute("SELECT COALESCE(max(id), 0) FROM change_log").fetchone()[0]
    recent = "SELECT id, table_name, operation FROM change_log WHERE id > %s"
    known = {key for key, *_rest in restored.execute(recent, [newest - MARGIN]).fetchall()}
    live.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    expected = _counts(live)
    for key, table, operation in live.execute(recent, [newest - MARGIN]).fetchall():
        if key not in known and table in expected:
            expected[table] -= {"INSERT": 1, "DELETE": -1}.get(operation, 0)
    wrong = [
        f"{table}: {found.get(table, 'none')} of {rows}" for table, rows in expected.items() if found.get(table) != rows
    ]
    if wrong:
        raise BackupError(_("Rows are missing after the restore: %(tables)s."), tables=", ".join(wrong))
    return found


def _counts(connection: psycopg.Connection) -> dict[str, int]:
    tables = [name for (name,) in connection.execute(KEPT).fetchall()]
    return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}


if __name__ == "__main__":
    sys.exit(journal.main("prove", prove))
