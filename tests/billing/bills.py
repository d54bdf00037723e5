"""Invoices for tests, made the way that the clinic makes them."""

from decimal import Decimal

from billing.actions import finish_visit, issue_invoice, take_payment
from billing.models import Invoice, Payment
from records.actions import add_treatment, start_visit
from tests.factories import AppointmentFactory, ServiceFactory, UserFactory


def draft(*prices, quantity=Decimal(1), discount=Decimal(0), visit=None, **details) -> Invoice | None:
    """The draft invoice of a finished visit with a treatment at each price; None without prices."""
    visit = visit or AppointmentFactory(**details)
    vet = visit.vet.user
    start_visit(appointment=visit, by=vet)
    for price in prices:
        service = ServiceFactory(cost=Decimal(price))
        add_treatment(appointment=visit, service=service, quantity=quantity, by=vet)
    visit.treatments.update(discount=discount)  # whoever has the right to it
    return finish_visit(appointment=visit, by=vet)


def issue(*prices, now=None, **details) -> Invoice:
    return issue_invoice(invoice=draft(*prices, **details), now=now, by=UserFactory(role="reception"))


def pay(invoice, amount, **more) -> Payment:
    return take_payment(
        invoice=invoice, amount=Decimal(amount), method="cash", by=UserFactory(role="reception"), **more
    )
