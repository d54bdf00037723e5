"""Drills: faults provoked on real servers of their own, one line each. `make drill` runs them (docs/operations.md)."""

import importlib
from collections.abc import Callable

# Name of the drill: the module and the function. A drill takes nothing, returns its figures as one line of text,
# raises CannotRun when this machine lacks what it needs, and anything else when what should hold does not.
DRILLS: dict[str, str] = {
    "fresh reads": "deploy.drills.reads:fresh_reads",
    "two standbys": "deploy.drills.reads:two_standbys",
    "standby killed": "deploy.drills.reads:standby_killed",
    "black hole": "deploy.drills.reads:black_hole",
    "share of reads": "deploy.drills.reads:share_of_reads",
    "primary away": "deploy.drills.reads:primary_away",
    "primary frozen": "deploy.drills.frozen:primary_frozen",
    "branches": "deploy.drills.branches:branches",
    "base": "deploy.drills.backup:base",
    "dump": "deploy.drills.backup:dump",
    "wal": "deploy.drills.backup:wal",
    "pitr": "deploy.drills.backup:pitr",
    "s3 away": "deploy.drills.backup_faults:s3_away",
    "flipped byte": "deploy.drills.backup_faults:flipped_byte",
    "spoilt bucket": "deploy.drills.backup_faults:spoilt_bucket",
    "missing wal": "deploy.drills.backup_faults:missing_wal",
    "wrong key": "deploy.drills.backup_faults:wrong_key",
    "disk full": "deploy.drills.backup_faults:disk_full",
    "killed backup": "deploy.drills.backup_faults:killed_backup",
    "promotion": "deploy.drills.promotion:promotion",
    "switch": "deploy.drills.promotion:switch",
    "moved": "deploy.drills.promotion:moved",
    "promotion by hand": "deploy.drills.promotion:promotion_by_hand",
}


class CannotRun(Exception):  # noqa: N818 (said as a drill says it)
    """This machine lacks something that the drill needs; the text says what."""


def find(name: str) -> Callable[[], str]:
    """The function of a drill; KeyError for a name that is none."""
    module, function = DRILLS[name].split(":")
    return getattr(importlib.import_module(module), function)
