"""Where files are kept: a folder of this machine, or a bucket that speaks S3. Both fail with OSError."""

import os
import uuid
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage

IN_MEMORY = 2**20  # of a file that comes from a bucket; the rest waits on disk


class Folder(FileSystemStorage):
    """A file is there whole or not at all, also after a power cut: a row that names it is written only then."""

    def _save(self, name: str, content) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        half = path.parent / f".{uuid.uuid4().hex}.half"
        try:
            with half.open("xb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            half.replace(path)
        except BaseException:
            half.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
        return name

    def url(self, name: str | None) -> str:
        raise ValueError("Files have no address of their own: a view serves them to those who may see them.")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def storage_of(url: str, folder: str) -> dict:
    """The entry of STORAGES. `url`: s3://key:secret@bucket?endpoint_url=…&region_name=…, or empty for the folder."""
    if not url:
        return {"BACKEND": "vetclinic.storage.Folder", "OPTIONS": {"location": folder, "base_url": None}}
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.hostname:
        raise ImproperlyConfigured("ATTACHMENT_STORAGE_URL must look like s3://bucket?endpoint_url=https://host")
    options = {
        "bucket_name": parts.hostname,
        "default_acl": None,  # the bucket's own rules: private
        "file_overwrite": True,  # keys are random: asking whether one is taken would be one more way to the bucket
        "max_memory_size": IN_MEMORY,
        **dict(parse_qsl(parts.query)),
    }
    if parts.username:
        options |= {"access_key": unquote(parts.username), "secret_key": unquote(parts.password or "")}
    return {"BACKEND": "vetclinic.storage_s3.Bucket", "OPTIONS": options}
