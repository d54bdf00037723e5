"""Thousands of lines, as they are billed, against fractions that round nothing."""

import datetime as dt
import random
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from django.utils import timezone

from billing.actions import finish_visit, issue_invoice, line_total
from billing.income import add_up
from billing.income_figures import total
from billing.income_wishes import Wish
from billing.models import Invoice, InvoiceLine
from billing.periods import Period
from records.actions import start_visit
from records.models import Treatment
from tests.factories import AppointmentFactory, ServiceFactory, UserFactory, VetFactory
from vetclinic.audit.kept import look_into_log

LINES = 200  # of an invoice


def lines(count: int) -> list[tuple[Decimal, Decimal, Decimal]]:
    """Quantity, price and discount as their columns hold them; every third line ends on half a kopeck."""
    chance = random.Random(1)
    made = []
    for number in range(count):
        quantity = Decimal(chance.randint(1, 99_999)).scaleb(-3)
        price = Decimal(chance.randint(0, 999_999)).scaleb(-2)
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


def billed(given: list[tuple[Decimal, Decimal, Decimal]]) -> Iterator[Invoice]:
    """Issued invoices of LINES lines each. Their treatments alone do not come one by one."""
    vet, service, reception = VetFactory(), ServiceFactory(), UserFactory(role="reception")
    for begin in range(0, len(given), LINES):
        visit = AppointmentFactory(vet=vet, date=timezone.now() - dt.timedelta(hours=1 + begin // LINES))
        start_visit(appointment=visit, by=vet.user)
        done = {"appointment": visit, "service": service, "discount_reason": "any"}
        Treatment.objects.bulk_create(
            Treatment(**done, quantity=quantity, unit_price=price, discount=discount)
            for quantity, price, discount in given[begin : begin + LINES]
        )
        yield issue_invoice(invoice=finish_visit(appointment=visit, by=vet.user), by=reception)


def test_ten_thousand_lines_are_rounded_half_up_once_by_python():
    given = lines(10_000)
    exact = [Fraction(quantity) * Fraction(price) - Fraction(discount) for quantity, price, discount in given]

    in_python = [
        line_total(Treatment(quantity=quantity, unit_price=price, discount=discount))
        for quantity, price, discount in given
    ]

    assert in_python == [half_up(each) for each in exact]
    assert sum(each * 1000 % 10 == 5 for each in exact) > 100  # there are halves that a banker would round down


@pytest.mark.django_db
def test_five_thousand_lines_of_issued_invoices_add_up_to_the_kopeck_wherever_the_clinic_adds_them_up():
    given = lines(5_000)
    expected = [half_up(Fraction(quantity) * Fraction(price) - Fraction(off)) for quantity, price, off in given]
    amounts = [sum(expected[begin : begin + LINES]) for begin in range(0, len(given), LINES)]

    invoices = list(billed(given))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # the database adds up as well, at the end of a transaction

    assert list(Treatment.objects.order_by("id").values_list("total", flat=True)) == expected
    assert list(InvoiceLine.objects.order_by("id").values_list("total", flat=True)) == expected
    assert list(Invoice.objects.with_balance().order_by("id").values_list("amount", "balance")) == [
        (amount, amount) for amount in amounts
    ]
    today = Period(invoices[0].date, invoices[-1].date)
    assert total(add_up(look_into_log(), [Wish(today)])[0]).billed == sum(amounts)
