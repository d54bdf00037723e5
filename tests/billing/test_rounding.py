"""Ten thousand lines, in Python and in SQL, against fractions that round nothing."""

import random
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection

from billing.actions import line_total
from records.models import Treatment

SQL = "SELECT round(q * p - d, 2) FROM unnest(%s::numeric[], %s::numeric[], %s::numeric[]) AS line (q, p, d)"


def lines(count: int) -> list[tuple[Decimal, Decimal, Decimal]]:
    """Quantity, price and discount as their columns hold them; every third line ends on half a kopeck."""
    chance = random.Random(1)
    made = []
    for number in range(count):
        quantity = Decimal(chance.randint(1, 99_999)).scaleb(-3)
        price = Decimal(chance.randint(0, 9_999_999)).scaleb(-2)
        if number % 3 == 0:
            quantity, price = (
                Decimal(chance.randint(0, 99) * 10 + 5).scaleb(-1),
                price.quantize(Decimal("0.1")) + Decimal("0.01"),
            )
        discount = Decimal(chance.randint(0, int(quantity * price * 100))).scaleb(-2)
        made.append((quantity, price, discount))
    return made


def half_up(exact: Fraction) -> Decimal:
    """To the kopeck, by whole numbers alone; nothing here is below zero."""
    return Decimal((exact * 200 + 1).__floor__() // 2).scaleb(-2)


@pytest.mark.django_db
def test_ten_thousand_lines_are_rounded_half_up_once_in_python_and_in_sql():
    given = lines(10_000)
    exact = [Fraction(quantity) * Fraction(price) - Fraction(discount) for quantity, price, discount in given]
    expected = [half_up(each) for each in exact]

    in_python = [
        line_total(Treatment(quantity=quantity, unit_price=price, discount=discount))
        for quantity, price, discount in given
    ]
    with connection.cursor() as cursor:
        cursor.execute(SQL, [list(column) for column in zip(*given, strict=True)])
        in_sql = [row[0] for row in cursor.fetchall()]

    assert in_python == expected
    assert in_sql == expected
    assert sum(each * 1000 % 10 == 5 for each in exact) > 100  # there are halves that a banker would round down
