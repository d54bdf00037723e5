"""An SVG chart of income as numbers; the template draws it. Many days are put together to weeks, months or years."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from vetclinic.ui.scales import round_steps

LEFT, TOP, BELOW = 72, 12, 26  # room for the sums, above the highest bar, and for the days
LABEL = 46  # the room that a day's label takes
WIDEST = 34
KEYS = {
    "day": lambda each: each.first,
    "week": lambda each: each.first.isocalendar()[:2],
    "month": lambda each: (each.first.year, each.first.month),
    "year": lambda each: each.first.year,
}


@dataclass(frozen=True)
class Stretch:
    """Income of some days that share a bar."""

    first: dt.date
    last: dt.date
    billed: Decimal
    received: Decimal


@dataclass(frozen=True)
class Scale:
    """From sums to heights. A day may give back more than it receives: its bar hangs below zero."""

    zero: float
    unit: float  # of one unit of currency

    def y(self, amount: Decimal) -> float:
        return round(self.zero - float(amount) * self.unit, 1)

    def box(self, amount: Decimal) -> "Box":
        end = self.y(amount)
        return Box(min(end, self.zero), round(abs(end - self.zero), 1))


@dataclass(frozen=True)
class Box:
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    """Two bars side by side for one stretch; lengths in the chart's own units, `middle` between the two."""

    stretch: Stretch
    middle: float
    width: float
    billed: Box
    received: Box
    is_labelled: bool

    @property
    def x(self) -> float:
        return round(self.middle - self.width, 1)


@dataclass(frozen=True)
class Chart:
    width: int
    height: int
    left: int
    bars: list[Bar]
    ticks: list[tuple[Decimal, float]]  # round sums, and where they are
    unit: str  # a key of KEYS


def chart(stretches: list[Stretch], unit: str, *, width: int, height: int, most: int) -> Chart:
    """Bars for the stretches, which are of one unit, or for longer ones: the finest that makes no more than `most`."""
    units = list(KEYS)[list(KEYS).index(unit) :]
    together = ((each, _together(stretches, each)) for each in units)
    unit, stretches = next((each, bars) for each, bars in together if len(bars) <= most or each == "year")
    amounts = [amount for each in stretches for amount in (each.billed, each.received)]
    sums = round_steps(min(Decimal(0), *amounts), max(Decimal(0), *amounts), finest=Decimal(1))
    scale = _scale(sums, TOP, height - BELOW)
    room = (width - LEFT) / len(stretches)
    every = int(LABEL // room) + 1
    bars = [
        Bar(
            stretch=each,
            middle=round(LEFT + (place + 0.5) * room, 1),
            width=round(min(room * 0.4, WIDEST), 1),
            billed=scale.box(each.billed),
            received=scale.box(each.received),
            is_labelled=place % every == 0,
        )
        for place, each in enumerate(stretches)
    ]
    return Chart(width, height, LEFT, bars, [(each, scale.y(each)) for each in sums], unit)


def _scale(sums: list[Decimal], top: int, bottom: int) -> Scale:
    """So that the first of the sums is at the bottom and the last at the top."""
    unit = (bottom - top) / (float(sums[-1] - sums[0]) or 1)
    return Scale(round(bottom + float(sums[0]) * unit, 1), unit)


def _together(stretches: list[Stretch], unit: str) -> list[Stretch]:
    parts = [list(part) for _key, part in groupby(stretches, key=KEYS[unit])]
    return [
        Stretch(part[0].first, part[-1].last, sum(each.billed for each in part), sum(each.received for each in part))
        for part in parts
    ]
