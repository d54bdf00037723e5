"""The S3 stand-in that the drills of backups speak to, and how it is made to fail."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from botocore.exceptions import EndpointConnectionError

from deploy.backup.running import run
from deploy.backup.settings import Settings
from deploy.backup.store import Store
from deploy.postgres.pair import free_port

ROOT = Path(__file__).resolve().parent.parent.parent


class StandIn:
    folder: Path
    switch: Path
    settings: Settings
    s3: subprocess.Popen | None

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
