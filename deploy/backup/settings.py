"""The settings of backups, read from the environment and nowhere else. `.env.example` lists every variable."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import environ

from deploy.backup.words import BackupError, _

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Bucket:
    """Where backups go, as s3://key:secret@bucket/prefix?endpoint_url=https://host:port&region_name=region."""

    name: str
    prefix: str
    key: str
    secret: str
    endpoint: str
    region: str
    ca_file: str

    @classmethod
    def parse(cls, url: str, ca_file: str) -> "Bucket":
        parts = urlsplit(url)
        more = dict(parse_qsl(parts.query))
        if parts.scheme != "s3" or not parts.hostname:
            raise BackupError(
                _("BACKUP_S3_URL must look like %(like)s."),
                like="s3://key:secret@bucket/prefix?region_name=eu-central-1",
            )
        region = more.get("region_name", "eu-central-1")
        return cls(
            name=parts.hostname,
            prefix=parts.path.strip("/") or "vetclinic",
            key=unquote(parts.username or ""),
            secret=unquote(parts.password or ""),
            endpoint=more.get("endpoint_url") or f"https://s3.{region}.amazonaws.com",
            region=region,
            ca_file=ca_file,
        )


@dataclass(frozen=True)
class Settings:
    url: str  # of the primary, as a superuser, with the clinic's database
    source_url: str  # of the server that is copied: the standby, or again the primary
    folder: Path
    bucket: Bucket
    recipient: str
    identity: Path | None  # only where backups are restored and proven
    wal_key: Path
    keep_days: int
    keep_weeks: int
    min_free_mb: int
    wal_late_s: int

    @property
    def pgbackrest(self) -> Path:
        return self.folder / "pgbackrest.conf"

    @property
    def copies(self) -> Path:
        """What lies here of what goes to the bucket; a clinic that moves to another prefix sends nothing of before."""
        return self.folder / f"of {self.bucket.name} {self.bucket.prefix.replace('/', ' ')}"


class Environment(environ.Env):
    def int(self, name: str, default: int) -> int:
        try:
            return super().int(name, default)
        except ValueError as error:
            raise BackupError(_("%(name)s must be a whole number."), name=name) from error


def environment() -> Environment:
    env = Environment()
    if (ROOT / ".env").exists():
        env.read_env(ROOT / ".env")
    return env


def read_folder() -> Path:
    """Where backups lie: known also when other settings are wrong."""
    env = environment()
    return Path(env.str("BACKUP_DIR", "/var/lib/vetclinic/backup"))


def read_settings() -> Settings:
    env, folder = environment(), read_folder()
    url = env.str("BACKUP_URL", "postgresql:///vetclinic?host=/var/run/postgresql&user=postgres")
    identity = env.str("BACKUP_IDENTITY_FILE", "")
    return Settings(
        url=url,
        source_url=env.str("BACKUP_SOURCE_URL", "") or url,
        folder=folder,
        bucket=Bucket.parse(env.str("BACKUP_S3_URL", ""), env.str("BACKUP_S3_CA_FILE", "")),
        recipient=env.str("BACKUP_RECIPIENT", ""),
        identity=Path(identity) if identity else None,
        wal_key=Path(env.str("BACKUP_WAL_KEY_FILE", str(folder / "wal.key"))),
        keep_days=max(1, env.int("BACKUP_KEEP_DAYS", 7)),
        keep_weeks=max(0, env.int("BACKUP_KEEP_WEEKS", 5)),
        min_free_mb=env.int("BACKUP_MIN_FREE_MB", 2048),
        wal_late_s=env.int("BACKUP_WAL_LATE_S", 180),
    )
