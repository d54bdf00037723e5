"""A whole list as CSV, read in batches by key: flat memory, and no statement that lasts."""

import logging
from collections.abc import Callable, Iterable, Iterator

from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone, translation

from vetclinic.replication.faults import FAULTS, give_up
from vetclinic.ui.csv import csv_response
from vetclinic.ui.lists import Sorting

BATCH = 2000
logger = logging.getLogger("vetclinic.exports")


def export(
    request: HttpRequest,
    name: str,
    rows: QuerySet,
    sorting: Sorting,
    *,
    head: list[str],
    cells: Callable[..., list],
    load: Callable[[list], list] = list,
) -> StreamingHttpResponse:
    """`rows` as a download: `load` completes a batch of them, `cells` makes the line of one. Logs who took how many."""
    # The router knows this request now, and no longer while the answer is being sent.
    found = batches(rows.using(rows.db), sorting)
    lines = _lines(found, head, lambda batch: [cells(row) for row in load(batch)], translation.get_language())
    return csv_response(f"{name}-{timezone.localdate()}.csv", _logged(lines, name, request.user.get_username()))


def batches(rows: QuerySet, sorting: Sorting) -> Iterator[list]:
    """All rows, BATCH at a time. When the standby fails the primary goes on where it stopped."""
    place = None
    while True:
        try:
            batch = sorting.take(rows, BATCH, place)
        except FAULTS as fault:
            if rows.db == DEFAULT_DB_ALIAS:
                raise
            give_up(rows.db, fault)
            rows = rows.using(DEFAULT_DB_ALIAS)
            continue
        if batch:
            yield batch
        if len(batch) < BATCH:
            return
        place = sorting.place(batch[-1])


def _lines(
    found: Iterable[list], head: list[str], lines: Callable[[list], list[list]], language: str | None
) -> Iterator[list]:
    yield head
    for batch in found:
        with translation.override(language):  # the request's own ends before the answer is sent
            made = lines(batch)
        yield from made


def _logged(lines: Iterator[list], name: str, who: str) -> Iterator[list]:
    count = -1  # the head is no row
    try:
        for line in lines:
            count += 1
            yield line
    finally:
        logger.info("%s exported %s: %d rows", who, name, max(count, 0))
