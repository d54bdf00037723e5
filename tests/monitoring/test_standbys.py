"""What the answers of servers make as a list: slots without a standby, standbys without a slot, one behind another."""

from vetclinic.monitoring.standbys import Standby, standbys

SENDER = {"address": "10.8.2.2", "state": "streaming", "sync": "async"}
PRIMARY = {
    "in_recovery": False, "may_see": True, "limit": 1000, "behind": None, "receiver": None, "conflicts": None,
    "slots": [], "senders": [],
}  # fmt: skip


def sender(pid: int, name: str, replay: int, seconds: float | None) -> dict:
    return SENDER | {
        "pid": pid,
        "name": name,
        "bytes": {"write": 0, "flush": 0, "replay": replay},
        "seconds": {"write": None, "flush": None, "replay": seconds},
    }


def test_slot_is_shown_with_the_standby_that_uses_it():
    slot = {"name": "branch_north", "pid": 7, "kept": 400, "status": "reserved"}
    answers = {"default": PRIMARY | {"slots": [slot], "senders": [sender(7, "north", 300, 2.5)]}}

    [found] = standbys(answers)

    assert found == Standby(
        name="north", branch="north", upstream="primary", address="10.8.2.2", state="streaming",
        lag_bytes={"write": 0, "flush": 0, "replay": 300}, lag_s={"write": 0.0, "flush": 0.0, "replay": 2.5},
        slot="branch_north", kept=400, limit=1000, wal_status="reserved",
    )  # fmt: skip
    assert found.kept_of_limit == 0.4


def test_slot_whose_standby_is_away_or_was_cut_says_so():
    slots = [
        {"name": "branch_north", "pid": None, "kept": 900, "status": "unreserved"},
        {"name": "branch_south", "pid": None, "kept": None, "status": "lost"},
    ]

    found = standbys({"default": PRIMARY | {"slots": slots}})

    assert [(each.name, each.state, each.is_connected) for each in found] == [
        ("north", "away", False),
        ("south", "lost", False),
    ]


def test_standby_behind_another_one_is_shown_with_the_one_that_it_follows():
    slot = {"name": "branch_south", "pid": 9, "kept": 0, "status": "reserved"}
    north = PRIMARY | {
        "in_recovery": True, "behind": 0, "conflicts": {"lock": 2, "snapshot": 1},
        "receiver": {"status": "streaming", "slot": "branch_north", "host": "10.8.1.1", "silence_s": 0.1},
        "slots": [slot], "senders": [sender(9, "south", 0, None)],
    }  # fmt: skip
    first = {"name": "branch_north", "pid": 7, "kept": 0, "status": "reserved"}
    answers = {"default": PRIMARY | {"slots": [first], "senders": [sender(7, "north", 0, None)]}, "replica": north}

    found = standbys(answers)

    assert [(each.name, each.upstream, each.alias, each.conflict_count) for each in found] == [
        ("north", "primary", "replica", 3),
        ("south", "north", "", None),
    ]


def test_standby_whose_upstream_is_away_speaks_for_itself():
    replica = PRIMARY | {"in_recovery": True, "behind": 64, "conflicts": {"lock": 2}}

    [found] = standbys({"default": None, "replica": replica})

    assert (found.name, found.state, found.lag_bytes["replay"], found.conflict_count) == ("replica", "away", 64, 2)


def test_limit_below_zero_is_none():
    slot = {"name": "standby_1", "pid": None, "kept": 900, "status": "reserved"}

    [found] = standbys({"default": PRIMARY | {"limit": -1048576, "slots": [slot]}})

    assert (found.limit, found.kept_of_limit) == (None, None)
