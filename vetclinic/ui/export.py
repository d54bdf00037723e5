"""A whole list as CSV, read in batches by key: flat memory, and no statement that lasts."""

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone, translation

from vetclinic.replication.faults import steadily
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
    lines = _lines(batches(rows, sorting, load), head, cells, translation.get_language())
    return csv_response(f"{name}-{timezone.localdate()}.csv", _logged(lines, name, request.user.get_username()))


def batches(rows: QuerySet, sorting: Sorting, load: Callable[[list], list] = list) -> Iterator[list]:
    """All rows, BATCH at a time, completed. When their server fails another one goes on where it stopped."""
    place = None
    while True:
        batch = steadily(partial(sorting.take, rows, BATCH, place))
        if batch:
            yield steadily(partial(load, batch))
        if len(batch) < BATCH:
            return
        place = sorting.place(batch[-1])


def _lines(found: Iterable[list], head: list[str], cells: Callable[..., list], language: str | None) -> Iterator[list]:
    yield head
    for batch in found:
        with translation.override(language):  # the request's own ends before the answer is sent
            made = [cells(row) for row in batch]
        yield from made


def _logged(lines: Iterator[list], name: str, who: str) -> Iterator[list]:
    count = -1  # the head is no row
    try:
        for line in lines:
            count += 1
            yield line
    finally:
        logger.info("%s exported %s: %d rows", who, name, max(count, 0))
