"""Bars of an SVG chart as numbers; the template draws them. Years of days are put together to weeks or months."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from billing.income import DayIncome

WIDTH, HEIGHT, BASE = 960, 220, 190
MOST_BARS = 62


@dataclass(frozen=True)
class Bar:
    """Two bars side by side for one stretch of days; lengths in the chart's own units."""

    first: dt.date
    billed: Decimal
    received: Decimal
    x: float
    width: float
    billed_y: float
    billed_height: float
    received_y: float
    received_height: float

    @property
    def received_x(self) -> float:
        return round(self.x + self.width, 1)


def bars(days: list[DayIncome]) -> list[Bar]:
    """Bars for every day, or week, or month, whichever is the finest that fits."""
    stretches = _stretches(days)
    top = max((max(billed, received) for _first, billed, received in stretches), default=Decimal(0)) or Decimal(1)
    step = WIDTH / max(len(stretches), 1)
    result = []
    for place, (first, billed, received) in enumerate(stretches):
        high, low = (float(value / top) * (BASE - 10) for value in (billed, received))
        width = round(min(step * 0.4, 26), 1)
        x = round(place * step + step / 2 - width, 1)
        result.append(
            Bar(first, billed, received, x, width, *(round(n, 1) for n in (BASE - high, high, BASE - low, low)))
        )
    return result


def _stretches(days: list[DayIncome]) -> list[tuple[dt.date, Decimal, Decimal]]:
    keys = [lambda day: day.day, lambda day: day.day.isocalendar()[:2], lambda day: (day.day.year, day.day.month)]
    for key in keys:
        groups = [list(group) for _key, group in groupby(days, key=key)]
        if len(groups) <= MOST_BARS:
            break
    return [(group[0].day, sum(day.billed for day in group), sum(day.received for day in group)) for group in groups]
