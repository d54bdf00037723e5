"""Results are written down also while the database is away, and the admins are told once."""

import json
from dataclasses import replace

import pytest
from django.db import connection

from deploy.backup import alarm
from deploy.backup.journal import Result, alone, now, record
from deploy.backup.running import BackupError
from deploy.backup.settings import Bucket, Settings
from vetclinic.monitoring.models import BackupRun

AWAY = "postgresql://nobody@127.0.0.1:9/nothing"

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def settings_of_backups(pair, tmp_path):
    return Settings(
        url=pair.url("primary", connection.settings_dict["NAME"]),
        source_url="",
        folder=tmp_path,
        bucket=Bucket.parse("s3://nowhere", ""),
        recipient="",
        identity=None,
        wal_key=tmp_path / "wal.key",
        keep_days=7,
        keep_weeks=4,
        min_free_mb=0,
        wal_late_s=180,
    )


def test_record_while_the_database_is_away_is_sent_with_the_next_one(settings_of_backups):
    record(replace(settings_of_backups, url=AWAY), "base", now(), "failed", Result(detail="no bucket"))
    assert BackupRun.objects.count() == 0

    record(settings_of_backups, "base", now(), "ok", Result(size=7, lsn="0/1"))

    runs = BackupRun.objects.order_by("id").values_list("kind", "state", "size", "detail")
    assert list(runs) == [("base", "failed", 0, "no bucket"), ("base", "ok", 7, "")]
    assert not (settings_of_backups.folder / "unsent.jsonl").exists()


def test_record_keeps_the_last_result_of_each_kind_in_a_file(settings_of_backups):
    away = replace(settings_of_backups, url=AWAY)
    record(away, "base", now(), "ok", Result(size=7))
    record(away, "dump", now(), "failed", Result(detail="no disk"))

    status = json.loads((settings_of_backups.folder / "status.json").read_text())

    assert {kind: row["state"] for kind, row in status.items()} == {"base": "ok", "dump": "failed"}


def test_second_backup_of_a_kind_is_told_that_one_runs(tmp_path):
    with alone(tmp_path, "base"), pytest.raises(BackupError, match="Another backup runs"), alone(tmp_path, "base"):
        pass


def test_alarm_tells_the_admins_why_and_the_same_only_once(settings_of_backups, settings, mailoutbox):
    settings.ADMINS = [("", "admin@clinic.example")]
    record(settings_of_backups, "base", now(), "failed", Result(detail="No space left on device"))

    sent = [alarm.tell("vetclinic-base.service", settings_of_backups) for _ in range(2)]

    assert sent == [True, False]
    assert [letter.to for letter in mailoutbox] == [["admin@clinic.example"]]
    assert "No space left on device" in mailoutbox[0].body


def test_alarm_after_a_success_tells_again(settings_of_backups, settings, mailoutbox):
    settings.ADMINS = [("", "admin@clinic.example")]
    for state in ("failed", "ok", "failed"):
        record(settings_of_backups, "base", now(), state, Result())
        if state == "failed":
            alarm.tell("vetclinic-base.service", settings_of_backups)

    assert len(mailoutbox) == 2


def test_alarm_of_a_killed_job_writes_the_failure_down(settings_of_backups, settings, mailoutbox):
    settings.ADMINS = [("", "admin@clinic.example")]
    record(settings_of_backups, "base", now(), "ok", Result())

    alarm.tell("vetclinic-base.service", settings_of_backups)

    assert BackupRun.objects.latest("id").state == "failed"
    assert "before it could say why" in mailoutbox[0].body
