"""What may be asked of the income."""

import datetime as dt
from dataclasses import dataclass

from billing.income_facts import EVERYWHERE, TOTAL
from billing.periods import UNITS, Period

WHOLE = "whole"
IN_MONTHS = ("month", "year", WHOLE)


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


ALL = Only()
