"""What happens with money: an invoice is drafted from treatments, issued with a number, and paid.

Rows are locked in one order: visit, record, invoice, and last the year's counter.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from billing import rules
from billing.models import CreditLine, CreditNote, Deposit, Invoice, InvoiceCounter, InvoiceLine, Payment
from billing.models.deposit import DepositKind
from billing.models.invoice import COPIED
from billing.models.payment import PaymentKind
from billing.places import day_at, first_branch, till_for
from clinic.enums import InvoiceStatus
from clinic.models import Appointment, Branch, PetOwner
from records.actions import sign_record
from records.models import MedicalRecord, Treatment
from vetclinic.locks import already_done
from vetclinic.refusals import action

DAYS_TO_PAY = 14


@action
def finish_visit(*, appointment: Appointment, now: dt.datetime | None = None, by) -> Invoice | None:
    """Sign the record, complete the visit, and draft its invoice. A visit without treatments has none."""
    record = sign_record(record=MedicalRecord.objects.get(appointment=appointment), now=now, by=by)
    return draft_invoice(record=record, by=by)


@action
def draft_invoice(*, record: MedicalRecord, by) -> Invoice | None:
    """An invoice of all treatments of a signed record; its lines are copies, its amount their sum."""
    rules.check_record_is_signed(record)
    visit = record.appointment
    treatments = Treatment.objects.filter(appointment=visit).select_related("service").order_by("id")
    if not treatments:
        return None
    owner = rules.check_has_owner(visit.pet)
    totals = [line_total(treatment) for treatment in treatments]
    amount = sum(totals, Decimal(0))
    rules.check_amount_fits(amount)
    invoice = Invoice.objects.create(pet_owner=owner, record=record, amount=amount, **_copied(record))
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice,
            treatment=treatment,
            service=treatment.service,
            name=treatment.service.name,
            category=treatment.service.category,
            cost_price=treatment.service.cost_price,
            quantity=treatment.quantity,
            unit_price=treatment.unit_price,
            discount=treatment.discount,
            total=total,
        )
        for treatment, total in zip(treatments, totals, strict=True)
    )
    return invoice


@action
def issue_invoice(*, invoice: Invoice, now: dt.datetime | None = None, by) -> Invoice:
    """Give a draft its date, due date and number. The number comes last: its row lock is held the shortest."""
    now = now or timezone.now()
    draft = Invoice.objects.select_for_update(of=("self",))
    invoice = draft.select_related("branch", "record__appointment__pet__pet_owner").get(pk=invoice.pk)
    rules.check_is_draft(invoice)
    invoice.pet_owner = invoice.record.appointment.pet.pet_owner or invoice.pet_owner  # whose it is at issue
    day = day_at(invoice.branch, now)
    invoice.date, invoice.issued_at, invoice.due_date = day, now, day + dt.timedelta(days=DAYS_TO_PAY)
    invoice.status_id = InvoiceStatus.ISSUED if invoice.amount else InvoiceStatus.PAID
    invoice.year, invoice.number = day.year, next_number(day.year)
    invoice.save(update_fields=["pet_owner", "date", "issued_at", "due_date", "status", "year", "number"])
    return invoice


@action
def take_payment(
    *,
    invoice: Invoice,
    amount: Decimal,
    method: str,
    branch: Branch | None = None,
    request_key: UUID | None = None,
    now: dt.datetime | None = None,
    by,
) -> Payment:
    """Receive money for an invoice, in full or in part, in the till of `branch`, or of the one where the visit was.

    The database checks the balance and derives the state.
    """
    payment = {"invoice": invoice, "kind": PaymentKind.PAYMENT, "amount": amount, "method": method}
    rules.check_amount(amount)
    return _note_payment(payment, branch, request_key, now, by)


@action
def refund_payment(
    *,
    invoice: Invoice,
    amount: Decimal,
    method: str,
    reason: str,
    branch: Branch | None = None,
    request_key: UUID | None = None,
    now: dt.datetime | None = None,
    by,
) -> Payment:
    """Give money back that was paid for an invoice: what it was for is owed again, unless a credit note follows."""
    rules.check_may_correct(by)
    rules.check_amount(amount)
    rules.check_reason(reason)
    refund = {"invoice": invoice, "kind": PaymentKind.REFUND, "amount": amount, "method": method, "reason": reason}
    return _note_payment(refund, branch, request_key, now, by)


@action
def credit_invoice(
    *,
    invoice: Invoice,
    amounts: Mapping[int, Decimal],
    reason: str,
    refund_by: str = "",
    branch: Branch | None = None,
    request_key: UUID | None = None,
    now: dt.datetime | None = None,
    by,
) -> CreditNote:
    """Take amounts off lines of an issued invoice (line id → amount). What was paid too much then goes back at once,
    by `refund_by`: a method of payment, the owner's deposit among them; out of the till of `branch`.
    """
    rules.check_may_correct(by)
    rules.check_reason(reason)
    credited = {line: amount for line, amount in amounts.items() if amount}
    rules.check_credits(credited)
    now, amount = now or timezone.now(), sum(credited.values(), Decimal(0))
    done = already_done(CreditNote, request_key, invoice=invoice, amount=amount, reason=reason)
    if done:
        return done
    invoice = _locked(invoice)
    rules.check_within_lines(credited, {line.pk: line.left for line in invoice.lines.with_left()})
    balance = Invoice.objects.with_balance().get(pk=invoice.pk).balance
    if amount > balance and invoice.state in rules.SETTLED:
        rules.check_refund_method(refund_by)
        back = {"amount": amount - balance, "method": refund_by, "reason": reason, "branch": branch}
        refund_payment(invoice=invoice, **back, now=now, by=by)
    note = CreditNote.objects.create(
        invoice=invoice,
        number=invoice.credits.count() + 1,  # the invoice's row is locked: no gap, no double
        date=day_at(invoice.branch, now),
        amount=amount,
        reason=reason,
        issued_at=now,
        issued_by=by,
        request_key=request_key,
    )
    CreditLine.objects.bulk_create(
        CreditLine(credit_note=note, line_id=line, amount=amount) for line, amount in credited.items()
    )
    return note


@action
def void_invoice(*, invoice: Invoice, reason: str, now: dt.datetime | None = None, by) -> Invoice:
    """An invoice that nobody has paid counts no longer; its number stays taken. The visit can be billed anew."""
    rules.check_may_correct(by)
    rules.check_reason(reason)
    now, invoice = now or timezone.now(), _locked(invoice)
    rules.check_can_void(invoice)
    invoice.status_id, invoice.void_reason = InvoiceStatus.VOID, reason
    invoice.voided_at, invoice.voided_on, invoice.voided_by = now, day_at(invoice.branch, now), by
    invoice.save(update_fields=["status", "void_reason", "voided_at", "voided_on", "voided_by"])
    return invoice


@action
def take_deposit(
    *,
    owner: PetOwner,
    amount: Decimal,
    method: str,
    branch: Branch | None = None,
    request_key: UUID | None = None,
    now: dt.datetime | None = None,
    by,
) -> Deposit:
    """Receive money for invoices to come, in the till of `branch`, or of the clinic's first one."""
    row = {"kind": DepositKind.TAKEN, "pet_owner": owner, "amount": amount, "method": method}
    return _note_deposit(row, branch, request_key, now, by)


@action
def return_deposit(
    *,
    owner: PetOwner,
    amount: Decimal,
    method: str,
    reason: str,
    branch: Branch | None = None,
    request_key: UUID | None = None,
    now: dt.datetime | None = None,
    by,
) -> Deposit:
    """Give a deposit back, or a part of it."""
    rules.check_may_correct(by)
    rules.check_reason(reason)
    row = {"kind": DepositKind.RETURNED, "pet_owner": owner, "amount": amount, "method": method, "reason": reason}
    return _note_deposit(row, branch, request_key, now, by)


def _note_payment(row: dict, branch: Branch | None, request_key: UUID | None, now: dt.datetime | None, by) -> Payment:
    row["branch"] = branch or till_for(row["invoice"])
    done = already_done(Payment, request_key, **row)
    now = now or timezone.now()
    moment = {"paid_at": now, "day": day_at(row["branch"], now)}
    return done or Payment.objects.create(**row, **moment, taken_by=by, request_key=request_key)


def _note_deposit(row: dict, branch: Branch | None, request_key: UUID | None, now: dt.datetime | None, by) -> Deposit:
    rules.check_amount(row["amount"])
    row["branch"] = branch or first_branch()
    done = already_done(Deposit, request_key, **row)
    now = now or timezone.now()
    moment = {"noted_at": now, "day": day_at(row["branch"], now)}
    return done or Deposit.objects.create(**row, **moment, noted_by=by, request_key=request_key)


def _locked(invoice: Invoice) -> Invoice:
    """As it is now, until the end of the transaction."""
    rows = Invoice.objects.select_for_update(no_key=True, of=("self",)).select_related("branch")
    return rows.get(pk=invoice.pk)


def _copied(record: MedicalRecord) -> dict:
    """Where a visit was, with whom and with what kind of animal: as its first bill says, so that a visit billed anew
    stays where it was; else as it is now.
    """
    first = record.invoices.order_by("pk").first()
    if first:
        return {name: getattr(first, name) for name in COPIED}
    vet, pet = record.appointment.vet, record.appointment.pet
    return {"branch": vet.branch, "vet": vet, "specialization": vet.specialization, "species": pet.species}


def line_total(treatment: Treatment) -> Decimal:
    """quantity × unit price − discount, rounded half up once, to the kopeck."""
    exact = treatment.quantity * treatment.unit_price - treatment.discount
    return exact.quantize(rules.KOPECK, ROUND_HALF_UP)


def next_number(year: int) -> int:
    """The next invoice number of a year. The counter's row stays locked until the end of the transaction."""
    InvoiceCounter.objects.bulk_create([InvoiceCounter(year=year)], ignore_conflicts=True)
    InvoiceCounter.objects.filter(year=year).update(last_number=F("last_number") + 1)
    return InvoiceCounter.objects.get(year=year).last_number
