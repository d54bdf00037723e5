"""Replays the archived log to a target, and lets the server go only when the target was reached."""

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from deploy.backup import wal
from deploy.backup.catalogue import lsn
from deploy.backup.running import make_folder, run, scratch, write_private
from deploy.backup.server import Server
from deploy.backup.settings import Settings
from deploy.backup.words import BackupError, Said, _

STATE = "SELECT pg_get_wal_replay_pause_state(), pg_last_wal_replay_lsn()::text, pg_last_xact_replay_timestamp()"
PATIENCE = 600  # seconds without any progress


@dataclass(frozen=True)
class Reached:
    lsn: str
    moment: datetime | None


@dataclass(frozen=True)
class Goal:
    """What recovery is told. `position` is the last record to replay, or with `before` the first one not to."""

    moment: datetime | None = None
    position: str = ""
    before: bool = False
    immediate: bool = False  # the archive has nothing beyond the backup itself

    def __str__(self) -> str:
        return str(self.moment) if self.moment else f"{'just before ' * self.before}{self.position}"

    def settings(self) -> dict[str, str]:
        if self.immediate:
            return {"recovery_target": "immediate", "recovery_target_action": "pause"}
        goal = (
            {"recovery_target_time": self.moment.isoformat(sep=" ")}
            if self.moment
            else {"recovery_target_lsn": self.position}
        )
        return goal | {"recovery_target_inclusive": "off" if self.before else "on", "recovery_target_action": "pause"}


def prepare(
    settings: Settings, server: Server, moment: datetime | None, before: str, last: wal.Segment | None, whole_at: str
) -> Goal:
    """There is always a target: recovery without one ends at the first hole in the log and calls it success."""
    config = wal.configure(settings, archive_folder(server) / "pgbackrest.conf", server.data)
    wal.check_key(config)
    goal = Goal(moment, before, before=bool(before)) if moment or before else _furthest(config, server, last, whole_at)
    server.configure(goal.settings() | {"restore_command": wal.restore_command(config)})
    # A copy of a standby would wait for ever for log that is missing, instead of saying that it is.
    (server.data / "standby.signal").unlink(missing_ok=True)
    write_private(server.data / "recovery.signal", "")
    return goal


def archive_folder(server: Server) -> Path:
    """What pgBackRest needs for a server while that replays; the file in it holds the keys."""
    return make_folder(server.data.with_name(f"{server.data.name}-archive"))


def _furthest(config: Path, server: Server, last: wal.Segment | None, whole_at: str) -> Goal:
    """As far as the archive goes; at least to where the backup is whole, for which it has the log in itself."""
    if last:
        with scratch(server.data.parent, "look") as folder:
            position = wal.last_position(config, last, folder)
        if lsn(position) >= lsn(whole_at):
            return Goal(position=position)
    return Goal(position=whole_at, immediate=True)


def replay(server: Server, goal: Goal, say) -> Reached:
    server.start(wait=False)
    reached = _wait_for_target(server, say)
    if goal.position and not goal.before and lsn(reached.lsn) < lsn(goal.position):
        raise BackupError(_("Only %(reached)s was reached, not %(goal)s."), reached=reached.lsn, goal=goal)
    if goal.moment and reached.moment and reached.moment > goal.moment:
        raise BackupError(_("%(reached_at)s is later than %(goal_at)s."), reached_at=reached.moment, goal_at=goal)
    run("pg_ctl", "promote", "-w", "-D", server.data)
    server.configure({})  # a later start must not look for a target, nor for an archive
    return reached


def _gave_up(words: str) -> BackupError:
    error = BackupError(_("The server gave up: %(words)s."), words=words)
    if "before configured recovery target" not in words:
        return error
    hint = _(
        "The archive ends, or has a hole, before that moment. If it is of the last minutes, wait one; "
        "--latest goes as far as can be."
    )
    return error.and_then([Said(hint)])


def _wait_for_target(server: Server, say) -> Reached:
    """Until recovery pauses at its target. A server that gives up, or stands still for long, is an error."""
    seen, since, told = "", time.monotonic(), 0.0
    while True:
        try:
            with server.connect() as connection:
                state, position, moment = connection.execute(STATE).fetchone()
        except psycopg.OperationalError:
            state, position, moment = "", seen, None  # not yet consistent
            if time.monotonic() - since > 2 and not server.runs():
                raise _gave_up(server.complaint()) from None
        if state == "paused":
            return Reached(position, moment)
        if position != seen:
            seen, since = position, time.monotonic()
        if time.monotonic() - since > PATIENCE:
            words = server.complaint()
            raise BackupError(_("The log stands still at %(position)s: %(words)s."), position=seen, words=words)
        if time.monotonic() - told > 5:
            say(f"  … {seen or 'starting'}" + (f", {moment:%Y-%m-%d %H:%M:%S%z}" if moment else ""))
            told = time.monotonic()
        time.sleep(0.2)
