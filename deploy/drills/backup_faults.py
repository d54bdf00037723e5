"""The drills of what can happen to backups; deploy/drills/backup.py names them with the others."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

from deploy.backup.base import TAR
from deploy.backup.catalogue import BASE, DUMP, Catalogue
from deploy.backup.dump import FILE
from deploy.backup.running import write_private
from deploy.backup.server import Server
from deploy.backup.wal import archive_of, first_after
from deploy.drills.faults import changed_object, expect, flip, flipped_file, small_disk
from deploy.drills.rig import ROOT, rig

AWAY_S = float(os.environ.get("DRILL_AWAY_S", "60"))  # how long the bucket answers with errors


def s3_away() -> str:
    """The bucket answers 500: work goes on, the log waits, a base is kept here; then all catches up by itself."""
    with rig() as clinic:
        clinic.have_a_base()
        catalogue = Catalogue(clinic.settings, BASE)
        before = {entry.name for entry in catalogue.local()}
        written = 0
        with clinic.broken_s3():
            until = time.monotonic() + AWAY_S
            clinic.alarmed("base", "not yet in the bucket")
            unsent = {entry.name for entry in catalogue.local()} - before
            expect(unsent and len(catalogue.local()) > len(before), "The base was not kept here, or an older one went.")
            while time.monotonic() < until or not written:
                clinic.write_something()
                clinic.sql("SELECT pg_switch_wal()")
                written += 1
                time.sleep(0.5)
            clinic.alarmed("check", "The archive is behind", BACKUP_WAL_LATE_S="1")
        caught_up = clinic.drain()
        clinic.good_job("base")
        clinic.good_job("check")
        expect(unsent <= {entry.name for entry in catalogue.stored()}, "The base of that time was not sent after.")
        return (
            f"500 for {AWAY_S:.0f} s: {written} segments written meanwhile, caught up {caught_up:.1f} s after, no hole"
        )


def flipped_byte() -> str:
    """In the folder, in the bucket, in the log: each is noticed, and nothing else is lost."""
    with rig() as clinic:
        clinic.have_a_base()
        clinic.good_job("check")
        clinic.drain()
        catalogue = Catalogue(clinic.settings, BASE)
        before, entry = catalogue.stored(), catalogue.stored()[-1]
        name = f"base/{entry.name}/base.tar.zst.age"
        with flipped_file(catalogue.folder / entry.name / "base.tar.zst.age"):
            clinic.alarmed("prove", "Spoilt here, whole in the bucket")
            with changed_object(clinic, name, flip):
                clinic.alarmed("prove", "its SHA-256 differs, and not whole here")
        segment = archive_of(catalogue.store).since(first_after(entry)).segments[0]
        with changed_object(clinic, segment.key, flip):
            clinic.alarmed("prove", "The server gave up")  # its records' own checksums: the target is not reached
        expect(catalogue.stored() == before, "A backup is gone.")
        return "noticed in the folder (the bucket's is taken), in both places, in the log; no backup lost"


def spoilt_bucket() -> str:
    """What lies here is whole, and the bucket is not: a flipped byte, an object that is gone, a shorter one."""
    with rig() as clinic:
        for job in ("base", "dump", "check"):
            clinic.good_job(job)
        for kind, file, change in ((BASE, TAR, lambda _body: None), (DUMP, FILE, lambda body: body[:-1])):
            catalogue = Catalogue(clinic.settings, kind)
            name = catalogue.key(catalogue.stored()[-1], f"{file}.age")
            with changed_object(clinic, name, flip, mends=True):
                clinic.alarmed("prove", f"sent again from here: {name}")
                clinic.good_job("prove")
            with changed_object(clinic, name, change, mends=True):
                clinic.alarmed("check", f"not as long as written: {name}")
                clinic.good_job(kind)
                clinic.good_job("check")
        return "a flipped byte is told by the proof, a lost or shorter object by the check; all are sent again"


def missing_wal() -> str:
    """A hole in the log is told the same day; no restore runs past it in silence."""
    with rig() as clinic:
        clinic.have_a_base()
        clinic.drain()
        position = clinic.sql("SELECT pg_current_wal_insert_lsn()")
        for _ in range(3):
            clinic.write_something()
            clinic.sql("SELECT pg_switch_wal()")
        moment = clinic.moment()
        clinic.write_something()
        clinic.drain()
        catalogue = Catalogue(clinic.settings, BASE)
        lost = archive_of(catalogue.store).segments[-3]
        with changed_object(clinic, lost.key, lambda _body: None):
            clinic.alarmed("check", f"{lost.name} is missing")
            latest = clinic.job("restore", "--latest", "--yes", "--into", clinic.folder / "hole")
            expect(latest.returncode == 1 and "is missing" in latest.stderr, f"--latest: {latest.stderr}")
            clinic.good_job("restore", "--before-lsn", position, "--yes", "--into", clinic.folder / "before")
            Server(clinic.folder / "before").stop()
            to = clinic.job("restore", "--to", moment, "--yes", "--into", clinic.folder / "hole")
            expect(to.returncode == 1 and "has a hole, before that moment" in to.stderr, f"--to: {to.stderr}")
            left = sorted(path.name for path in clinic.folder.glob("hole*"))
            expect(left == ["hole.log"] and "hole.log" in to.stderr, f"A failed restore left {left}: {to.stderr}")
            clinic.good_job("base")
            told = clinic.good_job("check")
            expect(f"Before that: {lost.name} is missing" in told, f"After a new base: {told}")
        return (
            "told by the check; --latest refuses, --to past it ends with an error, --before-lsn before it restores;"
            " no alarm any more once there is a base from after it"
        )


def wrong_key() -> str:
    """Of the archived log: said before the log is replayed, by name; nothing with a key in it is left."""
    with rig() as clinic:
        clinic.have_a_base()
        other = clinic.folder / "other-wal.key"
        write_private(other, "another key\n")
        into = clinic.folder / "wrong"
        for words in (["--latest"], ["--to", clinic.moment()]):
            done = clinic.job("restore", *words, "--yes", "--into", into, BACKUP_WAL_KEY_FILE=str(other))
            expect(done.returncode == 1 and "The key in BACKUP_WAL_KEY_FILE does not" in done.stderr, done.stderr)
        left = sorted(path.name for path in clinic.folder.glob("wrong*"))
        expect(not left, f"Left behind: {left}")
        done = clinic.job("setup", BACKUP_WAL_KEY_FILE=str(other))
        expect(done.returncode == 1 and "The key in BACKUP_WAL_KEY_FILE does not" in done.stderr, done.stderr)
        clinic.drain()  # with the right one still
        clinic.good_job("restore", "--latest", "--yes", "--into", into)
        Server(into).stop()
        return "a wrong key of the log is named by the restore and by the set-up; nothing is left"


def disk_full() -> str:
    """A backup that does not fit is told, leaves nothing, and a nearly full disk is told before."""
    with rig() as clinic, small_disk(clinic, megabytes=24) as (how, settings):
        before = Catalogue(clinic.settings, BASE).stored()
        clinic.alarmed("base", how.words, **settings)
        left = list(Catalogue(replace(clinic.settings, folder=how.folder), BASE).folder.iterdir())
        expect(not left, f"Left behind: {left}")
        clinic.alarmed("base", "MB are free", **(settings | {"BACKUP_MIN_FREE_MB": "99999999"}))
        expect(Catalogue(clinic.settings, BASE).stored() == before, "An earlier backup is gone.")
        return f"by {how.name}: told, nothing half done left, earlier backups untouched; and told before it is full"


def killed_backup() -> str:
    """kill -9 in the middle leaves nothing that looks like a backup; the next one sweeps up."""
    with rig() as clinic:
        catalogue = Catalogue(clinic.settings, BASE)
        before = catalogue.stored(), catalogue.local()
        job = subprocess.Popen(
            [sys.executable, "-m", "deploy.backup.base"], cwd=ROOT, env=clinic.environment(), start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while not list(catalogue.folder.glob(".new-*/raw/base.tar.zst")):
            expect(job.poll() is None, "The backup was over before it was killed.")
            time.sleep(0.01)
        os.killpg(job.pid, signal.SIGKILL)
        job.wait()
        expect(list(catalogue.folder.glob(".new-*")), "Nothing was under way.")
        expect((catalogue.stored(), catalogue.local()) == before, "What was killed looks like a backup.")
        clinic.told("base", "before it could say why")
        clinic.good_job("base")
        expect(not list(catalogue.folder.glob(".new-*")), "What the killed one left is still there.")
        return "nothing looks like a backup, the admin is told, the next one sweeps up and succeeds"
