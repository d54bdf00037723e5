"""A thread per process and server that asks how it is, so that no request has to."""

import contextlib
import logging
import os
import socket
import threading
import time
import weakref
from dataclasses import dataclass, replace

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from psycopg import Connection

from vetclinic.monitoring.metrics import LAST_SWITCH
from vetclinic.replication import probe, standby
from vetclinic.replication.reasons import Reason

EVERY_S = 0.25
STALE_S = 3.0  # an older verdict is none: the thread hangs, or did not get its turn
DISTRUST_S = 2.0  # a standby that failed a request is left alone for so long, however well it answers probes
IS_PRIMARY = "SELECT json_build_object('is_primary', NOT pg_is_in_recovery())"
log = logging.getLogger("vetclinic.replication")


@dataclass(frozen=True)
class Verdict:
    """`replayed` is a lower bound: it only grows. `as_of` is a Unix time: up to then the standby has it all."""

    reason: Reason
    replayed: int = 0
    as_of: float = 0.0
    at: float = 0.0


class Watch(threading.Thread):
    """Knows one standby: `verdict` without a query. Its thread starts with the first question of a process."""

    def __init__(self, alias: str):
        super().__init__(name=f"watch {alias}", daemon=True)
        self.alias, self.asked_once = alias, threading.Event()
        self._verdict, self._lag = Verdict(Reason.UNKNOWN), standby.Lag()
        self._own: Connection | None = None
        self._requests: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._distrusted_until = 0.0
        self._hurry = threading.Event()

    @property
    def verdict(self) -> Verdict:
        """What is known now."""
        known, now = self._verdict, time.monotonic()
        if known.reason is not Reason.UNKNOWN and now - known.at > STALE_S:
            return replace(known, reason=Reason.AWAY)
        if known.reason is Reason.FIT and now < self._distrusted_until:
            return replace(known, reason=Reason.FAILED)
        return known

    def distrust(self) -> None:
        """A request's connection failed."""
        self._distrusted_until = time.monotonic() + DISTRUST_S
        self._forget()
        LAST_SWITCH.labels(self.alias, Reason.FAILED).set(time.time())
        self._hurry.set()

    def forgive(self) -> None:
        """Ask at once, and believe the answer."""
        self._distrusted_until = 0.0
        self.asked_once.clear()
        self._hurry.set()
        self.asked_once.wait(probe.CONNECTS_WITHIN_S + probe.ANSWERS_WITHIN_S)

    def trusts(self, connection: Connection) -> bool:
        """Whether a request's connection is younger than the last failure: the others of a process are dead, too."""
        with self._lock:
            return connection in self._requests

    def knows_of(self, connection: Connection) -> None:
        """A request's connection, to be cut when the standby stops answering."""
        with self._lock:
            self._requests.add(connection)

    def run(self) -> None:
        while True:
            self._look()
            self.asked_once.set()
            self._hurry.wait(EVERY_S)
            self._hurry.clear()

    def _look(self) -> None:
        asked_at = time.monotonic()
        try:
            self._own = self._own or probe.connect(self.alias)
            answer = probe.ask(self._own, standby.QUERY)
        except (psycopg.Error, OSError) as error:  # TimeoutError is an OSError
            self._drop(error)
            return
        lag_s = self._lag.seconds(heard=answer["heard"], replayed=answer["replayed"], now=asked_at)
        data_as_of = max(standby.as_of(answer), self._verdict.as_of)
        self._take(Verdict(standby.judge(answer, lag_s), answer["replayed"] or 0, data_as_of, asked_at))

    def _drop(self, error: Exception) -> None:
        self._take(replace(self._verdict, reason=Reason.AWAY, at=time.monotonic()), str(error))
        if self._own is not None:
            self._own.close()
            self._own = None
        connections = self._forget()
        if isinstance(error, TimeoutError):
            self._cut(connections)

    def _forget(self) -> list[Connection]:
        with self._lock:
            known = list(self._requests)
            self._requests.clear()
        return known

    def _cut(self, connections: list[Connection]) -> None:
        """Requests that wait for a stopped or cut-off server would wait for minutes: end their sockets."""
        for connection in connections:
            with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as own:
                own.shutdown(socket.SHUT_RDWR)

    def _take(self, verdict: Verdict, why: str = "") -> None:
        before, self._verdict = self._verdict.reason, verdict
        if before == verdict.reason:
            return
        if verdict.reason is not Reason.FIT:
            LAST_SWITCH.labels(self.alias, verdict.reason).set(time.time())
        if not (before is Reason.UNKNOWN and verdict.reason is Reason.FIT):
            log.warning("%s: %s, was %s. %s", self.alias, verdict.reason, before, why.strip())


class Primary:
    """Whether the primary is known to be away. Then reading pages do not try it, and a thread does until it is back."""

    def __init__(self):
        self.is_away = False
        self._lock = threading.Lock()

    def lost(self) -> None:
        """A request could not reach it."""
        with self._lock:
            if not self.is_away:
                self.is_away = True
                log.warning("primary: away, pages are read from a standby")
                threading.Thread(target=self._wait, name="watch primary", daemon=True).start()

    def _wait(self) -> None:
        while not self._answers():
            time.sleep(EVERY_S)
        self.is_away = False
        log.warning("primary: back")

    def _answers(self) -> bool:
        try:
            with contextlib.closing(probe.connect(DEFAULT_DB_ALIAS)) as connection:
                return probe.ask(connection, IS_PRIMARY)["is_primary"]
        except (psycopg.Error, OSError):
            return False


_watches: dict[str, Watch] = {}
_lock = threading.Lock()
primary = Primary()


def watch(alias: str) -> Watch:
    """The process's watch of a standby."""
    found = _watches.get(alias)
    if found is None:
        with _lock:
            found = _watches.get(alias)
            if found is None:
                found = Watch(alias)
                found.start()
                _watches[alias] = found
    return found


def readable_standby() -> str:
    """Of the standbys that answer the one that has most, whatever else is wrong with it; "" if none does."""
    for alias in settings.STANDBYS:
        watch(alias).asked_once.wait(probe.CONNECTS_WITHIN_S)
    known = {alias: watch(alias).verdict for alias in settings.STANDBYS}
    answering = [alias for alias in known if known[alias].reason not in (Reason.AWAY, Reason.UNKNOWN)]
    return max(answering, key=lambda alias: known[alias].replayed, default="")


def _begin_anew() -> None:
    """Threads do not live on in a forked process, but the locks that they held do."""
    global _watches, _lock, primary
    _watches, _lock, primary = {}, threading.Lock(), Primary()


os.register_at_fork(after_in_child=_begin_anew)
