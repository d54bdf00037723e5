"""May it be done? Rules of invoices and payments. No writes here."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from billing.models import Invoice
from clinic.enums import InvoiceStatus
from clinic.models import Pet
from records.models import MedicalRecord
from records.rules import LARGEST_SUM
from vetclinic.refusals import RuleViolation


def check_record_is_signed(record: MedicalRecord) -> None:
    if not record.is_signed:
        raise RuleViolation("invoice_needs_a_signed_record", _("The invoice follows when the visit is finished."))


def check_has_owner(pet: Pet) -> None:
    if pet.pet_owner_id is None:
        raise RuleViolation(
            "invoice_needs_an_owner",
            _("This animal has no owner yet: ask reception to enter one, then finish the visit again."),
        )


def check_amount_fits(amount: Decimal) -> None:
    if amount > LARGEST_SUM:
        raise RuleViolation("invoice_amount_too_large", _("The sum of the treatments is too large for an invoice."))


def check_is_draft(invoice: Invoice) -> None:
    if invoice.state != InvoiceStatus.DRAFT:
        raise RuleViolation("invoice_is_issued_once", _("This invoice has been issued already."))
