"""Results are written down also while the database is away, and the admins are told once."""

import json
from dataclasses import replace

import pytest
from django.db import connection

from deploy.backup import alarm
from deploy.backup.catalogue import Catalogue
from deploy.backup.journal import Result, alone, now, record
from deploy.backup.settings import Bucket, Settings
from deploy.backup.words import BackupError, Said
from vetclinic.monitoring.models import BackupRun

FULL = Said(
    "Only %(free)s MB are free in %(folder)s; %(needed)s are needed.", {"free": 7, "folder": "/var", "needed": 9}
)
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
    record(replace(settings_of_backups, url=AWAY), "base", now(), "failed", Result(said=[Said("no bucket")]))
    assert BackupRun.objects.count() == 0

    record(settings_of_backups, "base", now(), "ok", Result(size=7, lsn="0/1"))

    runs = [(run.kind, run.state, run.size, run.words) for run in BackupRun.objects.order_by("id")]
    assert runs == [("base", "failed", 0, "no bucket"), ("base", "ok", 7, "")]
    assert not (settings_of_backups.folder / "unsent.jsonl").exists()


def test_record_keeps_the_last_result_of_each_kind_in_a_file(settings_of_backups):
    away = replace(settings_of_backups, url=AWAY)
    record(away, "base", now(), "ok", Result(size=7))
    record(away, "dump", now(), "failed", Result(said=[Said("no disk")]))

    status = json.loads((settings_of_backups.folder / "status.json").read_text())

    assert {kind: row["state"] for kind, row in status.items()} == {"base": "ok", "dump": "failed"}


def test_second_backup_of_a_kind_is_told_that_one_runs(tmp_path):
    with alone(tmp_path, "base"), pytest.raises(BackupError, match="Another backup runs"), alone(tmp_path, "base"):
        pass


def test_alarm_tells_the_admins_why_and_the_same_only_once(settings_of_backups, settings, mailoutbox):
    settings.ADMINS = [("", "admin@clinic.example")]
    record(settings_of_backups, "base", now(), "failed", Result(said=[FULL]))

    sent = [alarm.tell("vetclinic-base.service", settings_of_backups) for _ in range(2)]

    assert sent == [True, False]
    assert [letter.to for letter in mailoutbox] == [["admin@clinic.example"]]
    assert "Only 7 MB are free in /var; 9 are needed." in mailoutbox[0].body


def test_letter_is_in_the_clinics_language_with_a_subject_of_its_own(settings_of_backups, settings, mailoutbox):
    settings.ADMINS, settings.LANGUAGE_CODE = [("", "admin@clinic.example")], "ru"
    record(settings_of_backups, "base", now(), "failed", Result(said=[FULL]))

    alarm.tell("vetclinic-base.service", settings_of_backups)

    assert mailoutbox[0].subject == "[Vetclinic] Не удалось: физическая копия"
    assert "На диске с папкой /var свободно 7 МБ, нужно 9." in mailoutbox[0].body


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


def test_alarm_of_wrong_settings_is_told_all_the_same(settings, monkeypatch, tmp_path, mailoutbox):
    settings.ADMINS = [("", "admin@clinic.example")]
    monkeypatch.setenv("BACKUP_DIR", str(tmp_path))
    monkeypatch.setenv("BACKUP_S3_URL", "s3://clinic/vetclinic")
    monkeypatch.setenv("BACKUP_KEEP_DAYS", "seven")

    sent = [alarm.main("vetclinic-base.service") for _ in range(2)]

    assert sent == [True, False]
    assert "BACKUP_KEEP_DAYS must be a whole number." in mailoutbox[0].body


def test_alarm_without_anybody_to_tell_is_no_success(settings_of_backups, settings):
    settings.ADMINS = []

    with pytest.raises(BackupError, match="nobody is told"):
        alarm.tell("vetclinic-base.service", settings_of_backups)
    assert not list(settings_of_backups.folder.glob("told-*"))


def test_entry_that_was_cut_off_is_no_backup(settings_of_backups):
    catalogue = Catalogue(settings_of_backups, "base")
    for name, text in (("base-1", "{"), ("base-2", "")):
        (catalogue.folder / name).mkdir()
        (catalogue.folder / name / "entry.json").write_text(text)

    assert catalogue.local() == []
