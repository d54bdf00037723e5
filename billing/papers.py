"""What stands on the papers of money: invoice, credit note, receipt. How they look is templates/print/."""

import datetime as dt
from decimal import Decimal

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from billing.models import CreditNote, Deposit, Invoice, Payment
from billing.models.deposit import DepositKind
from billing.models.invoice import OWED
from billing.models.payment import PaymentMethod
from billing.payment_qr import payment_qr
from billing.seller import seller
from billing.words import in_words
from clinic.models import PetOwner
from clinic.models.pet_owner import language_of


def invoice_paper(invoice: Invoice) -> dict:
    """`invoice` comes with people and sums. Only of what is owed there is a code to pay by."""
    lines = list(invoice.lines.order_by("id"))
    is_owed = invoice.state in OWED
    with translation.override(language_of(invoice.pet_owner)):  # the payer sees the purpose in the bank's app
        purpose = _("Invoice %(number)s of %(day)s") % {"number": invoice, "day": _said(invoice.date)}
    return _about(invoice.pet_owner, invoice.balance if is_owed else invoice.amount) | {
        "invoice": invoice,
        "pet": invoice.record.appointment.pet,
        "lines": lines,
        "has_discounts": any(line.discount for line in lines),
        "is_owed": is_owed,
        "qr": payment_qr(invoice.balance, purpose) if is_owed else None,
    }


def credit_paper(note: CreditNote) -> dict:
    lines = list(note.lines.select_related("line").order_by("line_id"))
    return _about(note.invoice.pet_owner, note.amount) | {"note": note, "invoice": note.invoice, "lines": lines}


def receipt_paper(payment: Payment) -> dict:
    """Of money that came, or went back, for an invoice; on the clock of the visit's branch."""
    zone = payment.invoice.record.appointment.vet.zone
    return _about(payment.invoice.pet_owner, payment.amount) | {
        "money": payment,
        "number": f"{payment.invoice}-{payment.pk}",
        "invoice": payment.invoice,
        "is_given_back": payment.is_refund,
        "at": timezone.make_naive(payment.paid_at, zone),
        "by": payment.taken_by,
        "method": PaymentMethod(payment.method).label,
    }


def deposit_paper(deposit: Deposit) -> dict:
    """Of money that an owner leaves for later invoices, or takes back."""
    return _about(deposit.pet_owner, deposit.amount) | {
        "money": deposit,
        "number": f"D-{deposit.pk}",
        "is_given_back": deposit.kind == DepositKind.RETURNED,
        "at": timezone.make_naive(deposit.noted_at, deposit.branch.zone if deposit.branch else None),
        "by": deposit.noted_by,
        "method": PaymentMethod(deposit.method).label,
    }


def _about(owner: PetOwner, amount: Decimal) -> dict:
    """What the head and the foot of each paper say; `amount` in words."""
    return {
        "clinic_name": settings.CLINIC_NAME,
        "seller": seller(),
        "owner": owner,
        "words": in_words(amount, language_of(owner)),
        "is_russian": settings.CLINIC_CURRENCY == "RUB",
    }


def _said(day: dt.date | None) -> str:
    return date_format(day, "SHORT_DATE_FORMAT") if day else ""
