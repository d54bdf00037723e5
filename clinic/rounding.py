"""What a price becomes by a change in per cent or in money, rounded the way it was asked for."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _


class Measure(models.TextChoices):
    PERCENT = "percent", _("per cent")
    MONEY = "money", _("money")


class Rounding(models.TextChoices):
    NEAREST = "nearest", _("to the nearest")
    UP = "up", _("always up")
    DOWN = "down", _("always down")


MODES = {Rounding.NEAREST: ROUND_HALF_UP, Rounding.UP: ROUND_CEILING, Rounding.DOWN: ROUND_FLOOR}
STEPS = tuple(map(Decimal, ("0.01", "0.1", "0.5", "1", "5", "10", "50", "100", "500", "1000")))


def changed_cost(cost: Decimal, by: Decimal, measure: str, step: Decimal, rounding: str) -> Decimal:
    """`cost` more (or less, for a negative `by`) by per cent or money, as a whole number of `step`s.

    It may come out negative or too large for a price: who asks looks.
    """
    exact = cost * (100 + by) / 100 if measure == Measure.PERCENT else cost + by
    steps = (exact / step).to_integral_value(rounding=MODES[Rounding(rounding)])
    return (steps * step).quantize(Decimal("0.01"))
