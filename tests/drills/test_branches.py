"""The whole drill of the branches: real servers, real gunicorns, a distance between them."""

import re

import pytest

from deploy.drills import CannotRun
from deploy.drills.branches import branches

COST = re.compile(
    r"(\d+) round trips at most, \d+ ms \(median of \d+\) to (read|change an owner|book a visit|confirm one)"
)


def test_branch_reads_without_the_primary_and_writes_within_three_round_trips():
    try:
        figures = branches()
    except CannotRun as missing:
        pytest.skip(f"drill branches: cannot run {missing}")

    with_writes_url, _mark, without = figures.partition("without WRITES_URL")
    costs = [(what, int(trips)) for trips, what in COST.findall(with_writes_url)]
    assert [trips for what, trips in costs if what == "read"] == [0, 0]
    assert max(trips for what, trips in costs) <= 3
    assert len(costs) == 8
    assert min(int(trips) for trips, what in COST.findall(without) if what != "read") > 3  # or it measured nothing
