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
from collections.abc import Iterator
from pathlib import Path

from deploy.backup import setup
from deploy.backup.catalogue import BASE, Catalogue
from deploy.backup.running import make_folder, own, run
from deploy.backup.server import Server
from deploy.backup.settings import Bucket, Settings
from deploy.backup.words import BackupError, Said, in_english
from deploy.drills.database import Database
from deploy.drills.stand_in import ROOT, StandIn
from deploy.postgres.pair import Pair

PREFIX = "vetclinic-backups-drilled-by-"
MANAGE = ("migrate", "--verbosity=0"), ("seed_demo", "--size=small", "--seed=1", "--password=whisker-harbour-42")


class Rig(StandIn, Database):
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
        last = f"FROM backup_run WHERE kind = '{kind}' ORDER BY id DESC LIMIT 1"
        state, said = self.sql(f"SELECT state {last}"), json.loads(self.sql(f"SELECT said {last}"))
        words = in_english([Said(**one) for one in said])
        if state != "failed" or reason not in words:
            raise BackupError(f"{name} did not write “{reason}” down, but: {state}, {words}")
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
            "LANGUAGE_CODE": "en",
            "EMAIL_URL": f"filemail:///{self.mail}",
            "CACHE_DIR": str(self.folder / "cache"),
        }  # fmt: skip

    def python(self, *words: str) -> None:
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BackupError(f"{words} failed: {done.stderr[-1500:]}")

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
            keep_weeks=5,
            min_free_mb=64,
            wal_late_s=180,
        )


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
