"""Which files of a promoted server's pg_wal are sent to an archive that lacks them."""

import pytest

from deploy.backup import timelines
from deploy.backup.wal import Archive, Segment

HISTORY = "1\t0/5000A28\tno recovery target specified\n"  # the first timeline was left in segment 5
NAMES = [
    "000000010000000000000003",
    "000000010000000000000004",
    "000000010000000000000005",  # what the lost primary had written of it: half of it
    "000000020000000000000005",
    "000000020000000000000006",
    "000000020000000000000007",  # being written
    "000000020000000000000008",  # to be used later
]


@pytest.fixture
def pushed(tmp_path, monkeypatch):
    """The names that are pushed, of a server whose pg_wal holds NAMES."""
    for name in NAMES:
        (tmp_path / name).touch()
    (tmp_path / "00000002.history").write_text(HISTORY)
    (tmp_path / "archive_status").mkdir()
    names = []
    monkeypatch.setattr(timelines, "pgbackrest", lambda *words, **_more: names.append(words[-1].name))
    return lambda *words: timelines.catch_up(tmp_path / "conf", tmp_path, *words) and names


def test_histories_and_whole_segments_of_the_servers_own_log_are_sent(pushed):
    assert pushed(Archive([]), Segment(7, 2), Segment(3, 1)) == [
        "000000010000000000000003",
        "000000010000000000000004",
        "00000002.history",
        "000000020000000000000005",
        "000000020000000000000006",
    ]


def test_what_the_archive_has_or_no_backup_needs_is_not_sent(pushed):
    archive = Archive([Segment(5, 2)], frozenset({2}))

    assert pushed(archive, Segment(7, 2), Segment(4, 1)) == ["000000010000000000000004", "000000020000000000000006"]


def test_without_a_backup_the_history_alone_is_sent(pushed):
    assert pushed(Archive([]), Segment(7, 2), None) == ["00000002.history"]
