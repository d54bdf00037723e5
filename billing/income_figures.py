"""What the income of something is."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import reduce
from operator import add
from typing import NamedTuple

ZERO = Decimal("0.00")
KOPECK = Decimal("0.01")


class Figures(NamedTuple):
    """Sums in the clinic's currency. `cost` and `costed`, what was billed less credits, where the cost is known."""

    billed: Decimal = ZERO
    credited: Decimal = ZERO
    received: Decimal = ZERO
    invoices: int = 0
    quantity: Decimal = ZERO
    costed: Decimal = ZERO
    cost: Decimal = ZERO

    def plus(self, sums: Iterable[Decimal]) -> "Figures":
        """With the same sums of something else, in this order."""
        return Figures(*map(add, self, sums))

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
Sums = dict[tuple[dt.date, str], Figures]  # (first day of a stretch, key) →
DaySums = dict[tuple[dt.date, str, str], Sequence[Decimal]]  # (day, dimension, key) → SUMS of income_facts


def total(sums: Sums) -> Figures:
    return reduce(Figures.plus, sums.values(), NOTHING)
