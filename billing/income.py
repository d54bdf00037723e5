"""Income of a period by time and by dimension: closed months and days from their sums, what is open from the facts.

Exact at every moment: a day counts as closed only while its sums are those of its facts (billing.closing).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from operator import add

from django.db import connections, router

from billing.income_facts import EVERYWHERE, SUMS, TABLES, TOTAL, facts_sql
from billing.income_open import branches_of_money, open_sums
from billing.models import Invoice
from vetclinic.audit.kept import Look, Shelf, look_into_log, whenever

ZERO = Decimal("0.00")
TENTH = Decimal("0.1")
KOPECK = Decimal("0.01")
ONE_DAY = dt.timedelta(days=1)
WHOLE = "whole"
BRANCH = "branch"
UNITS = {
    "day": lambda day: day,
    "week": lambda day: day - dt.timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
    "year": lambda day: day.replace(month=1, day=1),
}
IN_MONTHS = ("month", "year", WHOLE)
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


@dataclass(frozen=True)
class Period:
    """Whole days, both ends included."""

    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """The period of the same length just before."""
        return Period(self.first - dt.timedelta(days=self.days), self.first - ONE_DAY)

    @property
    def year_before(self) -> "Period":
        """The same days of the year before; 29 February then is the 28th."""
        return Period(_year_before(self.first), _year_before(self.last))

    def __iter__(self):
        return (self.first + dt.timedelta(days=offset) for offset in range(self.days))


@dataclass(frozen=True)
class Figures:
    """Sums in the clinic's currency. `cost` and `costed`, what was billed less credits, where the cost is known."""

    billed: Decimal = ZERO
    credited: Decimal = ZERO
    received: Decimal = ZERO
    invoices: int = 0
    quantity: Decimal = ZERO
    costed: Decimal = ZERO
    cost: Decimal = ZERO

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.billed + other.billed,
            self.credited + other.credited,
            self.received + other.received,
            self.invoices + other.invoices,
            self.quantity + other.quantity,
            self.costed + other.costed,
            self.cost + other.cost,
        )

    @property
    def net(self) -> Decimal:
        return self.billed - self.credited

    @property
    def average(self) -> Decimal:
        """Of an invoice."""
        return (self.billed / self.invoices).quantize(KOPECK) if self.invoices else ZERO

    @property
    def price(self) -> Decimal | None:
        """Of one unit, on average."""
        return (self.billed / self.quantity).quantize(KOPECK) if self.quantity else None

    @property
    def profit(self) -> Decimal | None:
        """None where no cost price is known."""
        return self.costed - self.cost if self.costed or self.cost else None

    @property
    def known_cost(self) -> Decimal | None:
        """What was billed cost the clinic; None where no cost price is known."""
        return self.cost if self.costed or self.cost else None


NOTHING = Figures()


@dataclass(frozen=True)
class Wish:
    """What to add up: of a period, by a unit of time (or `whole`), by the keys of a dimension."""

    period: Period
    unit: str = WHOLE
    by: str = TOTAL

    def bucket(self, day: dt.date) -> dt.date:
        """The first day, not before the period, of the stretch that a day belongs to."""
        return self.period.first if self.unit == WHOLE else max(UNITS[self.unit](day), self.period.first)


@dataclass(frozen=True)
class Only:
    """A part of the income: of a branch (0: without one); of a vet or of a service, of which no sums are kept."""

    branch: int | None = None
    vet: str = ""
    service: str = ""

    @property
    def place(self) -> int:
        return EVERYWHERE if self.branch is None else self.branch

    @property
    def has_sums(self) -> bool:
        return not (self.vet or self.service)

    @property
    def columns(self) -> dict[str, str | int]:
        """Of the facts, with the value that each has."""
        return {name: value for name, value in (("place", self.branch), ("vet", self.vet), ("service", self.service))
                if value not in (None, "")}  # fmt: skip


Sums = dict[tuple[dt.date, str], Figures]  # (bucket, key) →
Asked = tuple[tuple[Wish, ...], Only]
Closing = tuple[str, dt.date, str]  # span, first day, and what tells it from another closing of the same


def add_up(wishes: Sequence[Wish], only: Only = Only()) -> list[Sums]:
    """The sums of each wish, without empty ones; not to be changed, as others get the same.

    One query while no money in the clinic has changed since this process added the same up. Else one for the closings,
    one for their sums and one for the branches, unless this process has them already, and one for each stretch of open
    days: usually today.
    """
    look, asked = look_into_log(), (tuple(wishes), only)
    found = _kept.found(look, [asked])
    if not found:
        found = {asked: _added_up(*asked, look)}
        _kept.keep(look, found)
    return found[asked]


def _added_up(wishes: tuple[Wish, ...], only: Only, look: Look) -> list[Sums]:
    closings = _closings(look.alias, wishes) if only.has_sums else ()
    kept, still_open = _closed(wishes, only.place, look.alias, look.newest[0], closings)
    result = [defaultdict(lambda: NOTHING, sums) for sums in kept]
    dimensions = sorted({wish.by for wish in wishes})
    branches = [only.branch] if only.branch is not None else branches_of_money(look)
    for days in still_open:
        if only.has_sums:
            _distribute(open_sums(look, days.first, days.last, dimensions, branches), wishes, result)
        else:
            _distribute(_facts(days, dimensions, only), wishes, result)
    return [dict(sums) for sums in result]


def _facts(days: Period, dimensions: Sequence[str], only: Only) -> Iterable[tuple]:
    values = {f"only_{name}": [value] for name, value in only.columns.items()}
    with connections[router.db_for_read(Invoice)].cursor() as cursor:
        cursor.execute(facts_sql(dimensions, list(only.columns)), values | {"first": days.first, "last": days.last})
        return cursor.fetchall()


_kept: Shelf[Asked, list[Sums]] = Shelf(most=64, stale=whenever(*TABLES))


def _closings(database: str, wishes: Sequence[Wish]) -> tuple[Closing, ...]:
    """Closed months, and closed days of other months."""
    first, last = min(wish.period.first for wish in wishes), max(wish.period.last for wish in wishes)
    with connections[database].cursor() as cursor:
        cursor.execute(CLOSINGS, {"first": first.replace(day=1), "last": last})
        return tuple(cursor.fetchall())


@lru_cache(maxsize=64)
def _closed(
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


def _distribute(rows, wishes: Sequence[Wish], result: list[Sums]) -> None:
    asked = defaultdict(list)
    for wish, found in zip(wishes, result, strict=True):
        asked[wish.by].append((wish.period.first, wish.period.last, wish, found))
    for (day, dimension, key), sums in _of_all_branches(rows).items():
        for first, last, wish, found in asked[dimension]:
            if first <= day <= last:
                found[wish.bucket(day), key] += Figures(*sums)


def _of_all_branches(rows) -> dict[tuple, list[Decimal]]:
    """(day, dimension, key) → sums. Plain lists: of thirty branches there are a thousand rows."""
    sums_of: dict[tuple, list[Decimal]] = {}
    for day, dimension, key, *sums in rows:
        known = sums_of.get((day, dimension, key))
        sums_of[day, dimension, key] = list(map(add, known, sums)) if known else sums
    return sums_of


def total(sums: Sums) -> Figures:
    return sum(sums.values(), NOTHING)


def _year_before(day: dt.date) -> dt.date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)
