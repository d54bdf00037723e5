"""The drills of backups, short: one set of servers for all. `make drill` runs them with their full figures."""

import os
import shutil

import pytest

from deploy.drills import backup, backup_faults
from deploy.drills.rig import rig

PROGRAMS = ("pgbackrest", "age", "zstd", "openssl")


def check_programs() -> None:
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing:
        message = f"Not installed: {', '.join(missing)}. Backups were not drilled."
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)


@pytest.fixture(scope="module", autouse=True)
def clinic():
    check_programs()
    with rig() as made:
        yield made


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(backup_faults, "AWAY_S", 5)
    monkeypatch.setattr(backup, "SEGMENTS", 10)


def test_base_is_encrypted_in_both_places_and_its_restore_is_proven():
    assert "restore proven" in backup.base()


def test_dump_brings_a_table_and_an_owner_back_and_a_truncated_one_is_refused():
    assert "a truncated export is refused" in backup.dump()


def test_wal_is_archived_within_the_minute():
    assert "segments/s" in backup.wal()


def test_pitr_after_a_dropped_table_has_every_acknowledged_visit_and_nothing_later():
    assert "are there row for row" in backup.pitr()


def test_s3_away_lets_work_go_on_and_is_caught_up():
    assert "no hole" in backup_faults.s3_away()


def test_flipped_byte_is_noticed_wherever_it_is():
    assert "no backup lost" in backup_faults.flipped_byte()


def test_spoilt_bucket_is_noticed_and_mended_although_all_is_whole_here():
    assert "all are sent again" in backup_faults.spoilt_bucket()


def test_missing_wal_is_told_and_never_passed_in_silence():
    assert "--latest refuses" in backup_faults.missing_wal()


def test_wrong_key_of_the_log_is_named():
    assert "named by the restore" in backup_faults.wrong_key()


def test_disk_full_leaves_nothing_half_done():
    assert "nothing half done left" in backup_faults.disk_full()


def test_killed_backup_leaves_nothing_that_looks_like_one():
    assert "nothing looks like a backup" in backup_faults.killed_backup()
