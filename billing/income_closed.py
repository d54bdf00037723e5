"""Sums of closed months and days, which a process reads once for the very same closings."""

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache

from django.db import connections

from billing.income_facts import SUMS
from billing.income_figures import Figures, Sums
from billing.income_wishes import IN_MONTHS, Wish
from billing.periods import ONE_DAY, Period

# Days of closed months are closed too: of those the month alone is told. A day that is opened and closed again has a
# closing of another transaction, and of another time should the number of a transaction ever come again.
CLOSINGS = """
    SELECT span, since, concat_ws(' ', xmin, closed_at)
    FROM income_closing WHERE span = 'month' AND since BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT day.span, day.since, concat_ws(' ', day.xmin, day.closed_at)
    FROM generate_series(%(first)s::date, %(last)s, '1 month') AS month JOIN income_closing day
        ON day.span = 'day' AND day.since >= month::date AND day.since < (month + interval '1 month')::date
    WHERE NOT EXISTS (SELECT FROM income_closing WHERE span = 'month' AND since = month::date)
"""
KEPT = f"""
    SELECT wish, bucket, key, {", ".join(f"sum({name.strip()})" for name in SUMS.split(","))}
    FROM unnest(%(wish)s::int[], %(bucket)s::date[], %(dimension)s::text[], %(span)s::text[], %(since)s::date[])
        AS piece (wish, bucket, dimension, span, since)
    JOIN income_sum USING (dimension, span, since)
    WHERE place = %(place)s GROUP BY wish, bucket, key
"""  # noqa: S608 (all of it is ours)


Closing = tuple[str, dt.date, str]  # span, first day, and what tells it from another closing of the same


def closings_of(database: str, wishes: Sequence[Wish]) -> tuple[Closing, ...]:
    """Closed months, and closed days of other months."""
    first, last = min(wish.period.first for wish in wishes), max(wish.period.last for wish in wishes)
    with connections[database].cursor() as cursor:
        cursor.execute(CLOSINGS, {"first": first.replace(day=1), "last": last})
        return tuple(cursor.fetchall())


@lru_cache(maxsize=64)
def closed_sums(
    wishes: tuple[Wish, ...], place: int, database: str, _server: dt.datetime, closings: tuple[Closing, ...]
) -> tuple[list[Sums], list[Period]]:
    """What the closed days make up of each wish, and the stretches of open days beside them.

    The sums of a closing never change: they are read once, whatever is written afterwards. If one of them is opened
    and closed again before they are read, they are newer than the closings, which nobody sees any more.
    """
    months, days = ({since for span, since, _which in closings if span == each} for each in ("month", "day"))
    pieces, still_open = _cut(wishes, months, days)
    sums: list[Sums] = [{} for _wish in wishes]
    if pieces:
        columns = ("wish", "bucket", "dimension", "span", "since")
        values = dict(zip(columns, map(list, zip(*pieces, strict=True)), strict=True))
        with connections[database].cursor() as cursor:
            cursor.execute(KEPT, values | {"place": place})
            for wish, bucket, key, *figures in cursor.fetchall():
                sums[wish][bucket, key] = Figures(*figures)
    return sums, _stretches(still_open)


def _cut(wishes: Sequence[Wish], months: set, days: set) -> tuple[list[tuple], set[dt.date]]:
    """The pieces of kept sums that make up the wishes, and the days that are open."""
    pieces, still_open = [], set()
    for number, wish in enumerate(wishes):
        day = wish.period.first
        while day <= wish.period.last:
            following = (day.replace(day=1) + dt.timedelta(days=31)).replace(day=1)
            span, after = "day", day + ONE_DAY
            if wish.unit in IN_MONTHS and day in months and following - ONE_DAY <= wish.period.last:
                span, after = "month", following
            if span == "month" or day in days or day.replace(day=1) in months:
                pieces.append((number, wish.bucket(day), wish.by, span, day))
            else:
                still_open.add(day)
            day = after
    return pieces, still_open


def _stretches(days: set[dt.date]) -> list[Period]:
    """Days in a row, put together."""
    stretches: list[Period] = []
    for day in sorted(days):
        if stretches and stretches[-1].last + ONE_DAY == day:
            stretches[-1] = Period(stretches[-1].first, day)
        else:
            stretches.append(Period(day, day))
    return stretches
