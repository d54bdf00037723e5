"""What a process keeps of what it has shown: each part until the log of changes says that it is stale.

A request looks into the log once. What it reads itself is kept unless another request has found a change meanwhile.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Generic, TypeVar

from django.db import router

from vetclinic.audit.models import Change
from vetclinic.audit.newest import Changed, Moment, changes_since

K = TypeVar("K")
V = TypeVar("V")
# Of the tables with a log, those of which nothing is kept: neither boards nor the income show them. A record shows
# that there is something to pay, but only through its invoice.
UNWATCHED = frozenset(
    {
        "app_user",
        "attachment",
        "measurement",
        "medical_record",
        "pet_alert",
        "price_change",
        "price_change_line",
        "record_addendum",
        "record_template",
        "till_count",
        "treatment",
        "vaccination",
        "vaccine_kind",
    }
)
KEPT_S = 60.0  # what changed without the log (a table that was loaded) is seen after a minute at most


class Shelf(Generic[K, V]):
    """Parts of one kind by key. `stale`: the keys of those that may have changed; it may ask the database.

    `most`: what was put there first goes when there are more.
    """

    def __init__(self, *, most: int, stale: Callable[[list[Changed], Mapping[K, V]], Iterable[K]]):
        self.most, self.stale = most, stale
        self.parts: dict[str, dict[K, V]] = {}  # by alias
        _shelves.append(self)

    def found(self, look: "Look", keys: Iterable[K]) -> dict[K, V]:
        """Those that are here, as of the request's look or later."""
        parts = self.parts.get(look.alias, {}) if look.keeps else {}
        pairs = ((key, parts.get(key)) for key in keys)
        return {key: part for key, part in pairs if part is not None}

    def keep(self, look: "Look", parts: Mapping[K, V]) -> None:
        """What was read after the look."""
        desk = _desk(look.alias)
        with desk.lock:
            if look.keeps and look.version == desk.version:
                mine = self.parts.setdefault(look.alias, {})
                mine.update(parts)
                for key in list(mine)[: max(0, len(mine) - self.most)]:
                    del mine[key]


_shelves: list[Shelf] = []


def whenever(*tables: str) -> Callable[[list[Changed], Mapping[K, V]], Iterable[K]]:
    """For a shelf of which everything is stale when any of these tables has changed."""

    def stale(changes: list[Changed], parts: Mapping[K, V]) -> Iterable[K]:
        return parts if any(change.table in tables for change in changes) else ()

    return stale


@dataclass(frozen=True)
class Look:
    """A request's look into the log, on the server of `alias`. A transaction that has written keeps nothing.

    `newest`: another one after each change (vetclinic.audit.newest).
    """

    alias: str
    newest: tuple
    version: int = 0
    keeps: bool = False


@dataclass
class _Desk:
    """Of one server. `version`: another one after each change that was found."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    version: int = 0
    as_of: Moment | None = None
    emptied_at: float = 0.0

    def look(self, alias: str) -> Look:
        """What others find meanwhile, this look may not have seen: then nothing is kept that follows from it."""
        before = self.version
        newest, now, changes = changes_since(alias, self.as_of, without=UNWATCHED)
        if now is None:
            return Look(alias, newest)
        own = 0
        if changes is None or monotonic() - self.emptied_at > KEPT_S:
            own = self.empty(alias, now)
        elif changes:
            own = self.drop(alias, changes, now)
        return Look(alias, newest, before + own, keeps=True)

    def empty(self, alias: str, now: Moment | None) -> int:
        """By how much the version has grown."""
        with self.lock:
            self.version += 1
            for shelf in _shelves:
                shelf.parts[alias] = {}
            self.as_of, self.emptied_at = now, monotonic()
        return 1

    def drop(self, alias: str, changes: list[Changed], now: Moment) -> int:
        """By how much the version has grown."""
        with self.lock:
            self.version += 1  # whoever reads now may read what was before, and must not keep it
        for shelf in _shelves:
            with self.lock:
                parts = dict(shelf.parts.get(alias, {}))
            stale = list(shelf.stale(changes, parts)) if parts else []
            with self.lock:
                for key in stale:
                    shelf.parts[alias].pop(key, None)
        with self.lock:
            if self.as_of and self.as_of.server == now.server:
                self.as_of = max(self.as_of, now)
        return 1


_desks: dict[str, _Desk] = {}


def _desk(alias: str) -> _Desk:
    return _desks.setdefault(alias, _Desk())


def look_into_log() -> Look:
    """Once a request, before it reads anything: what is kept is then as the database shows it now, or later."""
    alias = router.db_for_read(Change)
    return _desk(alias).look(alias)


def forget_all() -> None:
    """Read everything anew."""
    for alias, desk in _desks.items():
        desk.empty(alias, None)
