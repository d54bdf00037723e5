"""How far a long answer is, kept in the cache: another page of the same person shows it, also after a reload."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.core.cache import cache

T = TypeVar("T")
KEPT_S = 3600
SILENT_S = 90  # no step for so long: whoever worked on it is gone


@dataclass(frozen=True)
class State:
    """`phase`: "" for never begun, else running, done or stopped."""

    phase: str = ""
    done: int = 0
    total: int = 0

    @property
    def is_running(self) -> bool:
        return self.phase == "running"


class Progress:
    """Of the work called `name`, which is one person's. Not in the database: it is nothing that the clinic keeps."""

    def __init__(self, name: str):
        self.key = f"progress:{name}"

    def state(self) -> State:
        phase, done, total, at = cache.get(self.key) or ("", 0, 0, 0.0)
        return State("stopped" if phase == "running" and time.time() - at > SILENT_S else phase, done, total)

    def counted(self, parts: Iterable[T], *, total: int) -> Iterator[T]:
        """The same parts, each noted when it is taken. Begins at the call, not at the first part."""
        self._note("running", 0, total)
        return self._noted(parts, total)

    def _noted(self, parts: Iterable[T], total: int) -> Iterator[T]:
        done, phase = 0, "stopped"
        try:
            for part in parts:
                yield part
                done += 1
                self._note("running", done, total)
            phase = "done"
        finally:  # also when the browser hangs up
            self._note(phase, done, total)

    def _note(self, phase: str, done: int, total: int) -> None:
        cache.set(self.key, (phase, done, total, time.time()), KEPT_S)
