"""What the operations page and the metrics tell of backups: how old and how large the last good ones are."""

import contextlib
import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vetclinic.monitoring.backup_run import BackupRun

Kind, State = BackupRun.Kind, BackupRun.State
SHOWN: dict[str, str | Promise] = {
    Kind.BASE: _("Physical backup"),
    Kind.WAL: _("Archived log"),
    Kind.DUMP: _("Logical export"),
    Kind.PROVE: _("Restore proven"),
}
ARCHIVER = """
    SELECT last_archived_time, last_failed_time > COALESCE(last_archived_time, '-infinity'),
           current_setting('archive_mode') <> 'off', has_function_privilege('pg_ls_archive_statusdir()', 'EXECUTE')
    FROM pg_stat_archiver
"""
# Segments that are finished and not sent. That a quiet night archives nothing is no fault.
WAITING = """
    SELECT COALESCE(clock_timestamp() - min(modification) > %s * interval '1 second', false)
    FROM pg_ls_archive_statusdir() WHERE name LIKE '%%.ready'
"""


@dataclass(frozen=True)
class Row:
    """One kind of backup: its last good run, and a failure that came after it."""

    kind: str
    name: str | Promise
    good: BackupRun | None
    failed: BackupRun | None

    @property
    def age(self) -> dt.timedelta | None:
        return timezone.now() - self.good.ended_at if self.good else None

    @property
    def is_stale(self) -> bool:
        return self.age is None or self.age > settings.BACKUP_STALE[self.kind]

    @property
    def look(self) -> str:
        """The colour of its chip: ok, warn or bad."""
        if self.is_stale:
            return "bad"
        return "warn" if self.failed else "ok"

    @property
    def state(self) -> str | Promise:
        if self.good is None:
            return _("never")
        if self.is_stale:
            return _("too old")
        return _("failed since") if self.failed else _("in order")


@dataclass(frozen=True)
class Archive:
    """The archiver, as the primary knows it."""

    last: dt.datetime | None
    is_failing: bool
    is_behind: bool  # also when nothing fails: a bucket may take the connection and never answer
    is_on: bool


def rows() -> list[Row]:
    """A row for each kind that is shown."""
    return [_row(kind, name) for kind, name in SHOWN.items()]


def _row(kind: str, name: str | Promise) -> Row:
    runs = BackupRun.objects.filter(kind=kind).order_by("-id")
    good, last = runs.filter(state=State.OK).first(), runs.first()
    return Row(kind, name, good, last if last and last.state == State.FAILED else None)


def archive() -> Archive:
    with connections["default"].cursor() as cursor:
        cursor.execute(ARCHIVER)
        last, is_failing, is_on, may_look = cursor.fetchone()
        is_behind = False
        if is_on and may_look:
            cursor.execute(WAITING, [settings.BACKUP_ARCHIVE_LATE_S])
            [is_behind] = cursor.fetchone()
    return Archive(last, bool(is_on and is_failing), is_behind, is_on)


def backups() -> dict:
    """For the operations page. A standby has the results, too; of the archiver only the primary knows."""
    found: dict = {"backups": None, "archive": None}
    with contextlib.suppress(DatabaseError):
        found["backups"] = rows()
        found["archive"] = archive()
    return found
