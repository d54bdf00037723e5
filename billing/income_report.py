"""The income report: what the page, its CSV and its XLSX show, so that they cannot differ."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from billing.income import add_up
from billing.income_figures import NOTHING, Figures, Sums, total
from billing.income_names import BRANCH, Names, names_of
from billing.income_wishes import Only, Wish
from billing.periods import ONE_DAY, UNITS, Period
from vetclinic.audit.kept import Look

TENTH = Decimal("0.1")
MOST_ROWS = 400  # of a table by time: a year by day, thirty years by month
MOST_BY_ITSELF = 62
RECEIVED_BY = ("vet", "specialization", "species", BRANCH)  # a payment is of no service


class TimeRow(NamedTuple):
    """One day, week, month or year; the first and the last of a period may be cut."""

    first: dt.date
    last: dt.date
    sums: Figures

    @property
    def billed(self) -> Decimal:
        return self.sums.billed

    @property
    def received(self) -> Decimal:
        return self.sums.received


class KeyRow(NamedTuple):
    """One service, vet, … of the period, beside the period before."""

    key: str
    name: str
    sums: Figures
    before: Figures
    share: Decimal  # of all that was billed, in per cent, to a tenth

    @property
    def change(self) -> Decimal | None:
        """Of what was billed, in per cent against the period before; None when there was nothing."""
        return change(self.sums.billed, self.before.billed)

    @property
    def price_change(self) -> Decimal | None:
        now, before = self.sums.price, self.before.price
        return change(now, before) if now is not None and before is not None else None


@dataclass(frozen=True)
class Report:
    period: Period
    unit: str
    by: str
    times: list[TimeRow]
    keys: list[KeyRow]
    total: Figures
    before: Figures
    year_before: Figures


def report(look: Look, period: Period, unit: str, by: str, only: Only, order: str = "billed") -> Report:
    """With the keys that `billed` or `cost` most first; a cost that is not known counts as none."""
    wishes = [
        Wish(period, unit),
        Wish(period.before),
        Wish(period.year_before),
        Wish(period, by=by),
        Wish(period.before, by=by),
    ]
    times, before, year_before, now, earlier = add_up(look, wishes, only)
    whole = total(times)
    rows = [TimeRow(first, last, times.get((first, ""), NOTHING)) for first, last in stretches(period, unit)]
    keys = _keys(now, earlier, by, whole, names_of(look, by))
    keys.sort(key=lambda row: (-getattr(row.sums, order), -row.sums.billed, row.key))
    return Report(period, unit, by, rows, keys, whole, total(before), total(year_before))


def stretches(period: Period, unit: str) -> Iterable[tuple[dt.date, dt.date]]:
    """First and last day of each day, week, month or year of the period."""
    first = period.first
    while first <= period.last:
        last = first
        if unit != "day":
            start = UNITS[unit](first)
            following = UNITS[unit](start + dt.timedelta(days={"week": 7, "month": 31, "year": 366}[unit]))
            last = min(following - ONE_DAY, period.last)
        yield first, last
        first = last + ONE_DAY


def fitting_unit(period: Period, wanted: str) -> str:
    """The unit that was asked for, or a longer one where its table had too many rows; unasked, the finest readable."""
    most, units = (MOST_ROWS, list(UNITS)) if wanted in UNITS else (MOST_BY_ITSELF, ["day", "month", "year"])
    allowed = units[units.index(wanted) :] if wanted in UNITS else units
    days = {"day": 1, "week": 7, "month": 30.4, "year": 365}
    return next((unit for unit in allowed if period.days / days[unit] <= most), "year")


def change(now: Decimal, before: Decimal) -> Decimal | None:
    """In per cent; None when there was nothing before."""
    return ((now - before) * 100 / before).quantize(TENTH) if before else None


def _keys(now: Sums, earlier: Sums, by: str, whole: Figures, names: Names) -> list[KeyRow]:
    """Who was paid only, or nothing, in the period is left out where money has no such key."""
    sums = {key: figures for (_first, key), figures in now.items()}
    before = {key: figures for (_first, key), figures in earlier.items()}
    if by not in RECEIVED_BY:
        sums = {key: figures for key, figures in sums.items() if figures.billed or figures.credited or figures.quantity}
    return [
        KeyRow(
            key,
            str(names.get(key) or (key if key.strip("0") else _("without"))),
            figures,
            before.get(key, NOTHING),
            (figures.billed * 100 / (whole.billed or 1)).quantize(TENTH),
        )
        for key, figures in sums.items()
    ]
