"""Compares the table of files with the storage: nothing missing, nothing changed, nothing left over."""

from collections.abc import Iterator

from django.core.management.base import BaseCommand, CommandError

from records.files import sha256_of, storage
from records.models import Attachment


class Command(BaseCommand):
    help = (
        "Reads every file of an animal and compares it with its SHA-256; lists files that no row names. "
        "Ends with 1 when a file is missing or changed. Deletes nothing."
    )

    def handle(self, *args, **options) -> None:
        store, known, faults = storage(), set(), 0
        for attachment in Attachment.objects.order_by("id").iterator():
            known.add(attachment.storage_key)
            if attachment.has_small:
                known.add(attachment.small_key)
            fault = _fault_of(store, attachment)
            if fault:
                faults += 1
                self.stdout.write(f"{fault} {attachment.storage_key} (file {attachment.pk})")
        orphans = [name for name in _names(store) if name not in known]
        for name in orphans:
            self.stdout.write(f"orphan {name}")
        if faults:
            raise CommandError(f"{faults} files are missing or changed.")
        self.stdout.write(f"Every file is there and unchanged; {len(orphans)} without a row.")


def _fault_of(store, attachment: Attachment) -> str:
    try:
        with store.open(attachment.storage_key) as file:
            return "" if sha256_of(file) == attachment.sha256 else "changed"
    except OSError:
        return "missing"


def _names(store) -> Iterator[str]:
    """Every name in the storage: two characters, a slash, the rest."""
    if not store.exists("") and not hasattr(store, "bucket"):
        return
    for folder in sorted(store.listdir("")[0]):
        for name in sorted(store.listdir(folder)[1]):
            yield f"{folder}/{name}"
