"""An owner's statement: what was billed for all animals, credited, paid, left as a deposit, and where it stands."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db import connections, router
from django.utils.translation import gettext as _

from billing.models import Invoice
from billing.models.payment import PaymentMethod
from billing.periods import Period
from billing.statement_sql import ROWS
from clinic.models import PetOwner

MOST = 500  # rows that a page and a paper show
MOST_EXPORTED = 10_000
ZERO = Decimal("0.00")


class Entry(NamedTuple):
    """One fact; `owed` and `deposit` are what it changes, with a sign, the other two where they stand after it."""

    day: dt.date
    moment: dt.datetime
    kind: str
    pk: int
    invoice_id: int | None
    year: int | None
    number: int | None
    pet: str | None
    credit_number: int
    method: str
    reason: str
    owed: Decimal
    deposit: Decimal
    owed_after: Decimal
    deposit_after: Decimal
    in_period: int

    @property
    def invoice(self) -> str:
        return str(Invoice(pk=self.invoice_id, year=self.year, number=self.number)) if self.invoice_id else ""

    @property
    def what(self) -> str:
        """Said in the language in which it is read."""
        values = {"number": self.invoice, "note": self.credit_number, "how": _how(self.method)}
        return _WHAT[self.kind]() % values


def _how(method: str) -> str:
    return str(PaymentMethod(method).label) if method else ""


_WHAT = {
    "invoice": lambda: _("Invoice %(number)s"),
    "void": lambda: _("Invoice %(number)s is void"),
    "credit": lambda: _("Credit note %(number)s/%(note)s"),
    "payment": lambda: _("Payment, %(how)s, invoice %(number)s"),
    "refund": lambda: _("Refund, %(how)s, invoice %(number)s"),
    "taken": lambda: _("Deposit, %(how)s"),
    "returned": lambda: _("Deposit given back, %(how)s"),
}


@dataclass(frozen=True)
class Statement:
    """`rows`: the last of the period, the earliest first. The balances of its beginning are those before `rows`."""

    period: Period
    rows: list[Entry]
    owed_before: Decimal
    deposit_before: Decimal
    count: int  # of rows in the period, also of those that are not among `rows`

    @property
    def owed(self) -> Decimal:
        """Still to pay at the end of the period."""
        return self.rows[-1].owed_after if self.rows else self.owed_before

    @property
    def deposit(self) -> Decimal:
        return self.rows[-1].deposit_after if self.rows else self.deposit_before

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.rows)

    @property
    def has_deposit(self) -> bool:
        return bool(self.deposit_before) or any(row.deposit for row in self.rows)


def statement_of(owner: PetOwner, period: Period, *, most: int = MOST) -> Statement:
    """Of an owner and all who were merged with this one. Two queries, whatever the number of rows."""
    people = [owner.pk, *owner.merged.values_list("pk", flat=True)]
    asked = {"people": people, "first": period.first, "last": period.last, "most": most}
    with connections[router.db_for_read(Invoice)].cursor() as cursor:
        cursor.execute(ROWS, asked)
        found = [Entry(*row) for row in reversed(cursor.fetchall())]
    count = found[-1].in_period if found else 0
    rows = found[-min(count, most) :] if count else []
    before = found[-len(rows) - 1] if len(found) > len(rows) else None
    return Statement(
        period,
        rows,
        owed_before=before.owed_after if before else ZERO,
        deposit_before=before.deposit_after if before else ZERO,
        count=count,
    )
