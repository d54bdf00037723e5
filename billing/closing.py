"""Closing past days of the income: their sums are kept, so that a report of years need not read their facts again.

A day is closed when it is over on every clock of the clinic. Whoever writes a fact of a closed day afterwards opens it
again by a trigger (billing.income_triggers). The lock of the day, shared there and taken alone here, lets no fact slip
between the sums and the closing.
"""

import datetime as dt
from itertools import groupby

from django.db import connection
from django.utils import timezone

from billing.income_facts import COLUMNS, EVERYWHERE, FIRST_FACT, SUMS, TOTAL, facts_sql
from clinic.models.branch import earliest_day
from vetclinic.locks import Lock, take_lock
from vetclinic.refusals import action

EPOCH = dt.date(2000, 1, 1)
DIMENSIONS = [TOTAL, *COLUMNS]
OPEN_DAYS = """
    SELECT day::date FROM generate_series(date_trunc('month', %s::date), %s::date, '1 day') day
    WHERE NOT EXISTS (SELECT FROM income_closing WHERE span = 'day' AND since = day::date) ORDER BY day
"""
ADDED_UP = ", ".join(f"sum({name.strip()})" for name in SUMS.split(","))
KEEP_DAYS = f"""
    INSERT INTO income_sum (dimension, span, since, place, key, {SUMS})
    SELECT dimension, 'day', day, COALESCE(place, {EVERYWHERE}), key, {ADDED_UP}
    FROM ({facts_sql(DIMENSIONS, each="day, place")}) sums
    WHERE day = ANY(%(days)s) GROUP BY dimension, day, key, GROUPING SETS ((place), ())
"""  # noqa: S608 (all of it is ours)
# A month's bills lie side by side. PostgreSQL takes every look at one for a trip across the disk, and would rather read
# the bills of all years.
SIDE_BY_SIDE = "SET LOCAL random_page_cost = 1.1"
# The dimensions are named because the index begins with them: without it every day would look through all others.
DROP = "DELETE FROM income_sum WHERE dimension = ANY(%s) AND span = %s AND since = ANY(%s)"
CLOSE_DAYS = "INSERT INTO income_closing (span, since, closed_at) SELECT 'day', unnest(%s::date[]), %s"
# The rows of its days are locked: nobody opens one of them before the month is closed.
DAYS_OF_MONTH = """
    SELECT since FROM income_closing WHERE span = 'day' AND since >= %(month)s
    AND since < %(month)s::date + interval '1 month' ORDER BY since FOR UPDATE
"""
MONTHS_TO_CLOSE = """
    SELECT date_trunc('month', since)::date AS month FROM income_closing WHERE span = 'day'
    GROUP BY 1 HAVING count(*) = extract(day FROM date_trunc('month', min(since)) + interval '1 month - 1 day')
    EXCEPT SELECT since FROM income_closing WHERE span = 'month' ORDER BY 1
"""
KEEP_MONTH = f"""
    INSERT INTO income_sum (dimension, span, since, place, key, {SUMS})
    SELECT dimension, 'month', %(month)s, place, key, {ADDED_UP}
    FROM income_sum
    WHERE dimension = ANY(%(dimensions)s) AND span = 'day' AND since = ANY(%(days)s)
    GROUP BY dimension, place, key
"""  # noqa: S608 (all of it is ours)


def close_income(*, now: dt.datetime | None = None, most: int | None = None) -> int:
    """Close every past day and month that is open, or the `most` earliest days: the number of days.

    Each month is a transaction of its own.
    """
    now = now or timezone.now()
    days = _open_days(last_day_over(now))[:most]
    for _month, of_month in groupby(days, key=lambda day: (day.year, day.month)):
        close_days(days=list(of_month), now=now)
    for (month,) in _rows(MONTHS_TO_CLOSE):
        close_month(month=month, now=now)
    return len(days)


def last_day_over(now: dt.datetime) -> dt.date:
    """The last day that is over in every branch. One query."""
    return earliest_day(now) - dt.timedelta(days=1)


@action
def close_days(*, days: list[dt.date], now: dt.datetime) -> None:
    """Keep the sums of some days in a row of open days, and close them. Days that another closes meanwhile are left."""
    for day in days:
        take_lock(Lock.INCOME_DAY, (day - EPOCH).days)
    days = [day for day in _open_days(days[-1], days[0]) if day in set(days)]
    if not days:
        return
    with connection.cursor() as cursor:
        cursor.execute(SIDE_BY_SIDE)
        cursor.execute(DROP, [DIMENSIONS, "day", days])
        cursor.execute(KEEP_DAYS, {"first": days[0], "last": days[-1], "days": days})
        cursor.execute(CLOSE_DAYS, [days, now])


@action
def close_month(*, month: dt.date, now: dt.datetime) -> None:
    """Add up the days of a month, if all are still closed."""
    days = [day for (day,) in _rows(DAYS_OF_MONTH, {"month": month})]
    following = (month + dt.timedelta(days=31)).replace(day=1)
    closed = _rows("SELECT FROM income_closing WHERE span = 'month' AND since = %s", [month])
    if len(days) < (following - month).days or closed:
        return
    with connection.cursor() as cursor:
        cursor.execute(DROP, [DIMENSIONS, "month", [month]])
        cursor.execute(KEEP_MONTH, {"month": month, "dimensions": DIMENSIONS, "days": days})
        cursor.execute("INSERT INTO income_closing (span, since, closed_at) VALUES ('month', %s, %s)", [month, now])


def _open_days(last: dt.date, first: dt.date | None = None) -> list[dt.date]:
    if first is None:
        ((first,),) = _rows(FIRST_FACT)
    return [day for (day,) in _rows(OPEN_DAYS, [first, last])] if first else []


def _rows(query: str, values=None) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
