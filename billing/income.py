"""Income of a period: what was billed, what was received. Exact sums of issued lines and of payments.

Days are the clinic's own; a payment belongs to the day on which its instant falls on the clinic's clock.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from billing.models import Invoice, InvoiceLine, Payment
from clinic.enums import InvoiceStatus

ZERO = Decimal("0.00")
COUNTED = [InvoiceStatus.ISSUED, InvoiceStatus.PART_PAID, InvoiceStatus.PAID]


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
        return Period(self.first - dt.timedelta(days=self.days), self.first - dt.timedelta(days=1))

    @property
    def instants(self) -> tuple[dt.datetime, dt.datetime]:
        """[start, end) on the clinic's clock."""
        zone = timezone.get_default_timezone()
        end = self.last + dt.timedelta(days=1)
        return dt.datetime.combine(self.first, dt.time.min, zone), dt.datetime.combine(end, dt.time.min, zone)


@dataclass(frozen=True)
class DayIncome:
    day: dt.date
    billed: Decimal
    received: Decimal
    invoices: int


@dataclass(frozen=True)
class ServiceIncome:
    code: str
    name: str
    quantity: Decimal
    billed: Decimal
    share: Decimal  # of all that was billed, in per cent


def totals(period: Period) -> dict[str, Decimal]:
    """Billed and received in a period. Two queries."""
    billed = _invoices(period).aggregate(sum=Sum("amount"))["sum"]
    received = _payments(period).aggregate(sum=Sum("amount"))["sum"]
    return {"billed": billed or ZERO, "received": received or ZERO}


def by_day(period: Period) -> list[DayIncome]:
    """Every day of the period, also those without income. Two queries."""
    zone = timezone.get_default_timezone()
    billed = {
        row["date"]: (row["sum"], row["count"])
        for row in _invoices(period).values("date").annotate(sum=Sum("amount"), count=Count("id"))
    }
    received: dict[dt.date, Decimal] = defaultdict(lambda: ZERO)
    days = _payments(period).annotate(day=TruncDate("paid_at", tzinfo=zone)).values("day")
    received |= {row["day"]: row["sum"] for row in days.annotate(sum=Sum("amount"))}
    result = []
    for offset in range(period.days):
        day = period.first + dt.timedelta(days=offset)
        amount, count = billed.get(day, (ZERO, 0))
        result.append(DayIncome(day, amount, received[day], count))
    return result


def by_service(period: Period) -> list[ServiceIncome]:
    """What each service earned, the most first. Its name is the newest one billed. One query."""
    lines = InvoiceLine.objects.filter(invoice__in=_invoices(period).values("pk"))
    rows = list(
        lines.values("service__code", "name")
        .annotate(quantity=Sum("quantity"), billed=Sum("total"))
        .order_by("-billed", "service__code")
    )
    merged: dict[str, list] = {}
    for row in rows:
        entry = merged.setdefault(row["service__code"], [row["name"], Decimal(0), ZERO])
        entry[1] += row["quantity"]
        entry[2] += row["billed"]
    whole = sum(entry[2] for entry in merged.values()) or Decimal(1)
    services = [
        ServiceIncome(code, name, quantity, billed, billed * 100 / whole)
        for code, (name, quantity, billed) in merged.items()
    ]
    return sorted(services, key=lambda service: (-service.billed, service.code))


def still_open(period: Period) -> Decimal:
    """What is not paid yet of the invoices issued in the period."""
    owed = _invoices(period).unpaid().with_balance()
    return owed.aggregate(sum=Sum(F("balance")))["sum"] or ZERO


def _invoices(period: Period):
    return Invoice.objects.filter(date__gte=period.first, date__lte=period.last, status__in=COUNTED)


def _payments(period: Period):
    start, end = period.instants
    return Payment.objects.filter(paid_at__gte=start, paid_at__lt=end)
