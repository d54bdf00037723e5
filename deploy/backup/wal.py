"""The archive of the write-ahead log: pgBackRest ships and encrypts it; what it has is listed here."""

import re
import time
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from deploy.backup.catalogue import Entry, lsn, lsn_text
from deploy.backup.running import make_folder, run, write_private
from deploy.backup.settings import Settings
from deploy.backup.store import Store
from deploy.backup.words import BackupError, _

STANZA = "vetclinic"
SEGMENT = 16 * 2**20
NAME = re.compile(r"[0-9A-F]{24}")
IN_ARCHIVE = re.compile(r"/([0-9A-F]{24})-[0-9a-f]{40}")
HISTORY = re.compile(r"/([0-9A-F]{8})\.history")


@dataclass(frozen=True, order=True)
class Segment:
    number: int  # position // SEGMENT
    timeline: int
    key: str = ""
    size: int = 0

    @property
    def name(self) -> str:
        return f"{self.timeline:08X}{self.number // 256:08X}{self.number % 256:08X}"


def segment_of(timeline: int, position: str) -> Segment:
    return Segment(lsn(position) // SEGMENT, timeline)


def first_after(base: Entry) -> Segment:
    """The first that a restore takes from the archive: a base carries the log up to where it is whole in itself."""
    return segment_of(base.timeline, base.stop_lsn)


def parse_segment(name: str) -> Segment:
    return Segment(int(name[8:16], 16) * 256 + int(name[16:24], 16), int(name[:8], 16))


def configure(settings: Settings, path: Path, data: Path) -> Path:
    """Write what pgBackRest needs for the server of `data`; the file holds the keys and is private."""
    bucket, work = settings.bucket, make_folder(path.parent / "pgbackrest")
    host = urlsplit(bucket.endpoint)
    if host.scheme != "https":
        raise BackupError(_("pgBackRest speaks to S3 over https only: set endpoint_url in BACKUP_S3_URL."))
    if not settings.wal_key.exists():
        raise BackupError(_("The key of the archived log is missing: %(path)s."), path=settings.wal_key)
    options = {
        "repo1-type": "s3",
        "repo1-path": f"/{bucket.prefix}/wal",
        "repo1-s3-bucket": bucket.name,
        "repo1-s3-endpoint": host.hostname,
        "repo1-storage-port": host.port or 443,
        "repo1-s3-region": bucket.region,
        "repo1-s3-uri-style": "path",
        "repo1-s3-key": bucket.key,
        "repo1-s3-key-secret": bucket.secret,
        "repo1-s3-key-type": "" if bucket.key else "auto",
        "repo1-storage-ca-file": bucket.ca_file,
        "repo1-cipher-type": "aes-256-cbc",
        "repo1-cipher-pass": settings.wal_key.read_text().strip(),
        "spool-path": make_folder(work / "spool"),
        "lock-path": make_folder(work / "lock"),
        "log-path": make_folder(work / "log"),
        "log-level-console": "warn",
        "log-level-file": "warn",
        "archive-async": "y",
        "process-max": 2,
        "compress-type": "zst",
        "io-timeout": 20,  # a bucket that takes the connection and never answers
        "archive-timeout": 30,
        "archive-get-queue-max": "256MiB",
    }
    lines = [f"{name}={value}" for name, value in options.items() if value != ""]
    write_private(path, "\n".join(["[global]", *lines, f"[{STANZA}]", f"pg1-path={data}", ""]))
    return path


def archive_command(config: Path) -> str:
    return f"timeout -k 5 60 pgbackrest --config={config} --stanza={STANZA} archive-push %p"


def restore_command(config: Path) -> str:
    """A segment that is not there ends with 1, all else above 125: PostgreSQL then stops instead of carrying on."""
    get = f'timeout -k 5 120 pgbackrest --config={config} --stanza={STANZA} archive-get %f "%p"'
    return f"{get}; status=$?; if [ $status -gt 1 ]; then exit 200; fi; exit $status"


def pgbackrest(config: Path, *words: object, right: tuple[int, ...] = (0,)) -> None:
    try:
        run("pgbackrest", f"--config={config}", f"--stanza={STANZA}", *words, timeout=120, right=right)
    except BackupError as error:
        text = str(error)
        if "unable to load info file" in text and ("FormatError" in text or "CryptoError" in text):
            raise BackupError(_("The key in BACKUP_WAL_KEY_FILE does not open the archived log.")) from error
        raise


def check_key(config: Path) -> None:
    """By asking for what is never there: the first timeline has no history."""
    pgbackrest(config, "--no-archive-async", "archive-get", "00000001.history", config.with_name("none"), right=(0, 1))


def create_stanza(config: Path) -> None:
    """Needed once, before the first segment is pushed; harmless when repeated."""
    pgbackrest(config, "--no-online", "stanza-create")


def fetch_segment(config: Path, name: str, into: Path) -> Path:
    pgbackrest(config, "--no-archive-async", "archive-get", name, into / name)
    if not (into / name).exists():
        raise BackupError(_("%(name)s is not in the archive."), name=name)
    return into / name


@dataclass(frozen=True)
class Archive:
    """What is archived: segments in the order of the log, and the timelines whose history is there."""

    segments: list[Segment]
    histories: frozenset[int] = frozenset()

    @property
    def last(self) -> Segment | None:
        """Of the newest timeline: an older one may have gone further, before its server was lost."""
        return max(self.segments, key=lambda segment: (segment.timeline, segment.number), default=None)

    def since(self, first: Segment) -> "Archive":
        kept = [one for one in self.segments if one.number >= first.number and one.timeline >= first.timeline]
        return Archive(kept, self.histories)

    def check(self, first: Segment) -> None:
        """Refuses a log that cannot be passed from `first` to its end. That it ends early is no hole."""
        log = self.since(first)
        if not log.last:
            return
        begun = {one.timeline: one.number for one in reversed(log.segments)}
        unknown = [timeline for timeline in begun if timeline > first.timeline and timeline not in self.histories]
        if unknown:
            raise BackupError(
                _("%(name)s is missing in the archive: no restore gets past that promotion."),
                name=f"{min(unknown):08X}.history",
            )
        there = {(one.number, one.timeline) for one in log.segments}
        wanted = [(n, _timeline_at(n, begun, first)) for n in range(first.number, log.last.number)]
        holes = [Segment(*place) for place in wanted if place not in there]
        if holes:
            raise BackupError(
                _("%(name)s is missing in the archive (%(count)s in all): no restore gets past it."),
                name=holes[0].name, count=len(holes),
            )  # fmt: skip


def _timeline_at(number: int, begun: dict[int, int], first: Segment) -> int:
    """The timeline on which a segment is read: the newest that had begun by then."""
    return max((timeline for timeline, start in begun.items() if start <= number), default=first.timeline)


def archive_of(store: Store) -> Archive:
    names = store.sizes(f"wal/archive/{STANZA}/")
    found = [(IN_ARCHIVE.search(name), name, size) for name, size in names.items()]
    segments = [replace(parse_segment(match[1]), key=name, size=size) for match, name, size in found if match]
    histories = [int(match[1], 16) for name in names if (match := HISTORY.search(name))]
    return Archive(sorted(segments), frozenset(histories))


def ship(settings: Settings, timeout: float = 120) -> float:
    """Close the segment that is being written and wait until it is archived; the seconds that it took."""
    began = time.monotonic()
    with psycopg.connect(settings.url, autocommit=True, connect_timeout=5) as connection:
        (name,) = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        while not connection.execute("SELECT last_archived_wal >= %s FROM pg_stat_archiver", [name]).fetchone()[0]:
            if time.monotonic() - began > timeout:
                raise BackupError(_("%(name)s was not archived within %(seconds)s s."), name=name, seconds=int(timeout))
            time.sleep(0.2)
    return time.monotonic() - began


def last_position(config: Path, segment: Segment, folder: Path) -> str:
    """The beginning of the last record that is whole in a segment: the furthest point that a restore can reach."""
    path = fetch_segment(config, segment.name, folder)
    # It complains about the record that goes on in the next segment: that one is not archived.
    positions = re.findall(r"lsn: ([0-9A-F]+/[0-9A-F]+)", run("pg_waldump", path, right=(0, 1)))
    if not positions:
        raise BackupError(_("%(name)s holds no whole record of the log."), name=segment.name)
    return lsn_text(lsn(positions[-1]))
