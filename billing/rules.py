"""May it be done? Rules of invoices and payments. No writes here."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from billing.models import Invoice
from billing.models.invoice import OWED
from billing.models.payment import PaymentMethod
from clinic.enums import InvoiceStatus
from clinic.models import Pet, PetOwner
from records.models import MedicalRecord
from records.rules import LARGEST_SUM
from vetclinic.refusals import RuleViolation

KOPECK = Decimal("0.01")
SETTLED = (*OWED, InvoiceStatus.PAID)  # states of an issued invoice that counts


def check_record_is_signed(record: MedicalRecord) -> None:
    if not record.is_signed:
        raise RuleViolation("invoice_needs_a_signed_record", _("The invoice follows when the visit is finished."))


def check_has_owner(pet: Pet) -> PetOwner:
    """The owner, who will pay."""
    if pet.pet_owner is None:
        raise RuleViolation(
            "invoice_needs_an_owner",
            _("This animal has no owner yet: ask reception to enter one, then finish the visit again."),
        )
    return pet.pet_owner


def check_amount_fits(amount: Decimal) -> None:
    if amount > LARGEST_SUM:
        raise RuleViolation("invoice_amount_too_large", _("The sum of the treatments is too large for an invoice."))


def check_is_draft(invoice: Invoice) -> None:
    if invoice.state != InvoiceStatus.DRAFT:
        raise RuleViolation("invoice_is_issued_once", _("This invoice has been issued already."))


def check_amount(amount: Decimal) -> None:
    """A sum of money that a till can take: the database would round a third decimal without a word."""
    if not amount.is_finite() or amount <= 0:
        raise RuleViolation("payment_is_positive", _("Enter an amount above zero."), "amount")
    if amount > LARGEST_SUM:
        raise RuleViolation("payment_within_balance", _("This is more than is still to pay."), "amount")
    if amount != amount.quantize(KOPECK):
        raise RuleViolation("payment_in_whole_kopecks", _("Enter at most two decimals."), "amount")


def check_may_correct(user) -> None:
    """Credits, refunds and voids are a manager's."""
    if not user.may("correct_invoices"):
        raise RuleViolation("correction_by_managers", _("Only a manager corrects invoices and gives money back."))


def check_reason(reason: str) -> None:
    if not reason.strip():
        raise RuleViolation("correction_has_reason", _("Say why: the reason stays with the invoice."), "reason")


def check_credits(amounts: Mapping[int, Decimal]) -> None:
    """At least one line, each by a sum of money."""
    if not amounts:
        raise RuleViolation("credit_is_positive", _("Enter what is taken off at least one line."))
    for amount in amounts.values():
        check_amount(amount)


def check_within_lines(amounts: Mapping[int, Decimal], left: Mapping[int, Decimal]) -> None:
    """`left`: line id → what is not credited of it yet, for the lines of this invoice."""
    for line, amount in amounts.items():
        if amount > left.get(line, 0):
            raise RuleViolation("credit_within_line", _("This is more than is left of the line."), f"line_{line}")


def check_refund_method(method: str) -> None:
    if method not in PaymentMethod.values:
        raise RuleViolation(
            "credit_needs_a_refund_first", _("More was paid than is left to pay: choose how it goes back."), "refund_by"
        )


def can_void(invoice: Invoice) -> bool:
    """A draft too, and one about nothing, which is paid without a payment: its visit can be billed anew."""
    return invoice.state != InvoiceStatus.VOID and not invoice.payments.exists() and not invoice.credits.exists()


def check_can_void(invoice: Invoice) -> None:
    if not can_void(invoice):
        raise RuleViolation(
            "invoice_void_only_without_payments",
            _("Only an invoice without payments is voided. Credit its lines instead."),
        )


def can_bill_anew(invoice: Invoice) -> bool:
    """A void invoice whose visit has no other one."""
    return invoice.state == InvoiceStatus.VOID and not Invoice.objects.live().filter(record=invoice.record_id).exists()


def is_overdue(invoice: Invoice, today: dt.date) -> bool:
    """Issued or part paid, and past its due date; an imported invoice may have none."""
    return invoice.is_owed and invoice.due_date is not None and invoice.due_date < today
