"""Closed days of the income: the same figures as from the facts, whatever is closed, and whoever writes meanwhile."""

import datetime as dt
import threading
from collections import defaultdict
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.actions import credit_invoice, refund_payment, return_deposit, take_deposit, void_invoice
from billing.closing import close_days, close_income, last_day_over
from billing.income import UNITS, WHOLE, Only, Period, Wish, add_up
from billing.income_report import report
from billing.models import CreditLine, Deposit, IncomeClosing, InvoiceLine, Payment
from billing.views.income import BY
from clinic.models import Pet, Service
from tests.billing.bills import issue, pay
from tests.clinic.pricing import apply, bulk, in_days
from tests.factories import BranchFactory, OwnerFactory, PetFactory, UserFactory, VetFactory

MOSCOW = ZoneInfo("Europe/Moscow")
FIRST = dt.date(2026, 1, 28)
SPAN = Period(FIRST, dt.date(2026, 4, 3))
NOON = dt.time(12)
ZONES = ("Europe/Moscow", "Asia/Vladivostok", "Etc/GMT+12")


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, NOON, MOSCOW)


def brute_force() -> dict[tuple, list[Decimal]]:
    """(by, key, day) → billed, credited, received: every fact by itself, in Python."""
    sums: dict[tuple, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)

    def add(place, amount, day, invoice=None, service=None):
        visit = invoice.record.appointment if invoice else None
        keys = {
            "total": "",
            "vet": str(visit.vet_id) if visit else "",
            "specialization": str(visit.vet.specialization_id) if visit else "",
            "species": visit.pet.species if visit else "",
            "branch": str(visit.vet.branch_id or 0) if visit else "0",
            "service": service.code if service else "",
            "category": service.category if service else "",
        }
        for by, key in keys.items():
            sums[by, key, day] = [each + amount * (number == place) for number, each in enumerate(sums[by, key, day])]

    def day_of(instant, invoice=None):
        return instant.astimezone(invoice.record.appointment.vet.zone if invoice else MOSCOW).date()

    for line in InvoiceLine.objects.filter(invoice__date__isnull=False):
        add(0, line.total, line.invoice.date, line.invoice, line.service)
        if line.invoice.voided_at:
            add(1, line.total, day_of(line.invoice.voided_at, line.invoice), line.invoice, line.service)
    for credit in CreditLine.objects.all():
        add(1, credit.amount, credit.credit_note.date, credit.line.invoice, credit.line.service)
    for paid in Payment.objects.exclude(method="deposit"):
        amount = -paid.amount if paid.kind == "refund" else paid.amount
        add(2, amount, day_of(paid.paid_at, paid.invoice), paid.invoice)
    for each in Deposit.objects.filter(kind__in=["taken", "returned"]):
        add(2, -each.amount if each.kind == "returned" else each.amount, day_of(each.noted_at))
    return sums


def expected(facts, period: Period, unit: str, by: str) -> dict:
    wish = Wish(period, unit, by)
    sums = defaultdict(lambda: [Decimal(0)] * 3)
    for (kind, key, day), amounts in facts.items():
        if kind == by and period.first <= day <= period.last:
            place = wish.bucket(day), key
            sums[place] = [a + b for a, b in zip(sums[place], amounts, strict=True)]
    return {place: amounts for place, amounts in sums.items() if any(amounts)}


def found(period: Period, unit: str, by: str) -> dict:
    (sums,) = add_up([Wish(period, unit, by)])
    rows = {place: [each.billed, each.credited, each.received] for place, each in sums.items()}
    return {place: amounts for place, amounts in rows.items() if any(amounts)}


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["bill", "bill", "pay", "credit", "void", "refund", "deposit", "return", "close"]),
        st.integers(0, SPAN.days - 1),
        st.integers(0, 24 * 60 - 1),
        st.integers(0, 2),
    ),
    min_size=3,
    max_size=12,
)


@pytest.mark.django_db
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(ACTS, st.integers(0, SPAN.days - 1), st.integers(0, SPAN.days - 1))
def test_sums_equal_brute_force_for_every_grouping(acts, one, other):
    period = Period(*sorted((FIRST + dt.timedelta(days=one), FIRST + dt.timedelta(days=other))))
    with transaction.atomic():
        manager, owner = UserFactory(role="manager"), OwnerFactory()
        vets = [VetFactory(branch=BranchFactory(time_zone=zone)) for zone in ZONES[:2]] + [VetFactory(branch=None)]
        invoices: list = []
        for kind, offset, minute, number in acts:
            now = dt.datetime.combine(FIRST, dt.time(), dt.UTC) + dt.timedelta(days=offset, minutes=minute)
            act(kind, now, number, vets, invoices, owner, manager)

        facts = brute_force()

        for by in ("total", *BY):
            for unit in (*UNITS, WHOLE):
                for each in (SPAN, period):
                    assert found(each, unit, by) == expected(facts, each, unit, by), (by, unit, each)
        transaction.set_rollback(True)


def act(kind, now, number, vets, invoices, owner, manager) -> None:
    more = {"now": now, "by": manager}
    invoice = invoices[number % len(invoices)] if invoices else None
    if kind == "bill":
        free = timezone.now() + dt.timedelta(hours=len(invoices))
        pet = PetFactory(species=["cat", "dog", ""][number])
        invoices.append(issue("100.10", "33.33", vet=vets[number], pet=pet, date=free, now=now))
    elif kind == "close":
        close_income()
    elif kind == "deposit":
        take_deposit(owner=owner, amount=Decimal("70.70"), method="cash", **more)
    elif kind == "return" and Deposit.objects.filter(pet_owner=owner).balance() >= 5:
        return_deposit(owner=owner, amount=Decimal(5), method="cash", reason="Moved away", **more)
    elif invoice:
        invoice.refresh_from_db()
        paid = sum(-each.amount if each.is_refund else each.amount for each in invoice.payments.all())
        credited = sum(each.amount for each in invoice.credits.all())
        if kind == "pay" and invoice.status_id in (12, 13) and invoice.amount - paid - credited >= 10:
            pay(invoice, "10", now=now)
        elif kind == "refund" and paid >= 10:
            refund_payment(invoice=invoice, amount=Decimal(10), method="cash", reason="Twice", **more)
        elif kind == "credit" and invoice.status_id in (12, 13) and credited + paid < 20:
            credit_invoice(invoice=invoice, amounts={invoice.lines.first().pk: Decimal(3)}, reason="Less", **more)
        elif kind == "void" and invoice.status_id == 12 and not paid and not credited and not invoice.payments.exists():
            void_invoice(invoice=invoice, reason="Wrong animal", **more)


@pytest.mark.django_db
def test_report_of_last_month_stays_after_a_day_of_corrections_and_price_changes():
    month = Period(dt.date(2026, 2, 1), dt.date(2026, 2, 28))
    invoices = [issue("100", "50", now=noon(dt.date(2026, 2, day))) for day in (3, 10, 28)]
    pay(invoices[1], "150", now=noon(dt.date(2026, 2, 11)))
    close_income()
    seen = [report(month, "day", by, Only()) for by in BY]
    later, manager = noon(dt.date(2026, 3, 10)), UserFactory(role="manager")

    void_invoice(invoice=invoices[0], reason="Wrong animal", now=later, by=manager)
    amounts = {invoices[1].lines.first().pk: Decimal(7)}
    credit_invoice(invoice=invoices[1], amounts=amounts, reason="Less", refund_by="cash", now=later, by=manager)
    Service.objects.update(category="drug")
    apply(bulk(in_days(1)))
    Pet.objects.update(species="parrot")
    close_income()

    assert [report(month, "day", by, Only()) for by in BY] == seen


@pytest.mark.django_db
def test_fact_of_a_closed_day_opens_its_day_and_month_alone():
    issue("100", now=noon(FIRST))
    close_income()
    before = IncomeClosing.objects.count()

    issue("5", now=noon(dt.date(2026, 2, 10)))

    gone = {("day", dt.date(2026, 2, 10)), ("month", dt.date(2026, 2, 1))}
    assert before - IncomeClosing.objects.count() == 2
    assert gone & set(IncomeClosing.objects.values_list("span", "since")) == set()
    assert found(SPAN, "month", "total")[dt.date(2026, 2, 1), ""] == [5, 0, 0]


@pytest.mark.django_db
def test_fact_of_today_opens_nothing():
    invoice = issue("100", now=noon(FIRST))
    close_income()
    before = set(IncomeClosing.objects.values_list("pk", flat=True))

    pay(invoice, "10")
    issue("5")

    assert set(IncomeClosing.objects.values_list("pk", flat=True)) == before


@pytest.mark.parametrize(
    ("moment", "day"),
    [("2026-03-11T11:59:59Z", "2026-03-09"), ("2026-03-11T12:00:00Z", "2026-03-10")],
)
def test_day_is_over_when_it_is_over_on_every_clock(moment, day):
    assert last_day_over(dt.datetime.fromisoformat(moment)) == dt.date.fromisoformat(day)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_closing_waits_for_whoever_bills_that_day():
    """A bill that is written, but not committed, when the closing begins, is in the sums of the day."""
    issue("100", now=noon(FIRST))
    began, errors = threading.Event(), []

    def close():
        try:
            began.set()
            close_days(days=[FIRST], now=noon(SPAN.last))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    with transaction.atomic():
        issue("5", now=noon(FIRST))
        closer = threading.Thread(target=close)
        closer.start()
        began.wait()
        closer.join(timeout=0.5)
        waited = closer.is_alive()
    closer.join(timeout=20)

    assert (waited, errors) == (True, [])
    assert found(SPAN, "day", "total") == {(FIRST, ""): [105, 0, 0]}
    assert IncomeClosing.objects.filter(span="day", since=FIRST).exists()
