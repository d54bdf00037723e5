"""What a standby says of itself, and what follows from it."""

import time

import pytest

from vetclinic.replication.reasons import Reason
from vetclinic.replication.standby import Lag, as_of, judge

FIT = {
    "in_recovery": True,
    "paused": False,
    "replayed": 100,
    "heard": 100,
    "receives": True,
    "status": "streaming",
    "silence_s": 1.0,
    "last_commit": 1000.0,
}


@pytest.mark.parametrize(
    ("answer", "lag_s", "reason"),
    [
        ({}, 0, Reason.FIT),
        ({}, 10, Reason.FIT),
        ({}, 10.1, Reason.LAGGING),
        ({"paused": True}, 0, Reason.PAUSED),
        ({"silence_s": 15.1}, 0, Reason.SILENT),
        ({"receives": False, "status": None, "silence_s": None}, 0, Reason.SILENT),
        ({"status": "waiting"}, 0, Reason.SILENT),
        ({"status": None}, 0, Reason.BLIND),
        ({"in_recovery": False, "paused": None, "receives": False, "status": None}, 0, Reason.PROMOTED),
    ],
)
def test_standby_is_judged_by_its_answer(answer, lag_s, reason):
    assert judge(FIT | answer, lag_s) is reason


def test_lag_is_the_age_of_the_oldest_position_that_waits():
    lag = Lag()

    seconds = [
        lag.seconds(heard=10, replayed=10, now=0.0),  # idle
        lag.seconds(heard=10, replayed=10, now=60.0),
        lag.seconds(heard=20, replayed=10, now=61.0),  # its first write for a minute
        lag.seconds(heard=30, replayed=15, now=63.0),
        lag.seconds(heard=30, replayed=20, now=64.0),
        lag.seconds(heard=30, replayed=30, now=65.0),
    ]

    assert seconds == [0.0, 0.0, 0.0, 2.0, 1.0, 0.0]


def test_data_are_as_of_the_last_word_of_the_primary_when_all_of_it_is_replayed():
    assert time.time() - as_of(FIT) == pytest.approx(1.0, abs=0.5)


@pytest.mark.parametrize("answer", [{"replayed": 50}, {"silence_s": None, "heard": None}])
def test_data_are_as_of_the_last_commit_when_more_may_have_happened(answer):
    assert as_of(FIT | answer) == 1000.0
