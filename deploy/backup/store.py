"""The bucket: whole objects, checked by S3 itself on their way, with short waits."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from deploy.backup.settings import Bucket
from deploy.backup.words import BackupError, Said, _

LIMITS = Config(
    connect_timeout=5,
    read_timeout=30,  # a bucket that takes the connection and never answers must not hang a backup
    retries={"max_attempts": 3, "mode": "standard"},
    s3={"addressing_style": "path"},
)
NOT_THERE = {"404", "NoSuchKey"}


class Store:
    """Names are below the prefix of the settings."""

    def __init__(self, bucket: Bucket):
        self.bucket = bucket
        self.client = boto3.client(
            "s3",
            endpoint_url=bucket.endpoint,
            region_name=bucket.region,
            aws_access_key_id=bucket.key or None,
            aws_secret_access_key=bucket.secret or None,
            verify=bucket.ca_file or None,
            config=LIMITS,
        )

    def send(self, path: Path, name: str) -> None:
        with _as_backup_error(_("%(name)s was not stored."), name=name):
            self.client.upload_file(
                str(path), self.bucket.name, self._key(name), ExtraArgs={"ChecksumAlgorithm": "SHA256"}
            )

    def fetch(self, name: str, path: Path) -> bool:
        """False when there is no such object."""
        with _as_backup_error(_("%(name)s was not fetched."), name=name):
            try:
                self.client.download_file(self.bucket.name, self._key(name), str(path))
            except ClientError as error:
                if error.response["Error"]["Code"] in NOT_THERE:
                    return False
                raise
        return True

    def put_json(self, name: str, content: dict) -> None:
        body = json.dumps(content, indent=1).encode()
        with _as_backup_error(_("%(name)s was not stored."), name=name):
            self.client.put_object(Bucket=self.bucket.name, Key=self._key(name), Body=body, ChecksumAlgorithm="SHA256")

    def get_json(self, name: str) -> dict:
        with _as_backup_error(_("%(name)s was not fetched."), name=name):
            answer = self.client.get_object(Bucket=self.bucket.name, Key=self._key(name))
            return json.loads(answer["Body"].read())

    def names(self, below: str) -> list[str]:
        """The names that begin with `below`, in order."""
        return list(self.sizes(below))

    def sizes(self, below: str) -> dict[str, int]:
        """name → bytes of what begins with `below`."""
        with _as_backup_error(_("The bucket was not listed.")):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket.name, Prefix=self._key(below)
            )
            found = [entry for answer in pages for entry in answer.get("Contents", [])]
        return {entry["Key"].removeprefix(f"{self.bucket.prefix}/"): entry["Size"] for entry in found}

    def remove(self, names: list[str]) -> None:
        for start in range(0, len(names), 1000):
            objects = [{"Key": self._key(name)} for name in names[start : start + 1000]]
            with _as_backup_error(_("Old files were not removed from the bucket.")):
                self.client.delete_objects(Bucket=self.bucket.name, Delete={"Objects": objects, "Quiet": True})

    def _key(self, name: str) -> str:
        return f"{self.bucket.prefix}/{name}"


@contextmanager
def _as_backup_error(text: str, **facts: object) -> Iterator[None]:
    try:
        yield
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise BackupError(text, **facts).and_then([Said(str(error))]) from error
