"""A standby that is fit when a test begins, and ways to make it late."""

import time

import pytest
from django.db import connections

from vetclinic.replication.reasons import Reason
from vetclinic.replication.watch import primary, watch


@pytest.fixture(autouse=True)
def standby_is_trusted(request):
    if "pair" not in request.keywords:
        yield
        return
    watch("replica").forgive()
    yield
    connections["replica"].close()
    wait_for_primary()


@pytest.fixture
def late(pair):
    """Call it: from then on the standby replays commits half a minute after they were made, until the test is over."""
    yield lambda: _delay(pair, "30s")
    _delay(pair, "0")


def _delay(pair, by: str) -> None:
    pair.sql(f"ALTER SYSTEM SET recovery_min_apply_delay = '{by}'", server="standby")
    pair.sql("SELECT pg_reload_conf()", server="standby")


@pytest.fixture
def catch_up(pair):
    """Call it: waits until the standby has replayed all that was written so far, and is known to be fit."""

    def wait() -> None:
        position = pair.sql("SELECT pg_current_wal_lsn()").strip()
        until(lambda: pair.sql(f"SELECT pg_last_wal_replay_lsn() >= '{position}'", server="standby").strip() == "t")
        until(lambda: watch("replica").verdict.reason is Reason.FIT)

    return wait


def wait_for_primary() -> None:
    """Until it is known to be there. After a restart the first question finds the dead connection only."""
    primary().forgive()
    until(lambda: not primary().is_away)


def until(true) -> None:
    """Wait until `true()` holds."""
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, watch("replica").verdict
        time.sleep(0.02)
