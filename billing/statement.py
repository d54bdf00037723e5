"""An owner's account over a period: what was billed for all animals, what was paid, and what was owed before and after.

What is owed is the open invoices less the deposit. An invoice counts on its date, a void and money on the day of the
clinic's clock, a credit note on its date. What is paid from the deposit moves nothing: the money came before.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.income import Period
from billing.models import CreditNote, Deposit, Invoice, Payment
from billing.models.deposit import DepositKind
from billing.models.payment import PaymentMethod
from clinic.enums import InvoiceStatus
from clinic.models import PetOwner

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Entry:
    """One movement: `billed` is added to what is owed, `paid` taken off; `left` is owed after it."""

    day: dt.date
    text: str
    pet: str = ""
    billed: Decimal = ZERO
    paid: Decimal = ZERO
    invoice: int | None = None
    left: Decimal = ZERO


@dataclass(frozen=True)
class Statement:
    """Sums in the clinic's currency; below zero the clinic holds money of the owner."""

    period: Period
    before: Decimal
    entries: list[Entry]
    billed: Decimal
    paid: Decimal

    @property
    def after(self) -> Decimal:
        return self.before + self.billed - self.paid


def statement(owner: PetOwner, period: Period) -> Statement:
    """Of an owner and of all records that were merged into this one. Four queries."""
    account = owner.merged_into_id or owner.pk
    movements = sorted(_movements(account), key=lambda entry: entry.day)  # stable: of a day as they were found
    before = sum((entry.billed - entry.paid for entry in movements if entry.day < period.first), ZERO)
    within = [entry for entry in movements if period.first <= entry.day <= period.last]
    entries = list(_with_left(before, within))
    return Statement(
        period, before, entries, sum((each.billed for each in within), ZERO), sum((each.paid for each in within), ZERO)
    )


def _with_left(left: Decimal, entries: Iterable[Entry]) -> Iterator[Entry]:
    for entry in entries:
        left += entry.billed - entry.paid
        yield Entry(entry.day, entry.text, entry.pet, entry.billed, entry.paid, entry.invoice, left)


def _movements(account: int) -> Iterator[Entry]:
    """Every movement of an account, in the order in which those of one day are to be read."""
    people = Q(pet_owner=account) | Q(pet_owner__merged_into=account)
    bills = {
        bill.pk: bill
        for bill in Invoice.objects.filter(people, date__isnull=False)
        .select_related("record__appointment__pet")
        .order_by("issued_at", "pk")
    }

    def entry(day: dt.date, text: str, bill: Invoice, **sums: Decimal) -> Entry:
        return Entry(day, text, bill.record.appointment.pet.name, invoice=bill.pk, **sums)

    for bill in bills.values():
        yield entry(bill.date, _("Invoice %(number)s") % {"number": bill}, bill, billed=bill.amount)
    for note in CreditNote.objects.filter(invoice__in=bills).order_by("issued_at", "pk"):
        bill = bills[note.invoice_id]
        text = _("Credit note %(number)s: %(reason)s") % {"number": f"{bill}/{note.number}", "reason": note.reason}
        yield entry(note.date, text, bill, paid=note.amount)
    for bill in bills.values():
        if bill.state == InvoiceStatus.VOID:
            text = _("Invoice %(number)s voided: %(reason)s") % {"number": bill, "reason": bill.void_reason}
            yield entry(_day(bill.voided_at or bill.issued_at), text, bill, paid=bill.amount)
    for payment in Payment.objects.filter(invoice__in=bills).order_by("paid_at", "pk"):
        text, sums = _said_of(payment, bills[payment.invoice_id])
        yield entry(_day(payment.paid_at), text, bills[payment.invoice_id], **sums)
    changes = Deposit.objects.filter(people, kind__in=[DepositKind.TAKEN, DepositKind.RETURNED])
    for change in changes.order_by("noted_at", "pk"):
        if change.kind == DepositKind.TAKEN:
            yield Entry(_day(change.noted_at), _("Deposit"), paid=change.amount)
        else:
            text = _("Deposit given back: %(reason)s") % {"reason": change.reason}
            yield Entry(_day(change.noted_at), text, billed=change.amount)


def _said_of(payment: Payment, bill: Invoice) -> tuple[str, dict[str, Decimal]]:
    """What came is taken off, what went back is owed again; what only left or joined the deposit moves nothing."""
    names = {"number": bill, "method": payment.get_method_display(), "reason": payment.reason}
    if payment.method == PaymentMethod.DEPOSIT:
        text = (
            _("%(number)s: put back into the deposit") if payment.is_refund else _("%(number)s: paid from the deposit")
        )
        return text % names, {}
    if payment.is_refund:
        return _("%(number)s: given back, %(method)s: %(reason)s") % names, {"billed": payment.amount}
    return _("%(number)s: paid, %(method)s") % names, {"paid": payment.amount}


def _day(moment: dt.datetime) -> dt.date:
    return timezone.localdate(moment)
