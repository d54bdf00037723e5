"""Who owes what, and for how long. An owner merged into another one has one debt with that one.

Every page adds up all unpaid invoices: they are few beside the paid ones, and `invoice_unpaid` holds no others.
"""

import datetime as dt
from decimal import Decimal

from django.db.models import (
    Case,
    Count,
    DateField,
    DecimalField,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from billing.models import CreditNote, Invoice, Payment
from clinic.enums import InvoiceStatus
from clinic.models import PetOwner
from vetclinic.ui.lists import Order

SUM = DecimalField(max_digits=12, decimal_places=2)
NEVER = dt.date.max  # an imported invoice may have no due date: it is not overdue
# name → (heading, the first and the last day of being overdue)
AGES = {
    "not_due": (_("Not due"), None, 0),
    "late_30": (_("1–30 days"), 1, 30),
    "late_60": (_("31–60 days"), 31, 60),
    "late_90": (_("61–90 days"), 61, 90),
    "late_more": (_("Over 90 days"), 91, None),
}
ORDERS = {
    "oldest": Order(("oldest", "account"), _("longest overdue first"), _("latest due first")),
    "sum": Order(("sum", "account"), _("smallest sum first"), _("largest sum first")),
}


def debts(invoices: QuerySet[Invoice], today: dt.date) -> QuerySet:
    """A row for each owner: `account` (the id), `count`, `sum`, `oldest` due date, `overdue`, and each of AGES."""
    rows = _owed(invoices).values("account")
    return rows.annotate(oldest=Min("due"), overdue=_overdue(today), **_sums(today)).order_by()


def totals(invoices: QuerySet[Invoice], today: dt.date) -> dict:
    """The same sums over all of them, and the number of `owners`."""
    sums = _owed(invoices).aggregate(owners=Count("account", distinct=True), overdue=_overdue(today), **_sums(today))
    return {name: value or 0 for name, value in sums.items()}


def with_owners(rows: list[dict]) -> list[tuple]:
    """Each row with its owner. One query."""
    owners = PetOwner.objects.in_bulk([row["account"] for row in rows])
    return [(owners[row["account"]], row) for row in rows]


def ages_of(row: dict) -> list:
    """The sums of a row, age by age."""
    return [row[name] for name in AGES]


def _owed(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    paid = Payment.objects.filter(invoice=OuterRef("pk")).order_by().values("invoice")
    paid = paid.annotate(sum=Sum(Case(When(kind="refund", then=-F("amount")), default=F("amount")))).values("sum")
    credited = CreditNote.objects.filter(invoice=OuterRef("pk")).order_by().values("invoice")
    credited = credited.annotate(sum=Sum("amount")).values("sum")
    zero = Value(0, output_field=SUM)
    # Payments are looked for only where there are any: the state says so.
    received = Case(When(status=InvoiceStatus.PART_PAID, then=Subquery(paid, output_field=SUM)), default=zero)
    return invoices.unpaid().annotate(
        account=Coalesce("pet_owner__merged_into", "pet_owner"),
        due=Coalesce("due_date", Value(NEVER), output_field=DateField()),
        left=F("amount") - Coalesce(Subquery(credited, output_field=SUM), zero) - received,
    )


def _sums(today: dt.date) -> dict:
    ages = {name: _sum(_due(today, first, last)) for name, (_label, first, last) in AGES.items()}
    return {"count": Count("pk"), "sum": _sum(None), **ages}


def _sum(condition: Q | None):
    return Coalesce(Sum("left", filter=condition), Value(Decimal("0.00")), output_field=SUM)


def _overdue(today: dt.date):
    return Count("pk", filter=Q(due__lt=today))


def _due(today: dt.date, first: int | None, last: int | None) -> Q:
    """Overdue since at least `first` and at most `last` days."""
    condition = Q() if first is None else Q(due__lte=today - dt.timedelta(days=first))
    return condition if last is None else condition & Q(due__gte=today - dt.timedelta(days=last))
