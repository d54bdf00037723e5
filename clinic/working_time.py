"""Arithmetic of working time: stretches that are closed are cut out, additional ones are joined.

Instants are compared in UTC: two times on one clock would be compared by their hands, and those run back in autumn.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice

Stretch = tuple[dt.datetime, dt.datetime]
YEARS = range(1900, 2101)  # that a clinic can have: people type 0206 for 2026, and arithmetic ends at the year 9999


@lru_cache(maxsize=2**13)
def moment_of(day: dt.date, time: dt.time, zone: dt.tzinfo) -> dt.datetime:
    """A written time of a day, on that clock.

    A time that a clock change leaves out stands for the moment of the change, a repeated one for its first run.
    """
    moment = dt.datetime.combine(day, time, zone)
    before, after = _utc(moment.replace(fold=1)), _utc(moment)
    if before >= after:
        return moment
    offset = after.astimezone(zone).utcoffset()
    while after - before > dt.timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0).astimezone(zone)


def subtract(stretches: Iterable[Stretch], closed: Iterable[Stretch]) -> list[Stretch]:
    """What is left of each stretch, on the clock of the stretch. Those of work are in order and apart."""
    left, shut, index = [], sorted((_utc(start), _utc(end)) for start, end in closed), 0
    for opens, closes in stretches:
        cursor, end, zone = _utc(opens), _utc(closes), opens.tzinfo
        while index < len(shut) and shut[index][1] <= cursor:
            index += 1
        for begins, ends in islice(shut, index, None):
            if begins >= end:
                break
            if begins > cursor:
                left.append((cursor.astimezone(zone), begins.astimezone(zone)))
            cursor = max(cursor, ends)
        if cursor < end:
            left.append((cursor.astimezone(zone), end.astimezone(zone)))
    return left


def unite(stretches: Iterable[Stretch], added: Iterable[Stretch]) -> list[Stretch]:
    """All of them in order; those that overlap or touch become one."""
    united: list[Stretch] = []
    for opens, closes in sorted([*stretches, *added], key=lambda stretch: _utc(stretch[0])):
        if united and _utc(opens) <= _utc(united[-1][1]):
            if _utc(closes) > _utc(united[-1][1]):
                united[-1] = united[-1][0], closes
        else:
            united.append((opens, closes))
    return united


def holds(stretches: Sequence[Stretch], start: dt.datetime, end: dt.datetime) -> bool:
    """Whether one of the stretches, which are in order and apart (see unite), contains [start, end)."""
    index = bisect_right(stretches, _utc(start), key=lambda stretch: _utc(stretch[0])) - 1
    return index >= 0 and _utc(end) <= _utc(stretches[index][1])


def _utc(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC)
