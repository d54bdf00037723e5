"""Round numbers for the axis of a chart."""

import math
from decimal import Decimal


def round_steps(lowest: Decimal, highest: Decimal, *, finest: Decimal | None = None) -> list[Decimal]:
    """At most seven numbers in steps of 1, 2 or 5 and zeros that reach from `lowest` to `highest` or a little further.

    `finest`: the smallest step; without one it is as small as five steps of it still make the distance.
    """
    span = highest - lowest
    step = finest or Decimal(1).scaleb(math.floor(math.log10(span / 5))) if span else Decimal(1)
    while step * 5 < span:
        step = step * 5 / 2 if step.as_tuple().digits[0] == 2 else step * 2
    first, last = math.floor(lowest / step), math.ceil(highest / step)
    return [step * count for count in range(first, last + 1)]
