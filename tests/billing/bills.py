"""Invoices for tests, made the way that the clinic makes them; and a way past all that keeps them so."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from billing.actions import finish_visit, issue_invoice, take_payment
from billing.models import Invoice, Payment
from billing.models.invoice import COPIED
from clinic.enums import InvoiceStatus
from records.actions import add_treatment, start_visit
from tests.factories import AppointmentFactory, ServiceFactory, UserFactory


def draft(*prices, quantity=Decimal(1), discount=Decimal(0), cost_price=None, visit=None, **details) -> Invoice | None:
    """The draft invoice of a finished visit with a treatment at each price; None without prices."""
    visit = visit or AppointmentFactory(**details)
    vet = visit.vet.user
    start_visit(appointment=visit, by=vet)
    for price in prices:
        service = ServiceFactory(cost=Decimal(price), cost_price=cost_price)
        add_treatment(appointment=visit, service=service, quantity=quantity, by=vet)
    visit.treatments.update(discount=discount, discount_reason="regular")  # whoever has the right to it
    return finish_visit(appointment=visit, by=vet)


def issue(*prices, now=None, **details) -> Invoice:
    return issue_invoice(invoice=draft(*prices, **details), now=now, by=UserFactory(role="reception"))


def pay(invoice, amount, **more) -> Payment:
    return take_payment(
        invoice=invoice, amount=Decimal(amount), method="cash", by=UserFactory(role="reception"), **more
    )


def void_copies(invoice, count: int) -> None:
    """More void invoices of the same record, about nothing."""
    now = timezone.now()
    void = {"status_id": InvoiceStatus.VOID, "void_reason": "x", "voided_at": now, "voided_on": now.date()}
    same = {name: getattr(invoice, name) for name in ("pet_owner", "record", *COPIED)}
    blank = Invoice(**same, **void, amount=0)
    Invoice.objects.bulk_create(copy(blank) for _invoice in range(count))


@contextmanager
def past_triggers(table: str) -> Iterator:
    """A cursor that changes what the clinic itself would not, as an import may bring it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER; SET CONSTRAINTS ALL DEFERRED")
