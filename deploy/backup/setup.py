"""Makes a primary archive its log, and shows what is still to be done. May be repeated.

python3 -m deploy.backup.setup            (deploy/backup/install does this and the timers)
"""

import secrets
import sys
import time
from pathlib import Path

import psycopg

from deploy.backup import timelines, wal
from deploy.backup.catalogue import BASE, Catalogue
from deploy.backup.running import make_folder, program, scratch, write_private
from deploy.backup.settings import Settings, environment, read_settings
from deploy.backup.store import Store
from deploy.backup.words import BackupError

FACTS = """
    SELECT current_setting('data_directory'), current_setting('archive_mode'), pg_is_in_recovery(),
           pg_size_bytes(current_setting('wal_segment_size')), current_setting('data_checksums')
"""
WRITTEN = "SELECT pg_walfile_name(pg_current_wal_insert_lsn())"

# After a start the checkpointer sleeps for one checkpoint_timeout before it looks at archive_timeout.
ARCHIVING = {"archive_mode": "on", "archive_timeout": "60s", "checkpoint_timeout": "60s"}
CHECKSUMS = """\
Data checksums are off: a page that a disk has spoilt goes unnoticed, also by the weekly proof. To switch them on,
stop the web servers, the standbys and then this server; on each of these machines, as postgres, for its own data:
    {program} --enable --progress -D {data}
and start them again. Or do it here alone, and copy the standbys anew."""


def prepare(settings: Settings, say=print) -> None:
    """Key, configuration of pgBackRest, the archive in the bucket, then the server's archive_command."""
    make_folder(settings.folder)
    if not settings.recipient.startswith("age1"):
        raise BackupError("Set BACKUP_RECIPIENT: on the machine where you restore,  age-keygen -o identity  prints it.")
    if not settings.wal_key.exists():
        write_private(settings.wal_key, secrets.token_urlsafe(48) + "\n")
        say(f"Made {settings.wal_key}. COPY IT AWAY NOW: without it the archived log cannot be read.")
    with psycopg.connect(settings.url, autocommit=True, connect_timeout=5) as connection:
        data, mode, standby, segment, checksums = connection.execute(FACTS).fetchone()
        if standby:
            raise BackupError("BACKUP_URL names a standby: it must name the primary.")
        if segment != wal.SEGMENT:
            raise BackupError("Only segments of 16 MB are supported (wal_segment_size).")
        _wait_for(Store(settings.bucket))
        with scratch(settings.folder, "setup") as work:  # what is wrong must not take the place of what goes well
            wal.create_stanza(wal.configure(settings, work / "pgbackrest.conf", Path(data)))
        config = wal.configure(settings, settings.pgbackrest, Path(data))
        written = wal.parse_segment(connection.execute(WRITTEN).fetchone()[0])
        sent, needs_base = _catch_up(settings, config, Path(data), written)
        command = wal.archive_command(config)
        for name, value in (ARCHIVING | {"archive_command": command}).items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        connection.execute("SELECT pg_reload_conf()")
    if sent:
        say(f"Sent what the archive lacked: {', '.join(sent)}.")
    if mode == "off":
        say("Now restart PostgreSQL once: archive_mode is only read at its start. Then run this once more.")
    if needs_base:
        say("Then take a backup:  systemctl start vetclinic-base. There is none since this server is the primary.")
    if checksums != "on":
        say(CHECKSUMS.format(program=program("pg_checksums"), data=data))
    say(f"The log is archived to {settings.bucket.name}/{settings.bucket.prefix}/wal, at most 60 s behind.")


def _catch_up(settings: Settings, config: Path, data: Path, written: wal.Segment) -> tuple[list[str], bool]:
    """What was sent, and whether no backup was taken since this server is the primary."""
    catalogue = Catalogue(settings, BASE)
    bases = catalogue.stored()
    since = wal.segment_of(bases[0].timeline, bases[0].start_lsn) if bases else None
    sent = timelines.catch_up(config, data / "pg_wal", wal.archive_of(catalogue.store), written, since)
    return sent, not bases or bases[-1].timeline < written.timeline


def _wait_for(store: Store, seconds: float = 20) -> None:
    """Say early and plainly when the bucket is not reached."""
    until = time.monotonic() + seconds
    while True:
        try:
            store.names("catalogue/")
        except BackupError:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)
        else:
            return


if __name__ == "__main__":
    try:
        if not environment().list("ADMIN_EMAILS", default=[]):
            raise BackupError("Set ADMIN_EMAILS: nobody would be told when a backup fails.")
        prepare(read_settings())
    except (BackupError, psycopg.Error, OSError) as problem:
        sys.exit(f"Not set up: {problem}")
