"""Drills of a standby that becomes the primary: backups, web servers and the old primary go on with it."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from os import kill
from pathlib import Path

import requests

from deploy.backup import setup
from deploy.backup.catalogue import BASE, Catalogue
from deploy.backup.server import Server
from deploy.backup.store import Store
from deploy.backup.tables import differences
from deploy.drills.faults import changed_object, expect
from deploy.drills.near import Near, near
from deploy.drills.people import settle
from deploy.drills.rig import Rig, rig
from deploy.drills.site import Clinic, Person, Site
from deploy.postgres.configuration import through_socket
from deploy.postgres.pair import free_port
from deploy.postgres.programs import run

WRITERS = 6


def promotion() -> str:
    """The primary is killed under writers; one command, and they go on; so do the backups, and the old primary."""
    with rig() as clinic, near(clinic) as standby:
        clinic.have_a_base()
        with served(prepared(clinic), standby) as site, Writers(site) as writers:
            time.sleep(3)
            killed = _kill(clinic)
            asked = time.monotonic()
            standby.promote()
            took_s = time.monotonic() - asked
            went_on_s = writers.went_on_after(killed)
            time.sleep(1)
        clinic.settings = standby.settings
        lost = writers.lost(standby)
        expect(not writers.statuses - {302, 503}, f"answers: {writers.statuses}")
        expect(len(lost) <= WRITERS, f"More than what was under way is lost: {lost}")
        _backups_go_on(clinic)
        _rejoin(clinic, standby)
    return (
        f"promoted in {took_s:.1f} s by one command; web servers wrote again {went_on_s:.1f} s after the kill;"
        f" of {writers.acknowledged} acknowledged forms {len(lost)} lost; backups went on, restores proven;"
        " the old primary follows with the same rows"
    )


def switch() -> str:
    """The same planned: the primary is stopped first, and nothing is lost."""
    with rig() as clinic, near(clinic) as standby:
        with served(prepared(clinic), standby) as site, Writers(site) as writers:
            time.sleep(2)
            standby.is_refused("still answers: stop it first")
            stopped = time.monotonic()
            clinic.pair.stop_server("primary")
            standby.promote()
            went_on_s = writers.went_on_after(stopped)
        lost = writers.lost(standby)
        expect(not lost, f"lost: {lost}")
    return f"none of {writers.acknowledged} acknowledged forms lost; forms were refused for {went_on_s:.1f} s"


def moved() -> str:
    """The clinic moves to a server that was restored, step by step as the runbook has it, to another prefix."""
    with rig() as clinic:
        clinic.have_a_base()
        clinic_site = prepared(clinic)
        kept = clinic.sql("SELECT count(*) FROM pet")
        moment = clinic.moment()
        clinic.write_something()
        into = clinic.folder / "restored"
        clinic.good_job("restore", "--to", moment, "--yes", "--into", into)
        clinic.pair.stop_server("primary", "immediate")
        clinic.pair.stop_server("standby", "immediate")
        primary = Near(clinic, into, free_port())
        primary.promote()
        _lives_on(primary)
        _backs_up_anew(clinic, primary)
        standby = Near(clinic, clinic.folder / "anew", free_port())
        with followed(standby, primary), served(clinic_site, primary, standby) as site, Writers(site) as writers:
            time.sleep(1)
            clinic.write_something()
            standby.wait_for(clinic.sql("SELECT pg_current_wal_lsn()"))
            expect(clinic.sql("SELECT count(*) FROM pet") == kept, "Rows are missing.")
        expect(not writers.statuses - {302}, f"answers: {writers.statuses}")
        return "by one command: a near standby, backups in another prefix, a restore from there and forms work"


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
        clinic.write_something()
        clinic.drain()
        clinic.good_job("check")
        with changed_object(clinic, history_of(clinic), lambda _body: None):
            clinic.alarmed("check", "00000002.history is missing")
        clinic.good_job("prove")
        moment = clinic.moment()
        clinic.write_something()
        for number, words in enumerate((["--latest"], ["--to", moment])):
            clinic.good_job("restore", *words, "--yes", "--into", clinic.folder / f"promoted-{number}")
            Server(clinic.folder / f"promoted-{number}").stop()
        return "the log goes on; proven, restored to its end and to a moment, from a backup of before"


def _kill(clinic: Rig) -> float:
    """As a machine that loses its power; when that was."""
    first = int((clinic.pair.folder / "primary" / "postmaster.pid").read_text().splitlines()[0])
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    for process in [first, *map(int, children)]:
        kill(process, signal.SIGKILL)
    return time.monotonic()


def _backups_go_on(clinic: Rig) -> None:
    """Without a restart: the standby was ready to archive."""
    expect(clinic.sql("SHOW archive_mode") == "on", "The log since the promotion is not kept for the archive.")
    setup.prepare(clinic.settings, say=lambda _text: None)
    clinic.drain()
    for job in ("check", "prove", "base", "check", "prove"):
        clinic.good_job(job)


def _lives_on(primary: Near) -> None:
    """Its settings are those of a primary, and none of a restore; started anew it is the same."""
    primary.restart()
    expect(primary.sql("SHOW max_slot_wal_keep_size") == "8GB", "Slots may fill its disk.")
    expect(primary.sql("SHOW restore_command") == "", "It would restore again.")
    expect(primary.sql("SHOW archive_mode") == "on", "Its log is not kept for the archive.")


def _backs_up_anew(clinic: Rig, primary: Near) -> None:
    """In the folder of before."""
    clinic.settings = replace(primary.settings, bucket=replace(clinic.settings.bucket, prefix="moved"))
    setup.prepare(clinic.settings, say=lambda _text: None)
    clinic.drain()
    for job in ("base", "check", "dump", "prove", "check"):
        clinic.good_job(job)
    expect(len(Catalogue(clinic.settings, BASE).stored()) == 1, "Backups of before went to the new prefix.")
    clinic.write_something()
    clinic.good_job("restore", "--latest", "--yes", "--into", clinic.folder / "again")
    Server(clinic.folder / "again").stop()


@contextmanager
def followed(standby: Near, upstream: Near) -> Iterator[None]:
    standby.follow(through_socket(upstream.port), name="anew")
    try:
        yield
    finally:
        standby.stop()
        upstream.stop()


def _rejoin(clinic: Rig, standby: Near) -> None:
    """The old primary, with the file that its new primary makes for it."""
    old = Near(clinic, clinic.pair.folder / "primary", clinic.pair.port("primary"))
    upstream = through_socket(standby.port)
    old.follow(upstream, "--rejoin", name="old")
    try:
        clinic.write_something()
        old.wait_for(clinic.sql("SELECT pg_current_wal_lsn()"))
        wrong = differences(standby.content(), old.content())
        expect(not wrong, f"The old primary has other rows: {wrong}")
        expect(list(old.data.parent.glob("primary.was-primary-*")), "What only the old primary had is gone.")
    finally:
        old.stop()


@dataclass
class Writers:
    """People who rename an owner each, again and again, and note what was acknowledged."""

    site: Site
    statuses: set[int] = field(default_factory=set)

    def __enter__(self) -> "Writers":
        self._names: list[tuple[float, str]] = []
        self._stop = threading.Event()
        people = [self.site.sign_in(f"drill{number}") for number in range(WRITERS)]
        settle(people[0])
        self._threads = [threading.Thread(target=self._write, args=pair) for pair in enumerate(people)]
        for thread in self._threads:
            thread.start()
        return self

    def _write(self, number: int, person: Person) -> None:
        turn, owner = 0, self.site.owners[number]
        while not self._stop.wait(0.02):
            turn += 1
            name = f"Writer{number}x{turn}"
            answer: requests.Response = person.rename(owner, name)
            self.statuses.add(answer.status_code)
            if answer.status_code == 302:
                self._names.append((time.monotonic(), name))

    def __exit__(self, *_error) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def acknowledged(self) -> int:
        return len(self._names)

    def went_on_after(self, moment: float) -> float:
        """Seconds from then to the first form that was acknowledged by the new primary; waits for it."""
        promoted = time.monotonic()
        while not [at for at, _name in self._names if at > promoted]:
            expect(time.monotonic() < promoted + 60, f"Nothing can be written. {self.site.last_fault()}")
            time.sleep(0.05)
        return min(at for at, _name in self._names if at > promoted) - moment

    def lost(self, standby: Near) -> list[str]:
        """What was acknowledged and is not there, by the log of changes."""
        question = "SELECT string_agg(after ->> 'last_name', ' ') FROM change_log WHERE table_name = 'pet_owner'"
        there = set(standby.sql(question).split())
        return [name for _at, name in self._names if name not in there]


def history_of(clinic: Rig) -> str:
    """The name in the bucket of the newest timeline's history."""
    return [name for name in Store(clinic.settings.bucket).names("wal/archive/") if ".history" in name][-1]


def prepared(clinic: Rig) -> Clinic:
    site = Clinic(clinic.folder, clinic.pair)
    site.prepare()
    return site


@contextmanager
def served(site: Clinic, *others: Near) -> Iterator[Site]:
    """By a web server that knows the servers, reads from the last, and is told nothing of what happens to them."""
    hosts = ["primary", *(f"127.0.0.1:{other.port}" for other in others)]
    with site.served(DATABASE_URL=site.url(*hosts), DATABASE_REPLICA_URL=site.url(hosts[-1])) as made:
        yield made
