"""How the drills break things, and put them right again."""

import contextlib
import ctypes
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.backup.running import make_folder, own
from deploy.backup.store import Store
from deploy.drills.rig import Rig


def expect(holds: object, otherwise: str) -> None:
    if not holds:
        raise AssertionError(otherwise)


def flip(body: bytes) -> bytes:
    place = len(body) // 2
    return body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]


@contextlib.contextmanager
def flipped_file(path: Path) -> Iterator[None]:
    """One bit in the middle of a file is another one."""
    whole = path.read_bytes()
    path.write_bytes(flip(whole))
    try:
        yield
    finally:
        path.write_bytes(whole)


@contextlib.contextmanager
def changed_object(
    clinic: Rig, name: str, change: Callable[[bytes], bytes | None], *, mends: bool = False
) -> Iterator[None]:
    """An object of the bucket is other bytes, or gone; afterwards it is put back, unless that `mends` itself."""
    store = Store(clinic.settings.bucket)
    place = {"Bucket": store.bucket.name, "Key": f"{store.bucket.prefix}/{name}"}
    whole = store.client.get_object(**place)["Body"].read()
    body = change(whole)
    if body is None:
        store.client.delete_object(**place)
    else:
        store.client.put_object(**place, Body=body)
    try:
        yield
        if mends:
            expect(store.client.get_object(**place)["Body"].read() == whole, f"{name} was not put right.")
    finally:
        store.client.put_object(**place, Body=whole)


@dataclass(frozen=True)
class Small:
    name: str
    folder: Path
    words: str  # what the system says


@contextlib.contextmanager
def small_disk(clinic: Rig, megabytes: int) -> Iterator[tuple[Small, dict[str, str]]]:
    """A folder for backups that is too small: a tmpfs where this user may mount one, else a limit on files."""
    folder = make_folder(clinic.folder / "small")
    libc = ctypes.CDLL(None, use_errno=True)
    mounted = libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, f"size={megabytes}m,mode=700".encode()) == 0
    settings = {"BACKUP_DIR": str(folder), "BACKUP_MIN_FREE_MB": "0"}
    try:
        if mounted:
            own(folder)
            yield Small("a tmpfs", folder, "No space left on device"), settings
        else:
            with clinic.file_limit(megabytes):
                yield Small("a limit on the size of files", folder, "File too large"), settings
    finally:
        if mounted:
            libc.umount2(os.fsencode(folder), 2)
