"""One question to a server on a connection of its own, with a deadline that also a black hole keeps."""

import json
import select
import time

import psycopg
from django.db import connections
from psycopg.pq import ExecStatus

ANSWERS_WITHIN_S = 1.5
CONNECTS_WITHIN_S = 2  # libpq's shortest


def connect(alias: str) -> psycopg.Connection:
    """A connection to the server of `alias` that no request shares. Raises psycopg.Error."""
    # The factories of Django's are for its own wrapper; how to reach the server is all that is wanted.
    parameters = connections[alias].get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    parameters |= {"connect_timeout": CONNECTS_WITHIN_S, "application_name": "vetclinic probe"}
    return psycopg.connect(**parameters, autocommit=True)


def ask(connection: psycopg.Connection, query: str, within_s: float = ANSWERS_WITHIN_S) -> dict:
    """The JSON object that `query` selects. Raises TimeoutError or psycopg.Error; the connection is then of no use.

    psycopg's own execute() waits for as long as the kernel believes in the other side: for ever, if that was stopped.
    """
    pgconn, until = connection.pgconn, time.monotonic() + within_s
    pgconn.send_query(query.encode())
    found = None
    while True:
        _wait_for_answer(pgconn, until)
        result = pgconn.get_result()
        if result is None:
            return json.loads(found or b"{}")
        if result.status != ExecStatus.TUPLES_OK:
            raise psycopg.OperationalError(result.error_message.decode(errors="replace"))
        found = result.get_value(0, 0)


def _wait_for_answer(pgconn, until: float) -> None:
    readable = select.poll()
    readable.register(pgconn.socket, select.POLLIN)
    while pgconn.is_busy():
        left = until - time.monotonic()
        if left <= 0 or not readable.poll(left * 1000):
            raise TimeoutError("no answer in time")
        pgconn.consume_input()
