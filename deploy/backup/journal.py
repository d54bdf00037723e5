"""What every job writes down: in the table backup_run, and while that is away in a file that is sent after."""

import contextlib
import fcntl
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg.types.json import Jsonb

from deploy.backup.running import make_folder, own, write_private
from deploy.backup.settings import Settings, read_settings
from deploy.backup.words import BackupError, Said, _, in_english, said_by

INSERT = """
    INSERT INTO backup_run (kind, started_at, ended_at, state, size, lsn, said)
    VALUES (%(kind)s, %(started)s, %(ended)s, %(state)s, %(size)s, %(lsn)s, %(said)s)
"""


@dataclass
class Result:
    size: int = 0
    lsn: str = ""
    said: list[Said] = field(default_factory=list)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def record(settings: Settings, kind: str, started: str, state: str, result: Result) -> None:
    """Write a result down. The last one of each kind also stands in status.json, for days without the database."""
    row = {"kind": kind, "started": started, "ended": now(), "state": state} | asdict(result)
    unsent = settings.folder / "unsent.jsonl"
    earlier = [json.loads(line) for line in unsent.read_text().splitlines()] if unsent.exists() else []
    try:
        with psycopg.connect(settings.url, connect_timeout=5) as connection:
            connection.cursor().executemany(INSERT, [one | {"said": Jsonb(one["said"])} for one in [*earlier, row]])
        unsent.unlink(missing_ok=True)
    except psycopg.Error as error:
        print(f"Not in the table backup_run yet, kept in {unsent}: {error}", file=sys.stderr)
        with unsent.open("a") as file:
            file.write(json.dumps(row) + "\n")
        own(unsent)
    _keep_status(settings, kind, row, result.said)


def _keep_status(settings: Settings, kind: str, row: dict, said: list[Said]) -> None:
    """Also for the letter of alarm. On a full disk the table alone has it."""
    status = settings.folder / "status.json"
    try:
        known = json.loads(status.read_text()) if status.exists() else {}
        write_private(status, json.dumps(known | {kind: row | {"words": in_english(said)}}, indent=1))
        if row["state"] == "ok":
            (settings.folder / f"told-{kind}").unlink(missing_ok=True)  # its next failure is news again
    except OSError as error:
        print(f"{status} was not written: {error}", file=sys.stderr)


@contextlib.contextmanager
def alone(folder: Path, name: str) -> Iterator[None]:
    """One at a time: a second one is told, instead of sharing half of it."""
    path = folder / f"{name}.lock"
    with path.open("a") as lock:
        own(path)  # made by root's hand it would shut the nightly job out
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BackupError(_("Another backup runs at this moment.")) from error
        yield


def main(kind: str, job: Callable[[Settings], Result]) -> int:
    """Run a job, write down how it went; 1 when it failed, so that systemd tells the admin."""
    started = now()
    try:
        settings = read_settings()
    except BackupError as error:
        print(f"{kind} failed: {error}", file=sys.stderr)
        return 1
    make_folder(settings.folder)
    try:
        with alone(settings.folder, kind):
            result = job(settings)
    except (BackupError, psycopg.Error, OSError) as error:
        record(settings, kind, started, "failed", Result(said=said_by(error)))
        print(f"{kind} failed: {error}", file=sys.stderr)
        return 1
    record(settings, kind, started, "ok", result)
    print(f"{kind} ok: {in_english(result.said)}")
    return 0
