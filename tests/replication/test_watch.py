"""The thread that watches a real standby."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest
from django.db import OperationalError, connections
from django.test import Client

from deploy.drills.black_hole import forwarder
from tests.factories import UserFactory
from tests.replication.conftest import until
from vetclinic.replication import probe
from vetclinic.replication import watch as watch_module
from vetclinic.replication.reasons import Reason
from vetclinic.replication.watch import STALE_S, Primary, Standby, Verdict, primary, watch

pytestmark = [
    pytest.mark.pair,
    pytest.mark.django_db(transaction=True, serialized_rollback=True, databases=["default", "replica"]),
]


def reason() -> Reason:
    return watch("replica").verdict.reason


def test_paused_replay_is_unfit_until_it_goes_on(pair, catch_up):
    catch_up()

    pair.sql("SELECT pg_wal_replay_pause()", server="standby")
    try:
        until(lambda: reason() is Reason.PAUSED)
    finally:
        pair.sql("SELECT pg_wal_replay_resume()", server="standby")

    until(lambda: reason() is Reason.FIT)


def test_late_standby_is_unfit_over_the_limit(pair, settings, catch_up, late):
    settings.REPLICA_MAX_LAG_S = 0
    catch_up()

    late()
    pair.sql("CREATE TABLE written (); DROP TABLE written")

    until(lambda: reason() is Reason.LAGGING)


def test_standby_that_failed_a_request_is_left_alone_however_well_it_answers(catch_up):
    catch_up()

    watch("replica").distrust()

    assert reason() is Reason.FAILED
    until(lambda: reason() is Reason.FIT)


def test_verdict_that_is_old_is_none():
    unheard = Standby("replica")
    unheard._verdict = Verdict(Reason.FIT, at=time.monotonic() - STALE_S - 1)

    assert unheard.verdict.reason is Reason.AWAY


def test_stopped_standby_is_noticed_and_its_waiting_queries_end(pair, catch_up):
    """A process that is stopped keeps its sockets: without the watch the query would wait until it goes on."""
    catch_up()
    with connections["replica"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
    first = int((pair.folder / "standby" / "postmaster.pid").read_text().splitlines()[0])

    _stop_all(first, signal.SIGSTOP)
    try:
        with pytest.raises(OperationalError), connections["replica"].cursor() as cursor:
            cursor.execute("SELECT 1")
        stopped = reason()
    finally:
        _stop_all(first, signal.SIGCONT)

    assert stopped is Reason.AWAY
    until(lambda: reason() is Reason.FIT)


def test_frozen_primary_is_noticed_its_waiting_queries_end_and_nobody_waits_again(pair, catch_up):
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(role="reception"))
    client.get("/board/")
    catch_up()
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
    first = int((pair.folder / "primary" / "postmaster.pid").read_text().splitlines()[0])

    _stop_all(first, signal.SIGSTOP)
    try:
        with pytest.raises(OperationalError), connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1")
        begun = time.monotonic()
        form, page = client.post("/account/", {"language": "en"}), client.get("/board/")
        took_s = time.monotonic() - begun
    finally:
        _stop_all(first, signal.SIGCONT)
        connections["default"].close()

    assert (form.status_code, page.status_code) == (503, 200)
    assert took_s < 1.5
    until(lambda: not primary().is_away)


def test_query_of_a_process_without_requests_is_never_refused(monkeypatch):
    with monkeypatch.context() as without_requests:
        without_requests.setattr(watch_module, "_primary", None)

        assert watch_module.not_away("default") == "default"


def test_primary_is_asked_often_only_while_it_is_away():
    asked = Primary("default")
    asked.learned({"is_primary": True}, time.monotonic())
    well = asked.pause_s()
    asked.lost(OSError("no route"))

    assert (well, asked.pause_s()) == (1.0, 0.25)


def test_what_was_known_of_the_primary_a_while_ago_is_not_known_any_more(monkeypatch):
    hung = Primary("default")
    hung.lost(OSError("no route"))
    away = hung.is_away
    monkeypatch.setattr(Primary, "known_for_s", 0)

    assert (away, hung.is_away) == (True, False)


def _stop_all(first: int, how: signal.Signals) -> None:
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    for process in [first, *map(int, children)]:
        os.kill(process, how)


def test_probe_does_not_wait_for_a_server_that_accepts_and_never_answers(pair, monkeypatch):
    silent = forwarder(connections["replica"].settings_dict["PORT"])
    silent.mute = True
    host, _colon, port = silent.address.partition(":")
    reach = connections["replica"].get_connection_params() | {"host": host, "port": port}
    monkeypatch.setattr(connections["replica"], "get_connection_params", lambda: reach)

    begun = time.monotonic()
    with pytest.raises(probe.psycopg.errors.ConnectionTimeout):
        probe.connect("replica")

    assert time.monotonic() - begun < 10 * probe.CONNECTS_WITHIN_S


def test_forked_process_begins_its_own_watch(pair):
    watch("replica")
    reading, writing = os.pipe()

    child = os.fork()
    if child == 0:
        os.write(writing, b"alive" if watch("replica").is_alive() else b"dead")
        os._exit(0)
    os.waitpid(child, 0)

    assert os.read(reading, 10) == b"alive"
    assert threading.active_count() > 1
