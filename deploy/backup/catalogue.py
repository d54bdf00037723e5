"""What backups there are. An entry is written last: what has none is not a backup, whatever lies there."""

import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deploy.backup.running import flush, make_folder, sha256_of, write_private
from deploy.backup.settings import Settings
from deploy.backup.store import Store
from deploy.backup.words import BackupError, _

BASE, DUMP = "base", "dump"


@dataclass(frozen=True)
class Entry:
    """A backup. Times are ISO 8601 in UTC, sizes bytes, positions as PostgreSQL writes them: 0/3000028."""

    kind: str
    name: str
    started: str
    ended: str
    files: dict[str, dict]  # name → size, sha256
    timeline: int = 0
    start_lsn: str = "0/0"
    stop_lsn: str = "0/0"
    unpacked: int = 0
    tables: dict[str, list] = field(default_factory=dict)  # of a dump: table → rows, checksum

    @property
    def size(self) -> int:
        return sum(file["size"] for file in self.files.values())

    @property
    def place(self) -> tuple[int, str]:
        """Orders backups by the log and not by a clock that somebody may have set."""
        return lsn(self.start_lsn), self.name


def lsn(text: str) -> int:
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def lsn_text(number: int) -> str:
    return f"{number >> 32:X}/{number & 0xFFFFFFFF:X}"


def describe(files: list[Path]) -> dict[str, dict]:
    return {path.name: {"size": path.stat().st_size, "sha256": sha256_of(path)} for path in sorted(files)}


class Catalogue:
    """Backups of one kind, in the folder and in the bucket."""

    def __init__(self, settings: Settings, kind: str):
        self.kind = kind
        self.store = Store(settings.bucket)
        self.folder = make_folder(make_folder(make_folder(settings.folder) and settings.copies) / kind)

    def local(self) -> list[Entry]:
        """The entries of the folder, oldest first."""
        return in_order(entry for path in self.folder.iterdir() if (entry := entry_in(path)))

    def stored(self) -> list[Entry]:
        """The entries of the bucket, oldest first."""
        names = self.store.names(f"catalogue/{self.kind}/")
        return in_order(Entry(**self.store.get_json(name)) for name in names if name.endswith(".json"))

    def everywhere(self) -> list[Entry]:
        """All entries, oldest first; without the bucket's when it is away and the folder has some."""
        try:
            stored = self.stored()
        except BackupError:
            if not self.local():
                raise
            stored = []
        return sorted({entry.name: entry for entry in [*stored, *self.local()]}.values(), key=lambda e: e.place)

    def keep(self, folder: Path, entry: Entry) -> None:
        """Take a finished folder in: its name appears when everything is in it."""
        for path in folder.iterdir():
            flush(path)
        write_private(folder / "entry.json", json.dumps(asdict(entry), indent=1))
        flush(folder)
        folder.rename(self.folder / entry.name)
        flush(self.folder)

    def publish(self) -> list[str]:
        """Send what the bucket has not yet, the entry last, and what it has lost since; the names of what was sent."""
        there, sizes, sent = {entry.name for entry in self.stored()}, self.store.sizes(f"{self.kind}/"), []
        for entry in self.local():
            lacking = [name for name in self._lacking(entry, sizes) if self.is_here(entry, name)]
            for name in lacking:
                self.store.send(self.folder / entry.name / name, self.key(entry, name))
            if entry.name not in there:
                self.store.put_json(f"catalogue/{self.kind}/{entry.name}.json", asdict(entry))
            sent += [entry.name] if lacking else []
        return sent

    def missing(self) -> list[str]:
        """The objects of stored backups that are not there, or not as long as they were."""
        sizes = self.store.sizes(f"{self.kind}/")
        return [self.key(entry, name) for entry in self.stored() for name in self._lacking(entry, sizes)]

    def _lacking(self, entry: Entry, sizes: dict[str, int]) -> list[str]:
        return [name for name, about in entry.files.items() if sizes.get(self.key(entry, name)) != about["size"]]

    def key(self, entry: Entry, name: str) -> str:
        """Of a file in the bucket."""
        return f"{self.kind}/{entry.name}/{name}"

    def fetch(self, entry: Entry, into: Path, say=print) -> None:
        """The files of a backup, each compared with its SHA-256; a spoilt local copy is replaced by the bucket's."""
        for name in entry.files:
            if self.is_here(entry, name):
                shutil.copyfile(self.folder / entry.name / name, into / name)
                continue
            if (self.folder / entry.name / name).exists():
                say(f"{self.folder / entry.name / name} is not what was written. Fetching it from the bucket.")
            if not self.fetch_stored(entry, name, into):
                raise BackupError(
                    _("%(name)s is spoilt: its SHA-256 differs. Take an older backup with --backup."),
                    name=f"{entry.name}/{name}",
                )

    def fetch_stored(self, entry: Entry, name: str, into: Path) -> bool:
        """The bucket's copy of a file; whether it is there, and what was written."""
        return self.store.fetch(self.key(entry, name), into / name) and _is(into / name, entry.files[name])

    def is_here(self, entry: Entry, name: str) -> bool:
        """Whether the local copy of a file is what was written."""
        return _is(self.folder / entry.name / name, entry.files[name])

    def spoilt(self, entry: Entry) -> list[str]:
        """The local files of a backup that are missing or not what was written."""
        return [str(self.folder / entry.name / name) for name in entry.files if not self.is_here(entry, name)]

    def remove(self, entry: Entry) -> None:
        """The entry first: from then on it is no backup, also when this is killed half way."""
        self.store.remove([f"catalogue/{self.kind}/{entry.name}.json"])
        (self.folder / entry.name / "entry.json").unlink(missing_ok=True)
        self.sweep()

    def sweep(self) -> None:
        """Remove what a killed backup left behind. Only with the lock held: a running one looks the same."""
        for path in self.folder.iterdir():
            if not entry_in(path):
                shutil.rmtree(path, ignore_errors=True)
        known = {entry.name for entry in self.stored()} | {entry.name for entry in self.local()}
        names = self.store.names(f"{self.kind}/")
        self.store.remove([name for name in names if name.split("/")[1] not in known])


def _is(path: Path, about: dict) -> bool:
    return path.exists() and sha256_of(path) == about["sha256"]


def entry_in(folder: Path) -> Entry | None:
    """None when there is none, or not a whole one."""
    try:
        return Entry(**json.loads((folder / "entry.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None


def in_order(found: Iterable[Entry]) -> list[Entry]:
    return sorted(found, key=lambda entry: entry.place)
