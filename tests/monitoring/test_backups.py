"""What the operations page and the metrics say of backups."""

import datetime as dt

import pytest
from django.db import OperationalError
from django.template.loader import render_to_string
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest

from vetclinic.monitoring import backups as backups_module
from vetclinic.monitoring.backup_metrics import Backups
from vetclinic.monitoring.backups import archive, backups, rows
from vetclinic.monitoring.models import BackupRun

pytestmark = pytest.mark.django_db


def ran(kind: str, hours_ago: float, state: str = "ok", **more) -> BackupRun:
    ended = timezone.now() - dt.timedelta(hours=hours_ago)
    return BackupRun.objects.create(kind=kind, started_at=ended, ended_at=ended, state=state, **more)


def looks() -> dict[str, str]:
    return {row.kind: row.look for row in rows()}


def test_rows_before_any_backup_are_red():
    assert looks() == {"base": "bad", "wal": "bad", "dump": "bad", "prove": "bad"}


def test_rows_with_fresh_backups_are_green():
    for kind in ("base", "wal", "dump", "prove"):
        ran(kind, hours_ago=0.1)

    assert looks() == {"base": "ok", "wal": "ok", "dump": "ok", "prove": "ok"}


@pytest.mark.parametrize(("kind", "hours"), [("base", 27), ("wal", 0.5), ("dump", 193), ("prove", 193)])
def test_row_turns_red_when_its_last_good_one_is_too_old(kind, hours):
    ran(kind, hours_ago=hours)
    ran(kind, hours_ago=0, state="failed")

    assert looks()[kind] == "bad"


def test_row_with_a_failure_since_its_good_one_says_why():
    ran("base", hours_ago=5, size=10)
    ran("base", hours_ago=1, state="failed", said=[{"text": "No space left on device", "facts": {}}])

    row = rows()[0]

    assert (row.look, row.good.size, row.failed.words) == ("warn", 10, "No space left on device")


def test_row_with_a_good_one_since_a_failure_is_green():
    ran("base", hours_ago=5, state="failed")
    ran("base", hours_ago=1)

    assert looks()["base"] == "ok"


def test_page_shows_ages_and_that_the_log_is_not_archived():
    ran("base", hours_ago=5, size=2 * 2**30)

    page = render_to_string("monitoring/_backups.html", backups())

    assert "2.0\xa0GB" in page
    assert "5\xa0hours ago" in page
    assert "The log is not archived" in page  # the suite's servers archive nothing


def test_page_without_the_primary_shows_what_the_standby_has(monkeypatch):
    ran("base", hours_ago=5, size=2 * 2**30)
    monkeypatch.setattr("vetclinic.monitoring.backups.archive", away)

    page = render_to_string("monitoring/_backups.html", backups())

    assert "2.0\xa0GB" in page
    assert "The log is not archived" not in page


def away():
    raise OperationalError("the primary does not answer")


@pytest.mark.parametrize(("waits_s", "is_behind"), [(0, False), (10_000, True)])
def test_archive_is_behind_when_finished_segments_wait_for_long(monkeypatch, waits_s, is_behind):
    monkeypatch.setattr("vetclinic.monitoring.backups.ARCHIVER", "SELECT NULL::timestamptz, false, true, true")
    waiting = f"(SELECT now() - {waits_s} * interval '1 second' AS modification, '0.ready' AS name) status"
    monkeypatch.setattr(
        "vetclinic.monitoring.backups.WAITING",
        backups_module.WAITING.replace("pg_ls_archive_statusdir()", waiting),
    )

    assert archive().is_behind is is_behind


def test_quiet_server_that_archives_nothing_is_not_behind():
    assert not archive().is_behind
    assert not archive().is_failing


def test_page_escapes_what_a_program_said():
    ran(
        "base",
        hours_ago=1,
        state="failed",
        said=[{"text": "%(words)s", "facts": {"words": "<script>alert(1)</script>"}}],
    )

    assert "<script>" not in render_to_string("monitoring/_backups.html", backups())


def test_page_without_a_database_says_where_to_look():
    assert "status.json" in render_to_string("monitoring/_backups.html", {"backups": None, "archive": None})


def test_metrics_tell_when_the_last_good_one_was():
    good = ran("base", hours_ago=30, size=7)
    ran("base", hours_ago=2, state="failed")
    registry = CollectorRegistry()
    registry.register(Backups())

    text = generate_latest(registry).decode()

    value = registry.get_sample_value("vetclinic_backup_last_success_timestamp_seconds", {"kind": "base"})
    assert value == pytest.approx(good.ended_at.timestamp())
    assert 'vetclinic_backup_size_bytes{kind="base"} 7.0' in text
    assert 'vetclinic_backup_stale{kind="base"} 1.0' in text
    assert 'vetclinic_backup_failed{kind="base"} 1.0' in text
    assert 'vetclinic_backup_last_success_timestamp_seconds{kind="dump"} 0.0' in text
