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
class Bar:
    """Two bars side by side for one stretch; lengths in the chart's own units, `middle` between the two."""

    stretch: Stretch
    middle: float
    width: float
    billed_height: float
    received_height: float
    billed_y: float
    received_y: float
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
    by_unit = {unit: _together(stretches, unit) for unit in units}
    unit = next((unit for unit in units if len(by_unit[unit]) <= most), "year")
    stretches = by_unit[unit]
    base = height - BELOW
    highest = max(max(each.billed, each.received) for each in stretches)
    sums = round_steps(Decimal(0), highest, finest=Decimal(1))
    unit_height = (base - TOP) / (float(sums[-1]) or 1)
    room = (width - LEFT) / len(stretches)
    every = int(LABEL // room) + 1
    bars = [
        _bar(each, LEFT + (place + 0.5) * room, min(room * 0.4, WIDEST), base, unit_height, place % every == 0)
        for place, each in enumerate(stretches)
    ]
    return Chart(width, height, LEFT, bars, [(each, round(base - float(each) * unit_height, 1)) for each in sums], unit)


def _bar(stretch: Stretch, middle: float, width: float, base: int, unit_height: float, is_labelled: bool) -> Bar:
    high, low = (float(amount) * unit_height for amount in (stretch.billed, stretch.received))
    lengths = (middle, width, high, low, base - high, base - low)
    return Bar(stretch, *(round(length, 1) for length in lengths), is_labelled)


def _together(stretches: list[Stretch], unit: str) -> list[Stretch]:
    parts = [list(part) for _key, part in groupby(stretches, key=KEYS[unit])]
    return [
        Stretch(part[0].first, part[-1].last, sum(each.billed for each in part), sum(each.received for each in part))
        for part in parts
    ]
