"""A thread that asks one server again and again, and ends the waiting of requests when it answers no more."""

import contextlib
import os
import socket
import threading
import time
import weakref

import psycopg
from psycopg import Connection
from psycopg.errors import ConnectionTimeout

from vetclinic.replication import probe

SOON_S = 0.25


class Watcher(threading.Thread):
    """Of a process and a server. What is asked, and what follows from it, says who inherits this."""

    query: str
    patience_s: float

    def __init__(self, alias: str):
        super().__init__(name=f"watch {alias}", daemon=True)
        self.alias, self.asked_once = alias, threading.Event()
        self._own: Connection | None = None
        self._requests: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._hurry = threading.Event()

    def learned(self, answer: dict, asked_at: float) -> None:
        """The server answered `query`."""
        raise NotImplementedError

    def lost(self, error: Exception) -> None:
        """It did not."""
        raise NotImplementedError

    def pause_s(self) -> float:
        """Until the next question."""
        return SOON_S

    def ask_now(self) -> None:
        """Without waiting for the next turn."""
        self._hurry.set()

    def forgive(self) -> None:
        """Ask at once, and believe the answer."""
        self.asked_once.clear()
        self.ask_now()
        self.asked_once.wait(probe.CONNECTS_WITHIN_S + self.patience_s)

    def knows_of(self, connection: Connection) -> None:
        """A request's connection, to be cut when the server stops answering."""
        with self._lock:
            self._requests.add(connection)

    def trusts(self, connection: Connection) -> bool:
        """Whether a request's connection is younger than the last failure: the others of a process are dead, too."""
        with self._lock:
            return connection in self._requests

    def forget(self) -> list[Connection]:
        """The requests' connections, none of which is trusted any more."""
        with self._lock:
            known = list(self._requests)
            self._requests.clear()
        return known

    def run(self) -> None:
        while True:
            self._look()
            self.asked_once.set()
            self._hurry.wait(self.pause_s())
            self._hurry.clear()

    def _look(self) -> None:
        asked_at = time.monotonic()
        try:
            self._own = self._own or probe.connect(self.alias)
            answer = probe.ask(self._own, self.query, self.patience_s)
        except (psycopg.Error, OSError) as error:  # TimeoutError is an OSError
            self._drop(error)
        else:
            self.learned(answer, asked_at)

    def _drop(self, error: Exception) -> None:
        self.lost(error)
        if self._own is not None:
            self._own.close()
            self._own = None
        connections = self.forget()
        if isinstance(error, TimeoutError | ConnectionTimeout):
            _cut(connections)


def _cut(connections: list[Connection]) -> None:
    """Requests that wait for a stopped or cut-off server would wait for minutes: end their sockets."""
    for connection in connections:
        with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as own:
            own.shutdown(socket.SHUT_RDWR)
