"""A bucket as a storage that fails like a disk. Imported only where ATTACHMENT_STORAGE_URL names a bucket."""

from collections.abc import Iterator
from contextlib import contextmanager

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

LIMITS = Config(connect_timeout=3, read_timeout=10, retries={"max_attempts": 2}, signature_version="s3v4")


class Bucket(S3Storage):
    """Short waits: somebody stands before the page. A file that is opened is here whole before it is sent on."""

    def __init__(self, **settings):
        super().__init__(client_config=LIMITS, **settings)

    def _save(self, name: str, content) -> str:
        with _as_os_error():
            return super()._save(name, content)

    def _open(self, name: str, mode: str = "rb"):
        with _as_os_error():
            stored = super()._open(name, mode)
            stored.file.seek(0)  # fetches it now: later the answer would have begun
            return stored

    def url(self, name: str, *args, **kwargs) -> str:
        raise ValueError("Files have no address of their own: a view serves them to those who may see them.")

    def delete(self, name: str) -> None:
        with _as_os_error():
            super().delete(name)

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with _as_os_error():
            return super().listdir(name)


@contextmanager
def _as_os_error() -> Iterator[None]:
    try:
        yield
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise OSError(f"The bucket did not answer as it should: {error}") from error
