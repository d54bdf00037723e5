"""Arithmetic of working time: stretches that are closed are cut out, additional ones are joined.

Instants are compared in UTC: two times on one clock would be compared by their hands, and those run back in autumn.
"""

import datetime as dt
from collections.abc import Iterable

Stretch = tuple[dt.datetime, dt.datetime]


def subtract(stretches: Iterable[Stretch], closed: Iterable[Stretch]) -> list[Stretch]:
    """What is left of each stretch, in order, on the clock of the stretch."""
    left = []
    shut = sorted((_utc(start), _utc(end)) for start, end in closed)
    for opens, closes in stretches:
        cursor, end = _utc(opens), _utc(closes)
        for begins, ends in shut:
            if begins < end and ends > cursor:
                if begins > cursor:
                    left.append((cursor.astimezone(opens.tzinfo), begins.astimezone(opens.tzinfo)))
                cursor = max(cursor, ends)
        if cursor < end:
            left.append((cursor.astimezone(opens.tzinfo), end.astimezone(opens.tzinfo)))
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


def holds(stretches: Iterable[Stretch], start: dt.datetime, end: dt.datetime) -> bool:
    """Whether one stretch contains [start, end)."""
    return any(_utc(opens) <= _utc(start) and _utc(end) <= _utc(closes) for opens, closes in stretches)


def _utc(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC)
