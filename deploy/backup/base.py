"""The daily physical backup: taken, proven readable, encrypted, kept here and in the bucket.

python3 -m deploy.backup.base
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from deploy.backup import journal, wal
from deploy.backup.catalogue import BASE, Catalogue, Entry, describe, entry_in
from deploy.backup.journal import Result
from deploy.backup.retention import kept
from deploy.backup.running import HOURS, check_space, make_folder, own, run, scratch
from deploy.backup.settings import Settings
from deploy.backup.words import BackupError, Said, _

TAR, LOG, MANIFEST = "base.tar.zst", "pg_wal.tar", "backup_manifest"


def back_up(settings: Settings) -> Result:
    catalogue = Catalogue(settings, BASE)
    check_space(settings.folder, settings.min_free_mb)
    for path in catalogue.folder.iterdir():
        if not entry_in(path):
            remove_tree(path)
    entry = take(settings, catalogue)
    publish(catalogue, entry)
    removed = expire(settings, catalogue)
    made = Said(_("%(name)s is in the bucket, verified."), {"name": entry.name})
    return Result(entry.size, entry.stop_lsn, [made, removed])


def publish(catalogue: Catalogue, entry: Entry) -> None:
    """Send it, and whatever an earlier day could not send."""
    try:
        catalogue.publish()
    except BackupError as error:
        told = BackupError(
            _("It is in %(place)s, not yet in the bucket; the next run sends it."),
            place=catalogue.folder / entry.name,
        )
        raise told.and_then(error.said) from error


def take(settings: Settings, catalogue: Catalogue) -> Entry:
    """A new backup in the folder. It has its name only when it is whole, read back and encrypted."""
    started = datetime.now(UTC)
    with scratch(catalogue.folder, BASE) as work:
        raw, done = work / "raw", make_folder(work / "done")
        words = ["-Ft", "--compress=client-zstd:3", "-X", "stream", "-c", "fast", "--manifest-checksums=SHA256"]
        run("pg_basebackup", "-D", raw, *words, "--label=vetclinic", url=settings.source_url, timeout=12 * HOURS)
        if {path.name for path in raw.iterdir()} != {TAR, LOG, MANIFEST}:
            names = ", ".join(sorted(path.name for path in raw.iterdir()))
            raise BackupError(_("Tablespaces are not backed up: %(names)s."), names=names)
        unpacked = verify(raw, make_folder(work / "check"))
        for name in (TAR, LOG, MANIFEST):
            encrypt(settings, raw / name, done / f"{name}.age")
        span = json.loads((raw / MANIFEST).read_text())["WAL-Ranges"][-1]
        entry = Entry(
            kind=BASE,
            name=f"base-{started:%Y%m%dT%H%M%S%fZ}",
            started=started.isoformat(),
            ended=datetime.now(UTC).isoformat(),
            files=describe(list(done.iterdir())),
            timeline=span["Timeline"],
            start_lsn=span["Start-LSN"],
            stop_lsn=span["End-LSN"],
            unpacked=unpacked,
        )
        catalogue.keep(done, entry)
    return entry


def verify(raw: Path, folder: Path) -> int:
    """Unpack the files of a backup and compare each with the manifest; the bytes that they take."""
    run("tar", "--zstd", "-xf", raw / TAR, "-C", folder)
    run("tar", "-xf", raw / LOG, "-C", folder / "pg_wal")
    run("pg_verifybackup", "-m", raw / MANIFEST, folder)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    remove_tree(folder)
    return size


def encrypt(settings: Settings, path: Path, into: Path) -> None:
    if not settings.recipient:
        raise BackupError(_("BACKUP_RECIPIENT is empty: nothing leaves this machine unencrypted."))
    run("age", "-r", settings.recipient, "-o", into, path)
    own(into)


def expire(settings: Settings, catalogue: Catalogue) -> Said:
    """Remove the backups that retention lets go, and the log that no kept one needs; a sentence about it."""
    entries = catalogue.stored()
    staying = kept(entries, settings.keep_days, settings.keep_weeks)
    names = {entry.name for entry in staying}
    going = [entry for entry in [*entries, *catalogue.local()] if entry.name not in names]
    for entry in going:
        catalogue.remove(entry)
    catalogue.sweep()
    first = wal.segment_of(staying[0].timeline, staying[0].start_lsn)
    old = [one.key for one in wal.archive_of(catalogue.store).segments if one.number < first.number]
    catalogue.store.remove(old)
    figures = {"kept": len(staying), "removed": len({entry.name for entry in going}), "segments": len(old)}
    return Said(_("Kept: %(kept)s, removed: %(removed)s and %(segments)s segments of the log."), figures)


def remove_tree(path: Path) -> None:
    run("rm", "-rf", "--", path)


if __name__ == "__main__":
    sys.exit(journal.main(BASE, back_up))
