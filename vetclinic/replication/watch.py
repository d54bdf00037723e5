"""What this process knows of each server without asking: threads ask them all the time, so that no request has to."""

import logging
import os
import threading
import time
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, OperationalError
from psycopg import Connection

from vetclinic.monitoring.metrics import LAST_SWITCH
from vetclinic.replication import probe, standby
from vetclinic.replication.reasons import Reason
from vetclinic.replication.watcher import SOON_S, Watcher

STALE_S = 3.0  # an older verdict is none: the thread hangs, or did not get its turn
DISTRUST_S = 2.0  # a standby that failed a request is left alone for so long, however well it answers probes
log = logging.getLogger("vetclinic.replication")


class PrimaryAway(OperationalError):  # noqa: N818 (said as it is)
    """It is known to be away: nobody waits for it once more."""


@dataclass(frozen=True)
class Verdict:
    """`replayed` is a lower bound: it only grows. `as_of` is a Unix time: up to then the standby has it all."""

    reason: Reason
    replayed: int = 0
    as_of: float = 0.0
    at: float = 0.0


class Standby(Watcher):
    """Has a `verdict` about one standby."""

    query = standby.QUERY
    patience_s = probe.ANSWERS_WITHIN_S

    def __init__(self, alias: str):
        super().__init__(alias)
        self._verdict, self._lag = Verdict(Reason.UNKNOWN), standby.Lag()
        self._distrusted_until = 0.0

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
        self.forget()
        LAST_SWITCH.labels(self.alias, Reason.FAILED).set(time.time())
        self.ask_now()

    def forgive(self) -> None:
        self._distrusted_until = 0.0
        super().forgive()

    def learned(self, answer: dict, asked_at: float) -> None:
        lag_s = self._lag.seconds(heard=answer["heard"], replayed=answer["replayed"], now=asked_at)
        data_as_of = max(standby.as_of(answer), self._verdict.as_of)
        self._take(Verdict(standby.judge(answer, lag_s), answer["replayed"] or 0, data_as_of, asked_at))

    def lost(self, error: Exception) -> None:
        self._take(replace(self._verdict, reason=Reason.AWAY, at=time.monotonic()), str(error))

    def _take(self, verdict: Verdict, why: str = "") -> None:
        before, self._verdict = self._verdict.reason, verdict
        if before == verdict.reason:
            return
        if verdict.reason is not Reason.FIT:
            LAST_SWITCH.labels(self.alias, verdict.reason).set(time.time())
        if not (before is Reason.UNKNOWN and verdict.reason is Reason.FIT):
            log.warning("%s: %s, was %s. %s", self.alias, verdict.reason, before, why.strip())


class Primary(Watcher):
    """Knows whether the primary is away. Then reading pages do not try it, and forms are told so at once."""

    query = "SELECT json_build_object('is_primary', NOT pg_is_in_recovery())"
    # More than a standby is granted: what is cut here is somebody's form, and there is no other server to take it.
    patience_s = 4.0
    known_for_s = 15.0  # what was learned; longer than trying each of several hosts takes
    calm_s = 1.0  # between two questions while all is well; a branch asks over a distance

    def __init__(self, alias: str):
        super().__init__(alias)
        self._is_away, self._known_at = False, 0.0

    @property
    def is_away(self) -> bool:
        return self._is_away and time.monotonic() - self._known_at < self.known_for_s

    def pause_s(self) -> float:
        """Its return is noticed sooner than a person can press a button; that it went away, requests say, too."""
        return SOON_S if self._is_away else self.calm_s

    def learned(self, answer: dict, asked_at: float) -> None:
        self._take(not answer["is_primary"], "it is a standby")

    def lost(self, error: Exception) -> None:
        self._take(True, str(error))

    def _take(self, is_away: bool, why: str) -> None:
        before, self._is_away, self._known_at = self._is_away, is_away, time.monotonic()
        if is_away and not before:
            log.warning("primary: away, pages are read from a standby. %s", why.strip())
        elif before and not is_away:
            log.warning("primary: back")


_standbys: dict[str, Standby] = {}
_primary: Primary | None = None
_lock = threading.Lock()


def watch(alias: str) -> Standby:
    """The process's watch of a standby, which begins with the first question."""
    found = _standbys.get(alias)
    if found is None:
        with _lock:
            found = _standbys.get(alias)
            if found is None:
                found = Standby(alias)
                found.start()
                _standbys[alias] = found
    return found


def primary() -> Primary:
    """The process's watch of the primary, which begins with its first request."""
    global _primary
    if _primary is None:
        with _lock:
            if _primary is None:
                _primary = Primary(DEFAULT_DB_ALIAS)
                _primary.start()
    return _primary


def not_away(alias: str) -> str:
    """`alias`, unless it is the primary's and that is known to be away. A process without requests knows nothing."""
    if alias == DEFAULT_DB_ALIAS and _primary is not None and _primary.is_away:
        raise PrimaryAway("the primary does not answer")
    return alias


def watch_over(alias: str, connection: Connection) -> None:
    """A new connection of Django's, which is cut when its server stops answering; in a process that has requests."""
    watcher = _primary if alias == DEFAULT_DB_ALIAS else _standbys.get(alias)
    if watcher is not None:
        watcher.knows_of(connection)


def readable_standby() -> str:
    """Of the standbys that answer the one that has most, whatever else is wrong with it; "" if none does."""
    for alias in settings.STANDBYS:
        watch(alias).asked_once.wait(probe.CONNECTS_WITHIN_S)
    known = {alias: watch(alias).verdict for alias in settings.STANDBYS}
    answering = [alias for alias in known if known[alias].reason not in (Reason.AWAY, Reason.UNKNOWN)]
    return max(answering, key=lambda alias: known[alias].replayed, default="")


def _begin_anew() -> None:
    """Threads do not live on in a forked process, but the locks that they held do."""
    global _standbys, _lock, _primary
    _standbys, _lock, _primary = {}, threading.Lock(), None


os.register_at_fork(after_in_child=_begin_anew)
