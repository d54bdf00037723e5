"""Invoice, credit note and receipt as they stand on paper: pure data. How they look is templates/print/.

Times are naive, on the branch's clock: templates would move aware ones to the site's zone.
"""

from django.conf import settings

from billing import bank
from billing.models import CreditNote, Deposit, Invoice, Payment
from billing.models.payment import PaymentMethod
from billing.models.till_money import TillMoney
from billing.payment_qr import qr_of
from billing.words import in_words
from clinic.enums import InvoiceStatus
from clinic.models import PetOwner
from clinic.models.pet_owner import language_of

FISCAL = {"RUB"}  # where a till prints a receipt of its own, by law; ours says that it is not that one


def language_for(owner: PetOwner) -> str:
    """Of the person: what was issued to a record that was merged away goes to the one it leads to."""
    return language_of(owner.merged_into or owner)


def invoice_context(invoice: Invoice) -> dict:
    """`invoice` with its people and balance. Three queries, whatever the number of lines."""
    lines = list(invoice.lines.order_by("id"))
    payments = invoice.payments.select_related("branch").order_by("paid_at", "pk")
    return _about(invoice.pet_owner) | {
        "invoice": invoice,
        "lines": lines,
        "has_discounts": any(line.discount for line in lines),
        "words": _words(invoice.amount, invoice.pet_owner),
        "is_draft": invoice.state == InvoiceStatus.DRAFT,
        "is_void": invoice.state == InvoiceStatus.VOID,
        "payments": [(each, each.there) for each in payments],
        "credits": list(invoice.credits.order_by("number")),
        "qr": qr_of(invoice),
    }


def credit_context(note: CreditNote) -> dict:
    return _about(note.invoice.pet_owner) | {
        "note": note,
        "invoice": note.invoice,
        "lines": list(note.lines.select_related("line").order_by("line_id")),
        "words": _words(note.amount, note.invoice.pet_owner),
    }


def receipt_context(payment: Payment) -> dict:
    """Of money received for an invoice, or given back."""
    return _receipt(payment, payment.invoice.pet_owner) | {
        "invoice": payment.invoice,
        "is_given_back": payment.is_refund,
    }


def deposit_receipt_context(deposit: Deposit) -> dict:
    """Of money left for invoices to come, or given back."""
    return _receipt(deposit, deposit.pet_owner) | {"is_given_back": not deposit.is_added}


def _receipt(row: TillMoney, owner: PetOwner) -> dict:
    return _about(owner) | {
        "row": row,
        "moment": row.there,
        "method": PaymentMethod(row.method).label,
        "words": _words(row.amount, owner),
        "is_not_fiscal": settings.CLINIC_CURRENCY in FISCAL,
    }


def _about(owner: PetOwner) -> dict:
    """What the head of each names."""
    return {"clinic_name": settings.CLINIC_NAME, "payee": bank.payee(), "owner": owner}


def _words(amount, owner: PetOwner) -> str:
    return in_words(amount, settings.CLINIC_CURRENCY, language_for(owner))
