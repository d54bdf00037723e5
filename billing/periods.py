"""Days put together: from one to another, or to weeks, months and years."""

import datetime as dt
from dataclasses import dataclass

ONE_DAY = dt.timedelta(days=1)
# The first day of what a day belongs to.
UNITS = {
    "day": lambda day: day,
    "week": lambda day: day - dt.timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
    "year": lambda day: day.replace(month=1, day=1),
}


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


def _year_before(day: dt.date) -> dt.date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)
