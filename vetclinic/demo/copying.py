"""Rows into tables by COPY, and what that needs around it."""

import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from tqdm import tqdm

from vetclinic.demo.rows import COLUMNS

T = TypeVar("T")
LINE_EVERY_S = 5

# References, uniqueness and plain indexes, with the words that make each again. Primary keys and checks of single rows
# cost little and stay. So do exclusions: PostgreSQL builds them row by row anyway; meanwhile the next rows are made.
SLOW_CONSTRAINTS = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype IN ('u', 'f') AND conrelid = ANY (%s::regclass[])
    ORDER BY contype = 'f', conname
"""
PLAIN_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = ANY (%s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    ORDER BY 1
"""


@contextmanager
def bulk(cursor, tables: list[str]) -> Iterator[None]:
    """While rows stream in, the tables' triggers, indexes and slow constraints rest; all are there again at the end.

    Everything is proved anew, over all rows at once, within the same transaction: a row that breaks a rule takes
    the whole load back.
    """
    cursor.execute(SLOW_CONSTRAINTS, [tables])
    constraints = cursor.fetchall()
    cursor.execute(PLAIN_INDEXES, [tables])
    indexes = cursor.fetchall()
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for table, name, _definition in reversed(constraints):
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
    for _name, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in constraints:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def copy(cursor, table: str, rows: Iterable[tuple]) -> int:
    """How many rows went into the table."""
    count = 0
    with cursor.copy(f"COPY {table} ({', '.join(COLUMNS[table].split())}) FROM STDIN") as stream:
        write = stream.write_row
        for count, row in enumerate(rows, 1):  # noqa: B007 (the last count is the answer)
            write(row)
    return count


def ahead(portions: Iterator[T]) -> Iterator[T]:
    """The same: a thread makes the next one while this one is written, which is mostly waiting for the server."""
    with ThreadPoolExecutor(1) as maker:
        made = maker.submit(next, portions, None)
        while (portion := made.result()) is not None:
            made = maker.submit(next, portions, None)
            yield portion


def continue_ids(cursor, tables: Iterable[str]) -> None:
    """The next id that PostgreSQL hands out follows the largest one."""
    for table in tables:
        cursor.execute(f"SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) FROM {table}", [table])  # noqa: S608


class Progress:
    """A bar on a terminal, else a plain line every few seconds."""

    def __init__(self, total: int, unit: str, out=sys.stderr):
        self.total, self.unit, self.out = total, unit, out
        self.done, self.said = 0, time.monotonic()
        self.bar = tqdm(total=total, unit=f" {unit}", unit_scale=True, file=out) if out.isatty() else None

    def add(self, count: int) -> None:
        self.done += count
        if self.bar is not None:
            self.bar.update(count)
        elif time.monotonic() - self.said >= LINE_EVERY_S:
            self.said = time.monotonic()
            self.out.write(f"{self.done:,} of {self.total:,} {self.unit}\n")
            self.out.flush()

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
