"""What the drills of backups are driven on: a primary and a standby that archive, an S3 stand-in, a clinic's tables.

One at a time: `with rig() as clinic:` inside another one shares it.
"""

import contextlib
import json
import os
import resource
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
from botocore.exceptions import EndpointConnectionError
from psycopg import sql

from deploy.backup import setup, wal
from deploy.backup.catalogue import BASE, Catalogue
from deploy.backup.closure import key_of, rows_of_owner
from deploy.backup.running import BackupError, make_folder, own, run
from deploy.backup.server import Server
from deploy.backup.settings import Bucket, Settings
from deploy.backup.store import Store
from deploy.postgres.pair import Pair, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
PREFIX = "vetclinic-backups-drilled-by-"
MANAGE = ("migrate", "--verbosity=0"), ("seed_demo", "--size=small", "--seed=1", "--password=whisker-harbour-42")


class Rig:
    def __init__(self, folder: Path):
        self.folder = own(folder)
        self.mail = make_folder(folder / "mail")
        self.pair = Pair(folder / "pair", settings={"archive_mode": "on", "archive_timeout": "60", "fsync": "off"})
        self.switch = folder / "switch"
        self.s3: subprocess.Popen | None = None
        self._largest_file = resource.RLIM_INFINITY

    def start(self) -> None:
        self._start_s3()
        self.pair.start()
        self.settings = self._settings()
        self._make_bucket()
        for words in MANAGE:
            self.python("manage.py", *words)
        setup.prepare(self.settings, say=lambda _text: None)

    def stop(self) -> None:
        for name in ("standby", "primary"):
            self.pair.stop_server(name, "immediate")  # a fast stop would archive the rest first
        self.pair.destroy()
        if self.s3:
            self.s3.kill()
            self.s3.wait()

    # -- faults ---------------------------------------------------------------------------------------

    def fault(self, word: str) -> None:
        """ "ok", "500" or "silent": how the bucket answers from now on."""
        self.switch.write_text(word)

    @contextlib.contextmanager
    def broken_s3(self, word: str = "500") -> Iterator[None]:
        self.fault(word)
        try:
            yield
        finally:
            self.fault("ok")

    @contextlib.contextmanager
    def file_limit(self, megabytes: int) -> Iterator[None]:
        """No job may write a larger file: a full disk for those who may not mount a small one."""
        self._largest_file = megabytes * 2**20
        try:
            yield
        finally:
            self._largest_file = resource.RLIM_INFINITY

    def _limits(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (self._largest_file, resource.RLIM_INFINITY))

    # -- jobs as systemd runs them --------------------------------------------------------------------

    def job(self, name: str, *words: object, **changed: str) -> subprocess.CompletedProcess:
        """python -m deploy.backup.NAME in a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", f"deploy.backup.{name}", *map(str, words)],
            cwd=ROOT, env=self.environment() | changed, capture_output=True, text=True, check=False, timeout=600,
            preexec_fn=self._limits,
        )  # fmt: skip

    def good_job(self, name: str, *words: object, **changed: str) -> str:
        done = self.job(name, *words, **changed)
        if done.returncode:
            raise BackupError(f"{name} ended with {done.returncode}: {(done.stderr or done.stdout).strip()[-800:]}")
        return done.stdout.strip()

    def have_a_base(self) -> None:
        if not Catalogue(self.settings, BASE).stored():
            self.good_job("base")

    def alarmed(self, name: str, reason: str, *words: object, **changed: str) -> str:
        """A job that must fail: it says the reason, writes it down, and the admin gets a letter with it."""
        done = self.job(name, *words, **changed)
        if done.returncode == 0 or reason not in done.stderr:
            raise BackupError(f"{name} did not say “{reason}”: {done.stdout[-400:]} {done.stderr[-800:]}")
        kind = {"check": "wal"}.get(name, name)
        row = self.sql(f"SELECT state || ': ' || detail FROM backup_run WHERE kind = '{kind}' ORDER BY id DESC LIMIT 1")
        if not row.startswith("failed: ") or reason not in row:
            raise BackupError(f"{name} did not write “{reason}” down, but: {row}")
        self.told(kind, "", **changed)
        return done.stderr

    def told(self, kind: str, reason: str, **changed: str) -> None:
        """What systemd does when a job failed: the admin gets a letter."""
        self.good_job("alarm", f"vetclinic-{kind}.service", **changed)
        letters = [path.read_text() for path in sorted(self.mail.iterdir())]
        if not any(f"vetclinic-{kind}" in letter and reason in letter for letter in letters):
            raise BackupError(f"No letter about {kind} came: {letters}")
        for path in [*self.mail.iterdir(), *Path(changed.get("BACKUP_DIR", self.settings.folder)).glob("told-*")]:
            path.unlink()

    def environment(self) -> dict[str, str]:
        bucket = self.settings.bucket
        return os.environ | self.pair.environment() | {
            "BACKUP_URL": self.settings.url,
            "BACKUP_SOURCE_URL": self.settings.source_url,
            "BACKUP_DIR": str(self.settings.folder),
            "BACKUP_S3_URL": f"s3://key:secret@{bucket.name}/{bucket.prefix}?endpoint_url={bucket.endpoint}",
            "BACKUP_S3_CA_FILE": bucket.ca_file,
            "BACKUP_RECIPIENT": self.settings.recipient,
            "BACKUP_IDENTITY_FILE": str(self.settings.identity),
            "BACKUP_MIN_FREE_MB": str(self.settings.min_free_mb),
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DEBUG": "false",
            "HTTPS": "false",
            "ALLOWED_HOSTS": "clinic.example",
            "ADMIN_EMAILS": "admin@clinic.example",
            "EMAIL_URL": f"filemail:///{self.mail}",
            "CACHE_DIR": str(self.folder / "cache"),
        }  # fmt: skip

    def python(self, *words: str) -> None:
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BackupError(f"{words} failed: {done.stderr[-1500:]}")

    # -- the database ---------------------------------------------------------------------------------

    def sql(self, statement: str) -> str:
        return self.pair.sql(statement, database="vetclinic").strip()

    def drain(self) -> float:
        return wal.ship(self.settings)

    def schema_of(self, table: str) -> list[str]:
        """A table's definition with indexes, constraints and triggers, as pg_dump writes it; order does not matter."""
        text = run("pg_dump", "-s", "-t", table, "--no-owner", "-d", "vetclinic", url=self.settings.url)
        return sorted(line for line in text.splitlines() if line and not line.startswith(("--", "\\")))

    def lateness(self) -> float:
        """Seconds from a lone write until its segment is archived, with nobody asking for it."""
        began = time.monotonic()
        self.sql("UPDATE pet SET name = name WHERE id = 1")
        segment = self.sql("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
        while self.sql("SELECT last_archived_wal FROM pg_stat_archiver") < segment:
            if time.monotonic() - began > 90:
                raise BackupError(f"{segment} is not archived after 90 s.")
            time.sleep(0.2)
        return time.monotonic() - began

    def moment(self) -> str:
        return self.sql("SELECT clock_timestamp()")

    def lose_an_owner(self) -> int:
        """Remove the owner with most invoices and all that hangs on it, past every rule."""
        owner = int(self.sql("SELECT pet_owner_id FROM invoice GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"))
        with psycopg.connect(self.settings.url) as connection:
            connection.execute("SET LOCAL session_replication_role = replica")
            for table, rows in rows_of_owner(connection, owner).items():
                key = key_of(connection, table)
                keys = [json.loads(row["json"])[key.as_string(connection).strip('"')] for row in rows]
                delete = sql.SQL("DELETE FROM {} WHERE {} = ANY(%s)").format(sql.Identifier(table), key)
                connection.execute(delete, [keys])
        return owner

    @contextlib.contextmanager
    def twin(self, name: str) -> Iterator[str]:
        """The address of a copy of the clinic's database on the same server, to be ruined."""
        self.sql(f"DROP DATABASE IF EXISTS {name}")
        self.pair.sql(f"CREATE DATABASE {name} TEMPLATE vetclinic")
        yield self.settings.url.removesuffix("vetclinic") + name
        self.pair.sql(f"DROP DATABASE {name} WITH (FORCE)")

    def other_identity(self) -> Path:
        """A key that opens no backup of this clinic."""
        path = self.folder / "other-identity"
        path.unlink(missing_ok=True)
        run("age-keygen", "-o", path)
        return path

    # -- how it is made -------------------------------------------------------------------------------

    def _settings(self) -> Settings:
        folder = make_folder(self.folder / "backup")
        identity = self.folder / "identity"
        printed = run("age-keygen", "-o", identity)
        pair = self.pair._state()
        url = "postgresql://postgres:{admin_password}@127.0.0.1:{port}/vetclinic"
        endpoint = f"https://localhost:{self.s3_port}"
        return Settings(
            url=url.format(**pair, port=pair["primary"]),
            source_url=url.format(**pair, port=pair["standby"]),
            folder=folder,
            bucket=Bucket.parse(
                f"s3://key:secret@clinic/vetclinic?endpoint_url={endpoint}", str(self.folder / "certificate.pem")
            ),
            recipient=printed.split()[-1],
            identity=identity,
            wal_key=folder / "wal.key",
            keep_days=7,
            keep_weeks=4,
            min_free_mb=64,
            wal_late_s=180,
        )

    def _start_s3(self) -> None:
        certificate, key = self.folder / "certificate.pem", self.folder / "key.pem"
        name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        run(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            *name,
            "-keyout",
            key,
            "-out",
            certificate,
        )
        self.fault("ok")
        self.s3_port = free_port()
        words = [sys.executable, "-m", "deploy.drills.s3", self.s3_port, certificate, key, self.switch]
        self.s3 = subprocess.Popen(
            list(map(str, words)), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def _make_bucket(self) -> None:
        place = {"LocationConstraint": self.settings.bucket.region}
        until = time.monotonic() + 60
        while True:  # the stand-in takes a few seconds to come up
            try:
                Store(self.settings.bucket).client.create_bucket(Bucket="clinic", CreateBucketConfiguration=place)
            except EndpointConnectionError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.3)
            else:
                return

    def without(self, **changed) -> Settings:
        return replace(self.settings, **changed)


def _sweep() -> None:
    """Stop and remove what drills of backups left that were killed. Folders of other drills have another name."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        if not Path(f"/proc/{left.name.removeprefix(PREFIX).partition('-')[0]}").exists():
            for pid_file in left.rglob("postmaster.pid"):
                Server(pid_file.parent).stop()
            shutil.rmtree(left, ignore_errors=True)


_open: list[Rig] = []


@contextlib.contextmanager
def rig() -> Iterator[Rig]:
    """The rig that is open, or a new one for the time of the block."""
    if _open:
        yield _open[0]
        return
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    made = Rig(folder)
    _open.append(made)
    try:
        made.start()
        yield made
    finally:
        _open.clear()
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)
