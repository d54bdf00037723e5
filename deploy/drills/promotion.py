"""Drills of a standby that becomes the primary: backups, web servers and the old primary go on with it."""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.backup import setup
from deploy.backup.server import Server
from deploy.backup.settings import Settings
from deploy.backup.store import Store
from deploy.drills.faults import changed_object
from deploy.drills.rig import Rig, rig
from deploy.postgres.admit import admit
from deploy.postgres.follow import follow
from deploy.postgres.pair import free_port
from deploy.postgres.programs import psql, run, runs

CAUGHT_UP_S = 60


@dataclass
class Near:
    """A standby beside the primary of a rig, made by the commands that a clinic uses."""

    clinic: Rig
    data: Path
    port: int

    @property
    def settings(self) -> Settings:
        """Of backups, once this is the primary."""
        was = f":{self.clinic.pair._state()['primary']}/"
        url = self.clinic.settings.url.replace(was, f":{self.port}/")
        return replace(self.clinic.settings, url=url, source_url=url)

    def sql(self, statement: str) -> str:
        rows = psql(f"{self.clinic.pair._admin_dsn('primary', 'vetclinic')} port={self.port}", statement)
        return rows[0][0] if rows else ""

    def wait_for(self, position: str) -> None:
        until = time.monotonic() + CAUGHT_UP_S
        while self.sql(f"SELECT pg_last_wal_replay_lsn() >= '{position}'") != "t":
            if time.monotonic() > until:
                raise AssertionError(f"the standby does not catch up with {position}")
            time.sleep(0.1)

    def restart(self) -> None:
        run("pg_ctl", "restart", "-w", "-D", self.data, "-l", f"{self.data}.log")


@contextlib.contextmanager
def near(clinic: Rig) -> Iterator[Near]:
    bundle, data, port = clinic.folder / "near.json", clinic.folder / "near", free_port()
    connect = clinic.pair._admin_dsn("primary", "postgres")
    admit("near", network="127.0.0.0/8", address="127.0.0.1", bundle=bundle, connect=connect, app_role="vetclinic")
    follow(json.loads(bundle.read_text()), data=data, port=port, listen="127.0.0.1")
    try:
        yield Near(clinic, data, port)
    finally:
        if runs(data):
            run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", data)


def promotion_by_hand() -> str:
    """With `pg_ctl promote`, of a standby that was to archive nothing: the set-up makes good what that left out."""
    with rig() as clinic, near(clinic) as standby:
        clinic.have_a_base()
        standby.sql("ALTER SYSTEM SET archive_mode = off")
        standby.restart()
        standby.wait_for(clinic.sql("SELECT pg_current_wal_lsn()"))
        clinic.drain()
        clinic.pair.stop_server("primary", "immediate")
        run("pg_ctl", "promote", "-w", "-D", standby.data)
        clinic.settings = standby.settings
        setup.prepare(clinic.settings, say=lambda _text: None)
        standby.restart()
        clinic.sql("UPDATE pet SET name = name WHERE id = 1")
        clinic.drain()
        clinic.good_job("check")
        with changed_object(clinic, history_of(clinic), lambda _body: None):
            clinic.alarmed("check", "00000002.history is missing")
        clinic.good_job("prove")
        moment = clinic.moment()
        clinic.sql("UPDATE pet SET name = name WHERE id = 1")
        clinic.drain()
        for number, words in enumerate((["--latest"], ["--to", moment])):
            clinic.good_job("restore", *words, "--yes", "--into", clinic.folder / f"promoted-{number}")
            Server(clinic.folder / f"promoted-{number}").stop()
        return "the log goes on; proven, restored to its end and to a moment, from a backup of before"


def history_of(clinic: Rig) -> str:
    """The name in the bucket of the newest timeline's history."""
    return [name for name in Store(clinic.settings.bucket).names("wal/archive/") if ".history" in name][-1]
