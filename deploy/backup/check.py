"""Every five minutes: a point to restore to is written, and the archive of the log is looked through for holes.

python3 -m deploy.backup.check
"""

import sys
from pathlib import Path

import psycopg

from deploy.backup import journal, wal
from deploy.backup.catalogue import BASE, Catalogue
from deploy.backup.journal import Result
from deploy.backup.running import BackupError, free_mb
from deploy.backup.settings import Settings

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
    troubles = [
        *_behind(settings, waiting, seconds),
        *_full(settings, [settings.folder, Path(data)]),
    ]
    try:
        size, told = look_through(settings, newest or "")
    except BackupError as error:
        troubles.append(str(error))
    if troubles:
        raise BackupError("; ".join(troubles))
    return Result(size, point, told)


def _behind(settings: Settings, waiting: int, seconds: int) -> list[str]:
    """Also when nothing fails: a bucket that never answers lets the archiver wait without counting a failure."""
    if seconds <= settings.wal_late_s:
        return []
    return [f"The archive is behind: {waiting} segments wait, the oldest for {seconds} s"]


def _full(settings: Settings, folders: list[Path]) -> list[str]:
    """Before it is too late: log that cannot be archived stays in the server's folder."""
    return [
        f"Only {free_mb(folder)} MB are free in {folder} (limit {settings.min_free_mb})"
        for folder in folders
        if folder.exists() and free_mb(folder) < settings.min_free_mb
    ]


def look_through(settings: Settings, newest: str) -> tuple[int, str]:
    """The bytes of the archived log; refuses what no restore from the newest backup could pass.

    Of a hole before it is told, and no alarm made: nothing can be done about it any more.
    """
    catalogue = Catalogue(settings, BASE)
    bases, archive = catalogue.stored(), wal.archive_of(catalogue.store)
    if not bases:
        raise BackupError("The bucket holds no base backup: nothing can be restored")
    oldest, latest = (wal.first_after(base) for base in (bases[0], bases[-1]))
    hole, earlier = archive.gap(latest), archive.gap(oldest)
    if hole:
        raise BackupError(hole)
    if wal.NAME.fullmatch(newest) and newest not in {segment.name for segment in archive.segments}:
        raise BackupError(f"{newest} was said to be archived and is not in the bucket")
    size = sum(segment.size for segment in archive.segments)
    last = archive.last.name if archive.last else "none yet"
    if earlier:
        return size, f"up to {last} from {bases[-1].name} on; before it {earlier}"
    return size, f"{len(archive.segments)} segments without a hole, up to {last}"


if __name__ == "__main__":
    sys.exit(journal.main("wal", check))
