"""The weekly logical export: written, read back into a scratch server, compared table by table, encrypted.

python3 -m deploy.backup.dump
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from deploy.backup import journal
from deploy.backup.base import encrypt, publish
from deploy.backup.catalogue import DUMP, Catalogue, Entry, describe
from deploy.backup.journal import Result
from deploy.backup.retention import kept
from deploy.backup.running import HOURS, check_space, make_folder, own, run, run_piped, scratch
from deploy.backup.server import Server, scratch_server
from deploy.backup.settings import Settings
from deploy.backup.tables import content, differences
from deploy.backup.words import BackupError, Said, _

FILE = "dump.tar"
JOBS = str(min(4, os.cpu_count() or 1))
POSITION = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text"


def export(settings: Settings) -> Result:
    catalogue = Catalogue(settings, DUMP)
    check_space(settings.folder, settings.min_free_mb)
    entry = take(settings, catalogue)
    publish(catalogue, entry)
    names = {one.name for one in kept(catalogue.stored(), 1, settings.keep_weeks)}
    for old in [*catalogue.stored(), *catalogue.local()]:
        if old.name not in names:
            catalogue.remove(old)
    catalogue.sweep()
    rows = sum(count for count, _checksum in entry.tables.values())
    figures = {"name": entry.name, "tables": len(entry.tables), "rows": rows}
    text = _("%(name)s is in the bucket, read back and compared: tables %(tables)s, rows %(rows)s.")
    return Result(entry.size, entry.stop_lsn, [Said(text, figures)])


def take(settings: Settings, catalogue: Catalogue) -> Entry:
    started = datetime.now(UTC)
    with scratch(catalogue.folder, DUMP) as work:
        raw, done = work / "raw", make_folder(work / "done")
        tables, position = write(settings, raw)
        wrong = differences(tables, read_back(raw, work))
        if wrong:
            raise BackupError(_("The export is not what the tables hold: %(tables)s."), tables="; ".join(wrong))
        run("tar", "-cf", work / FILE, "-C", raw, ".")
        encrypt(settings, work / FILE, done / f"{FILE}.age")
        entry = Entry(
            kind=DUMP,
            name=f"dump-{started:%Y%m%dT%H%M%S%fZ}",
            started=started.isoformat(),
            ended=datetime.now(UTC).isoformat(),
            files=describe(list(done.iterdir())),
            start_lsn=position,
            stop_lsn=position,
            tables=tables,
        )
        catalogue.keep(done, entry)
    return entry


def write(settings: Settings, raw: Path) -> tuple[dict[str, list], str]:
    """Export at one moment; what the tables held at that same moment, and its position in the log."""
    with psycopg.connect(settings.source_url, connect_timeout=5) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot, position = connection.execute(f"SELECT pg_export_snapshot(), ({POSITION})").fetchone()
        words = ["-Fd", "-j", JOBS, "--compress=3", f"--snapshot={snapshot}", "--no-owner", "--no-privileges"]
        run("pg_dump", *words, "-f", raw, url=settings.source_url, timeout=12 * HOURS)
        return content(connection), position


def read_back(raw: Path, work: Path) -> dict[str, list]:
    """What the tables hold that are made from an export, on a server of their own."""
    with scratch_server(work) as server:
        load(raw, server)
        with server.connect("readback") as connection:
            return content(connection)


def load(raw: Path, server: Server, database: str = "readback") -> None:
    server.tell(f"CREATE DATABASE {database}")
    run("pg_restore", "--exit-on-error", "-j", JOBS, "--no-owner", "--no-privileges", "-d", database, raw,
        url=server.url(database))  # fmt: skip


def unpack(settings: Settings, catalogue: Catalogue, entry: Entry, work: Path) -> Path:
    """The folder of an export, fetched, compared with its SHA-256 and opened."""
    if not settings.identity or not settings.identity.exists():
        raise BackupError(_("BACKUP_IDENTITY_FILE names no key: without it no backup can be opened."))
    catalogue.fetch(entry, work)
    own(work / f"{FILE}.age")
    raw = make_folder(work / "raw")
    run_piped(["age", "-d", "-i", settings.identity, work / f"{FILE}.age"], ["tar", "-x", "-C", raw])
    return raw


if __name__ == "__main__":
    sys.exit(journal.main(DUMP, export))
