"""A standby beside the primary of a rig, made and promoted by the commands that a clinic uses."""

import contextlib
import io
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from deploy.backup.settings import Settings
from deploy.backup.tables import content
from deploy.drills.faults import expect
from deploy.drills.rig import Rig
from deploy.postgres import branch
from deploy.postgres.configuration import through_socket
from deploy.postgres.pair import free_port
from deploy.postgres.programs import psql, run, runs, stop

CAUGHT_UP_S = 60
HERE, NETWORK = "127.0.0.1", "127.0.0.0/8"


@dataclass
class Near:
    clinic: Rig
    data: Path
    port: int

    @property
    def settings(self) -> Settings:
        """Of backups, once this is the primary."""
        url = self.url("postgres", self.clinic.pair._state()["admin_password"])
        return replace(self.clinic.settings, url=url, source_url=url)

    def url(self, user: str, password: str) -> str:
        return f"postgresql://{user}:{password}@{HERE}:{self.port}/vetclinic"

    def sql(self, statement: str) -> str:
        rows = psql(through_socket(self.port).replace("dbname=postgres", "dbname=vetclinic"), statement)
        return rows[0][0] if rows else ""

    def content(self) -> dict[str, list]:
        with psycopg.connect(self.settings.url) as connection:
            return content(connection)

    def wait_for(self, position: str) -> None:
        until = time.monotonic() + CAUGHT_UP_S
        while self.sql(f"SELECT pg_last_wal_replay_lsn() >= '{position}'") != "t":
            expect(time.monotonic() < until, f"the standby does not catch up with {position}")
            time.sleep(0.1)

    def restart(self) -> None:
        run("pg_ctl", "restart", "-w", "-D", self.data, "-l", f"{self.data}.log")

    def follow(self, upstream: str, *more: str, name: str = "near") -> None:
        """`admit` on the server that `upstream` (libpq) reaches, `follow` here."""
        bundle = self.clinic.folder / f"{name}.json"
        words = [name, "--from", NETWORK, "--address", HERE, "--bundle", str(bundle), "--connect", upstream]
        command("admit", *words)
        command("follow", str(bundle), "--data", str(self.data), "--port", str(self.port), *more)

    def promote(self) -> None:
        command(*self._promote())

    def is_refused(self, reason: str) -> None:
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            code = branch.main(self._promote())
        expect(code == 1 and reason in said.getvalue(), f"It was promoted: {said.getvalue()}")

    def _promote(self) -> list[str]:
        words = ["--listen", HERE, "--address", HERE, "--from", NETWORK]
        return ["promote", "--data", str(self.data), "--port", str(self.port), *words]

    def stop(self) -> None:
        stop(self.data)


def command(*words: str) -> None:
    with contextlib.redirect_stdout(None):
        expect(branch.main(list(words)) == 0, f"{words[0]} failed")


@contextlib.contextmanager
def near(clinic: Rig) -> Iterator[Near]:
    made = Near(clinic, clinic.folder / "near", free_port())
    made.follow(clinic.pair._admin_dsn("primary", "postgres"))
    try:
        yield made
    finally:
        if runs(made.data):
            run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", made.data)
