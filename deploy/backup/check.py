"""Every five minutes: a point to restore to is written, and the archive of the log is looked through for holes.

python3 -m deploy.backup.check
"""

import sys
from pathlib import Path

import psycopg

from deploy.backup import journal, wal
from deploy.backup.catalogue import BASE, DUMP, Catalogue
from deploy.backup.journal import Result
from deploy.backup.running import check_space
from deploy.backup.settings import Settings
from deploy.backup.words import BackupError, Said, _

POINT = "SELECT pg_create_restore_point(to_char(clock_timestamp(), '\"vetclinic\" YYYY-MM-DD HH24:MI:SS OF'))::text"
ARCHIVER = """
    SELECT last_archived_wal, waiting.*, current_setting('data_directory')
    FROM pg_stat_archiver, LATERAL (
        SELECT count(*), COALESCE(EXTRACT(epoch FROM clock_timestamp() - min(modification)), 0)::int
        FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready') waiting
"""


def check(settings: Settings) -> Result:
    with psycopg.connect(settings.url, autocommit=True, connect_timeout=5) as connection:
        point = connection.execute(POINT).fetchone()[0]
        newest, waiting, seconds, data = connection.execute(ARCHIVER).fetchone()
    result, troubles = Result(lsn=point), []
    for look in (
        lambda: check_archiver(settings, waiting, seconds),
        lambda: check_space(settings.folder, settings.min_free_mb),
        lambda: check_space(Path(data), settings.min_free_mb),
        lambda: look_through(settings, newest or "", result),
        lambda: check_objects(settings),
    ):
        try:
            look()
        except BackupError as error:
            troubles.append(error)
    if troubles:
        raise troubles[0].and_then([said for error in troubles[1:] for said in error.said])
    return result


def check_archiver(settings: Settings, waiting: int, seconds: int) -> None:
    """Also when nothing fails: a bucket that never answers lets the archiver wait without counting a failure."""
    if seconds > settings.wal_late_s:
        raise BackupError(
            _("The archive is behind: %(count)s segments wait, the oldest for %(seconds)s s."),
            count=waiting, seconds=seconds,
        )  # fmt: skip


def look_through(settings: Settings, newest: str, result: Result) -> None:
    """Adds the bytes of the archived log to `result`; refuses what no restore from the newest backup could pass.

    Of a hole before it is told, and no alarm made: nothing can be done about it any more.
    """
    catalogue = Catalogue(settings, BASE)
    bases, archive = catalogue.stored(), wal.archive_of(catalogue.store)
    if not bases:
        raise BackupError(_("The bucket holds no base backup: nothing can be restored."))
    archive.check(wal.first_after(bases[-1]))
    if wal.NAME.fullmatch(newest) and newest not in {segment.name for segment in archive.segments}:
        raise BackupError(_("%(name)s was said to be archived and is not in the bucket."), name=newest)
    result.size = sum(segment.size for segment in archive.segments)
    figures = {"count": len(archive.segments), "last": archive.last.name if archive.last else "–"}
    try:
        archive.check(wal.first_after(bases[0]))
        result.said = [Said(_("%(count)s segments without a hole, up to %(last)s."), figures)]
    except BackupError as earlier:
        figures["name"] = bases[-1].name
        result.said = [Said(_("%(count)s segments, up to %(last)s without a hole since %(name)s."), figures)]
        result.said += [Said(_("Before that:"), {}), *earlier.said]


def check_objects(settings: Settings) -> None:
    """By name and size; the weekly proof reads them."""
    missing = [key for kind in (BASE, DUMP) for key in Catalogue(settings, kind).missing()]
    if missing:
        raise BackupError(
            _("Missing in the bucket, or not as long as written: %(names)s. If it is here the next backup sends it."),
            names=", ".join(missing),
        )


if __name__ == "__main__":
    sys.exit(journal.main("wal", check))
