"""Income of a period: what was billed, what was received. Exact sums of issued lines and of payments.

Days are the clinic's own. A payment belongs to the day on which its instant falls on the clock of the visit's branch,
as an invoice's date does; without a branch, on the clinic's clock.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, DateField, DateTimeField, F, Func, Max, Sum, Value
from django.db.models.functions import Cast, Coalesce

from billing.models import Invoice, InvoiceLine, Payment
from clinic.enums import InvoiceStatus
from clinic.models import Branch, Veterinarian

ZERO = Decimal("0.00")
TENTH = Decimal("0.1")
COUNTED = [InvoiceStatus.ISSUED, InvoiceStatus.PART_PAID, InvoiceStatus.PAID]
ONE_DAY = dt.timedelta(days=1)
VISIT = "invoice__record__appointment"


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

    def __iter__(self):
        return (self.first + dt.timedelta(days=offset) for offset in range(self.days))


@dataclass(frozen=True)
class DayIncome:
    day: dt.date
    billed: Decimal
    received: Decimal
    invoices: int


@dataclass(frozen=True)
class Total:
    billed: Decimal
    received: Decimal
    invoices: int

    @property
    def average(self) -> Decimal:
        """Of an invoice."""
        return self.billed / self.invoices if self.invoices else ZERO


@dataclass(frozen=True)
class ServiceIncome:
    code: str
    name: str
    quantity: Decimal
    billed: Decimal
    share: Decimal  # of all that was billed, in per cent, to a tenth


@dataclass(frozen=True)
class VetIncome:
    vet: Veterinarian
    invoices: int
    billed: Decimal


def by_day(period: Period) -> list[DayIncome]:
    """Every day of the period, also those without income. Three queries."""
    billed = {
        row["date"]: (row["sum"], row["count"])
        for row in _invoices(period).values("date").annotate(sum=Sum("amount"), count=Count("id"))
    }
    received = {row["day"]: row["sum"] for row in _payments(period).values("day").annotate(sum=Sum("amount"))}
    result = []
    for day in period:
        amount, count = billed.get(day, (ZERO, 0))
        result.append(DayIncome(day, amount, received.get(day, ZERO), count))
    return result


def with_days_before(period: Period) -> tuple[list[DayIncome], list[DayIncome]]:
    """The days of the period and those of the period before, in as many queries as one of them takes."""
    days = by_day(Period(period.before.first, period.last))
    return days[period.days :], days[: period.days]


def total(days: list[DayIncome]) -> Total:
    return Total(
        sum((day.billed for day in days), ZERO),
        sum((day.received for day in days), ZERO),
        sum(day.invoices for day in days),
    )


def by_service(period: Period) -> list[ServiceIncome]:
    """What each service earned, the most first, under the name that was copied last. One query."""
    rows = (
        InvoiceLine.objects.filter(invoice__in=_invoices(period).values("pk"))
        .values("service__code", "name")
        .annotate(quantity=Sum("quantity"), billed=Sum("total"), last=Max("invoice_id"))
        .order_by("-last", "name")
    )
    merged: dict[str, list] = {}
    for row in rows:
        entry = merged.setdefault(row["service__code"], [row["name"], Decimal(0), ZERO])
        entry[1] += row["quantity"]
        entry[2] += row["billed"]
    whole = sum(billed for _name, _quantity, billed in merged.values()) or Decimal(1)
    services = [
        ServiceIncome(code, name, quantity, billed, (billed * 100 / whole).quantize(TENTH))
        for code, (name, quantity, billed) in merged.items()
    ]
    return sorted(services, key=lambda service: (-service.billed, service.code))


def by_vet(period: Period) -> list[VetIncome]:
    """What was billed for each vet's visits, the most first. One query."""
    vet = "record__appointment__vet"
    rows = (
        _invoices(period)
        .values_list(f"{vet}_id", f"{vet}__last_name", f"{vet}__first_name")
        .annotate(count=Count("id"), sum=Sum("amount"))
        .order_by("-sum", f"{vet}_id")
    )
    return [
        VetIncome(Veterinarian(pk=pk, last_name=last_name, first_name=first_name), count, billed)
        for pk, last_name, first_name, count, billed in rows
    ]


def still_open(period: Period) -> Decimal:
    """What is not paid yet of the invoices issued in the period. One query."""
    owed = _invoices(period).unpaid().with_balance()
    return owed.aggregate(sum=Sum(F("balance")))["sum"] or ZERO


def _invoices(period: Period):
    return Invoice.objects.filter(date__gte=period.first, date__lte=period.last, status__in=COUNTED)


def _payments(period: Period):
    """Payments with their local `day`. The wide range of instants is for the index: no clock is a day off UTC."""
    midnight = dt.datetime.combine(period.first, dt.time.min, dt.UTC)
    wide = Payment.objects.filter(
        paid_at__gte=midnight - ONE_DAY, paid_at__lt=midnight + dt.timedelta(days=period.days + 1)
    )
    local = Func(_clock(), F("paid_at"), function="timezone", output_field=DateTimeField())
    return wide.annotate(day=Cast(local, DateField())).filter(day__gte=period.first, day__lte=period.last)


def _clock():
    """The time zone of a payment's branch; finding it joins five tables, so only where some branch has another one."""
    clinics = Value(settings.TIME_ZONE)
    if Branch.objects.exclude(time_zone=settings.TIME_ZONE).exists():
        return Coalesce(F(f"{VISIT}__vet__branch__time_zone"), clinics)
    return clinics
