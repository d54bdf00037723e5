"""Makes a new server beside the running one, as it was at a moment. See docs/operations.md for the runbook.

deploy/backup/restore --to '2026-11-22 14:05:00+03' | --before-lsn 0/3000028 | --latest  [--into DIR] [--yes]
"""

import argparse
import contextlib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from deploy.backup import journal, replay, wal
from deploy.backup.base import LOG, MANIFEST, TAR, remove_tree
from deploy.backup.catalogue import BASE, Catalogue, Entry, lsn
from deploy.backup.journal import Result
from deploy.backup.running import check_space, make_folder, run, run_piped, scratch
from deploy.backup.server import Server
from deploy.backup.settings import Settings, read_settings
from deploy.backup.words import BackupError, Said, _, in_english, said_by

LONG_AGO = timedelta(minutes=15)


@dataclass(frozen=True)
class Target:
    """A moment, a position that is not to be replayed, or neither: as far as the archive goes."""

    time: datetime | None = None
    before: str = ""

    def allows(self, entry: Entry) -> bool:
        if self.time:
            return datetime.fromisoformat(entry.ended) <= self.time
        return not self.before or lsn(entry.stop_lsn) <= lsn(self.before)

    def __str__(self) -> str:
        if self.time:
            return self.time.isoformat(sep=" ")
        return f"just before {self.before}" if self.before else "as far as the archive goes"


@dataclass(frozen=True)
class Plan:
    target: Target
    entry: Entry
    data: Path
    port: int
    last: wal.Segment | None  # the newest segment that is archived since the backup began


def make_plan(settings: Settings, target: Target, into: Path, port: int = 0, backup: str = "") -> Plan:
    """What would be done. Refuses what cannot end well: no backup early enough, a hole in the log, a full disk."""
    if into.exists():
        raise BackupError(_("%(path)s exists: nothing is overwritten. Choose another folder with --into."), path=into)
    catalogue = Catalogue(settings, BASE)
    fitting = [e for e in catalogue.everywhere() if target.allows(e) and backup in ("", e.name)]
    if not fitting:
        raise BackupError(_("There is no base backup from before that moment (%(target)s)."), target=target)
    entry = fitting[-1]
    last = check_archive(catalogue, entry, target)
    parent = into.parent if into.parent.exists() else settings.folder
    check_space(parent, 2 * entry.unpacked // 2**20 + 256)
    return Plan(target, entry, into, Server(into, port).port, last)


def check_archive(catalogue: Catalogue, entry: Entry, target: Target) -> wal.Segment | None:
    """The newest segment that is archived; refuses a hole in the log on the way to the target."""
    first = wal.first_after(entry)
    archive = wal.archive_of(catalogue.store).since(first)
    last = archive.last
    needed = lsn(target.before) // wal.SEGMENT if target.before else None
    on_the_way = [one for one in archive.segments if needed is None or one.number <= needed]
    try:
        wal.Archive(on_the_way, archive.histories).check(first)
    except BackupError as hole:
        if not target.time:
            raise hole.and_then([Said(_("Restore to a moment before it."))]) from None
    if needed and (not last or needed > last.number) and lsn(target.before) > lsn(entry.stop_lsn):
        raise BackupError(
            _("The archive ends with %(name)s: %(position)s is not in it."),
            name=last.name if last else entry.name, position=target.before,
        )  # fmt: skip
    return last


def restore(settings: Settings, plan: Plan, say=print, fetch=Catalogue.fetch) -> tuple[Server, Result]:
    """Carry a plan out: the running server, promoted, and what it reached. One that misses its target is removed."""
    began = time.monotonic()
    unpack(settings, plan, say, fetch)
    server = Server(plan.data, plan.port)
    with removed_on_failure(server):
        goal = replay.prepare(settings, server, plan.target.time, plan.target.before, plan.last, plan.entry.stop_lsn)
        say(f"Replaying the log to {goal} …")
        reached = replay.replay(server, goal, say)
    figures = {"name": plan.entry.name, "position": reached.lsn, "seconds": round(time.monotonic() - began)}
    said = [Said(_("%(name)s and the log to %(position)s, in %(seconds)s s."), figures)]
    if reached.moment:
        said.append(Said(_("The last transaction is of %(moment_at)s."), {"moment_at": str(reached.moment)}))
    return server, Result(plan.entry.size, reached.lsn, said)


@contextlib.contextmanager
def removed_on_failure(server: Server) -> Iterator[None]:
    """What is half done looks like a clinic, and takes its room; the keys of the archive go in any case."""
    try:
        yield
    except BaseException as error:
        server.stop()
        remove_tree(server.data)
        if isinstance(error, BackupError) and server.log.exists():
            error.and_then([Said(_("Nothing is left of it but its log, %(path)s."), {"path": str(server.log)})])
        raise
    finally:
        remove_tree(replay.archive_folder(server))


def unpack(settings: Settings, plan: Plan, say, fetch) -> None:
    if not settings.identity or not settings.identity.exists():
        raise BackupError(_("BACKUP_IDENTITY_FILE names no key: without it no backup can be opened."))
    make_folder(plan.data.parent)
    with scratch(plan.data.parent, "restore") as work:
        say(f"Fetching {plan.entry.name} ({plan.entry.size >> 20} MB) …")
        fetch(Catalogue(settings, BASE), plan.entry, work)
        data = make_folder(work / "data")
        say("Unpacking and comparing with the manifest …")
        opened = ["age", "-d", "-i", settings.identity]
        run_piped([*opened, work / f"{TAR}.age"], ["tar", "--zstd", "-x", "-C", data])
        run_piped([*opened, work / f"{LOG}.age"], ["tar", "-x", "-C", data / "pg_wal"])
        run("age", "-d", "-i", settings.identity, "-o", work / MANIFEST, work / f"{MANIFEST}.age")
        run("pg_verifybackup", "-m", work / MANIFEST, data)
        data.rename(plan.data)


def describe(plan: Plan) -> str:
    return f"""A new server would be made; the running one is not touched.
  moment   {plan.target}
  backup   {plan.entry.name}, ended {plan.entry.ended}, {plan.entry.size >> 20} MB
  log      from {plan.entry.start_lsn}; the archive ends with {plan.last.name if plan.last else "the backup"}
  folder   {plan.data} (new)
  port     {plan.port} of 127.0.0.1; it archives nothing"""


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy/backup/restore", description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--to", metavar="TIME", help="with its zone: '2026-11-22 14:05:00+03'")
    which.add_argument("--before-lsn", metavar="LSN", default="")
    which.add_argument("--latest", action="store_true")
    parser.add_argument("--into", type=Path, help="the new server's folder")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--backup", default="", help="the name of the base backup to begin with")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    return parser.parse_args(words)


def target_of(words: argparse.Namespace) -> Target:
    try:
        moment = datetime.fromisoformat(words.to) if words.to else None
        lsn(words.before_lsn or "0/0")
    except ValueError as error:
        raise BackupError(_("That is no moment: %(words)s."), words=str(error)) from error
    if moment and not moment.tzinfo:
        raise BackupError(_("Write the zone too: '%(moment)s+03'. Without it the moment is a guess."), moment=words.to)
    return Target(moment, words.before_lsn)


def send_what_waits(settings: Settings, target: Target) -> None:
    """What was done in the last minutes is not archived yet: while the primary answers, it is sent now.

    A moment is known to be reached by the first transaction after it: there is one more.
    """
    now = datetime.now(UTC)
    if target.time and target.time > now:
        raise BackupError(_("%(moment_at)s is still to come."), moment_at=target.time)
    if target.before or (target.time and now - target.time > LONG_AGO):
        return
    try:
        with psycopg.connect(settings.url, autocommit=True, connect_timeout=5) as connection:
            connection.execute("SELECT pg_current_xact_id()")
        wal.ship(settings)
    except (BackupError, psycopg.Error) as error:
        print(f"The primary sends nothing more, what it had not archived is not there: {str(error).strip()}")


def main(arguments: list[str]) -> int:
    words, started = parse(arguments), journal.now()
    try:
        settings = read_settings()
    except BackupError as error:
        print(f"Not restored: {error}", file=sys.stderr)
        return 1
    into = words.into or settings.folder.parent / f"restored-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    try:
        target = target_of(words)
        send_what_waits(settings, target)
        plan = make_plan(settings, target, into.absolute(), words.port, words.backup)
        print(describe(plan), flush=True)
        if not words.yes and input("Go on? [y/N] ").strip().lower() != "y":
            print("Nothing was done.")
            return 1
        server, result = restore(settings, plan, lambda text: print(text, flush=True))
    except (BackupError, psycopg.Error, OSError) as error:
        print(f"Not restored: {error}", file=sys.stderr)
        journal.record(settings, "restore", started, "failed", Result(said=said_by(error)))
        return 1
    journal.record(settings, "restore", started, "ok", result)
    database = psycopg.conninfo.conninfo_to_dict(settings.url)["dbname"]
    print(f"Restored: {in_english(result.said)}\nLook at it:  psql '{server.url(database)}'")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
