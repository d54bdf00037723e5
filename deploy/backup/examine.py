"""Are the backups what was written? Read here and in the bucket; what the bucket has lost is sent again from here."""

from datetime import UTC, datetime
from pathlib import Path

from deploy.backup.catalogue import BASE, DUMP, Catalogue, Entry
from deploy.backup.running import scratch
from deploy.backup.settings import Settings
from deploy.backup.words import BackupError, Said, _


class Examined:
    """What was found. `fetch` takes the place of a catalogue's: it reads the bucket's copy, whatever lies here."""

    def __init__(self) -> None:
        self.sent_again: list[str] = []
        self.lost: list[str] = []

    def fetch(self, catalogue: Catalogue, entry: Entry, into: Path) -> None:
        lost_before = len(self.lost)
        for name in entry.files:
            if not catalogue.fetch_stored(entry, name, into):
                self._send_again(catalogue, entry, name, into)
        if len(self.lost) > lost_before:
            raise BackupError(
                _("Spoilt in the bucket, its SHA-256 differs, and not whole here: %(names)s. Take a backup now."),
                names=", ".join(self.lost),
            )

    def _send_again(self, catalogue: Catalogue, entry: Entry, name: str, into: Path) -> None:
        key = catalogue.key(entry, name)
        if not catalogue.is_here(entry, name):
            self.lost.append(key)
            return
        catalogue.store.send(catalogue.folder / entry.name / name, key)
        self.sent_again.append(key)
        if not catalogue.fetch_stored(entry, name, into):
            self.lost.append(key)

    def check(self, settings: Settings) -> None:
        """After a restore from the bucket: reads what that did not, and refuses whatever was not as it should be."""
        catalogues = [Catalogue(settings, kind) for kind in (BASE, DUMP)]
        for catalogue in catalogues:
            for entry in in_turn(catalogue):
                with scratch(settings.folder, "examine") as work:
                    self.fetch(catalogue, entry, work)
        here = [file for one in catalogues for entry in one.local() for file in one.spoilt(entry)]
        told = []
        if self.sent_again:
            names = ", ".join(self.sent_again)
            told.append(Said(_("Spoilt in the bucket, sent again from here: %(names)s."), {"names": names}))
        if here:
            told.append(Said(_("Spoilt here, whole in the bucket: %(names)s."), {"names": ", ".join(here)}))
        if told:
            raise BackupError(_("The restore is proven, but not all was well.")).and_then(told)


def in_turn(catalogue: Catalogue) -> list[Entry]:
    """The newest export and one older backup of each kind, each week another one: reading all costs what it weighs.

    The newest physical backup was read by the restore.
    """
    *older, newest = catalogue.stored() or [None]
    week = datetime.now(UTC).toordinal() // 7
    chosen = [older[week % len(older)]] if older else []
    return chosen + ([newest] if newest and catalogue.kind == DUMP else [])
