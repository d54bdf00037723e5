"""Names of segments and holes between them."""

import subprocess

import pytest

from deploy.backup.catalogue import lsn, lsn_text
from deploy.backup.restore import parse, target_of
from deploy.backup.wal import Archive, Segment, parse_segment, restore_command, segment_of
from deploy.backup.words import BackupError

FIRST = Segment(3, 1)


@pytest.mark.parametrize(
    ("position", "name"),
    [
        ("0/3000028", "000000010000000000000003"),
        ("0/FF000000", "0000000100000000000000FF"),
        ("1/0", "000000010000000100000000"),
        ("2A/A1234567", "000000010000002A000000A1"),
    ],
)
def test_segment_of_a_position_has_the_servers_name(position, name):
    assert segment_of(1, position).name == name
    assert parse_segment(name) == segment_of(1, position)


def test_position_survives_reading_and_writing():
    assert lsn_text(lsn("2A/A1234567")) == "2A/A1234567"


def archive(*segments: tuple[int, int], histories: tuple[int, ...] = ()) -> Archive:
    """Of segments as (number, timeline)."""
    return Archive(sorted(Segment(*place) for place in segments), frozenset(histories))


def gap(*segments: tuple[int, int], histories: tuple[int, ...] = (), first: Segment = FIRST) -> str:
    """What is said of an archive with these, or nothing."""
    try:
        archive(*segments, histories=histories).check(first)
    except BackupError as error:
        return str(error)
    return ""


def test_gap_in_the_middle_names_the_first_missing():
    assert gap((3, 1), (4, 1), (7, 1), (8, 1)) == (
        "000000010000000000000005 is missing in the archive (2 in all): no restore gets past it."
    )


def test_gap_at_the_beginning_is_one():
    assert gap((4, 1)).startswith("000000010000000000000003 is missing")


def test_archive_that_ends_early_or_goes_over_to_another_timeline_has_no_gap():
    assert gap((3, 1), (4, 1), (4, 2), (5, 2), histories=(2,)) == ""
    assert gap() == ""


def test_timeline_without_its_history_is_a_gap():
    assert gap((3, 1), (4, 2), (5, 2)).startswith("00000002.history is missing")


def test_history_of_a_timeline_from_before_the_backup_is_not_needed():
    assert gap((3, 1), (4, 2), (5, 2), first=Segment(4, 2)) == ""


def test_segment_of_the_timeline_that_was_left_does_not_fill_a_gap():
    """The lost primary may have archived more than its standby ever had."""
    found = gap((3, 1), (4, 1), (5, 1), (4, 2), (6, 2), histories=(2,))

    assert found.startswith("000000020000000000000005 is missing")


def test_last_segment_is_of_the_newest_timeline_however_far_the_one_before_had_gone():
    assert archive((3, 1), (4, 1), (5, 1), (4, 2)).last == Segment(4, 2)


def test_moment_without_its_zone_is_refused():
    with pytest.raises(BackupError, match="Write the zone too"):
        target_of(parse(["--to", "2026-11-22 14:05:00"]))


def test_moment_that_is_none_is_refused():
    with pytest.raises(BackupError, match="That is no moment"):
        target_of(parse(["--to", "yesterday"]))


@pytest.mark.parametrize(("status", "expected"), [(0, 0), (1, 1), (2, 200), (103, 200), (124, 200), (125, 200)])
def test_restore_command_ends_recovery_on_all_but_a_missing_segment(tmp_path, monkeypatch, status, expected):
    """PostgreSQL takes any end up to 125 for "there is no more", and calls the restore a success."""
    (tmp_path / "pgbackrest").write_text(f"#!/bin/sh\nexit {status}\n")
    (tmp_path / "pgbackrest").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    done = subprocess.run(["sh", "-c", restore_command(tmp_path / "conf")], check=False)

    assert done.returncode == expected
