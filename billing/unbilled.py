"""What was done and is on no bill: completed visits with treatments on no live invoice, drafts that nobody issued."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models import Invoice, InvoiceLine
from clinic.enums import AppointmentStatus, InvoiceStatus
from clinic.models import Appointment
from records.models import MedicalRecord, Treatment
from vetclinic.ui.lists import COUNTED, Order

BILLED = Exists(InvoiceLine.objects.filter(treatment=OuterRef("pk")).exclude(invoice__status=InvoiceStatus.VOID))
VISIT_ORDERS = {"date": Order(("date", "pk"), _("earliest first"), _("latest first"))}
DRAFT_ORDERS = {"age": Order(("pk",), _("oldest first"), _("newest first"))}


@dataclass(frozen=True)
class NotBilled:
    """A visit with what it would bring; `starts` on the branch's clock, naive."""

    visit: Appointment
    starts: dt.datetime
    sum: Decimal
    is_partly: bool
    record: MedicalRecord | None
    invoice: Invoice | None  # the live one, which lacks something

    @property
    def can_bill(self) -> bool:
        return self.invoice is None and self.record is not None and self.record.is_signed


def visits_not_billed() -> QuerySet[Appointment]:
    """Narrow it to some days: it looks at the treatments of every completed visit of theirs.

    As a value of the visit and not with EXISTS, of which PostgreSQL makes a join of all treatments with all bills.
    """
    treatments = Treatment.objects.filter(~BILLED, appointment=OuterRef("pk")).values("pk")
    completed = Appointment.objects.filter(status=AppointmentStatus.COMPLETED)
    return completed.alias(not_billed=Subquery(treatments[:1])).filter(not_billed__isnull=False)


def found(visits: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """The same visits, looked for once, unless they are very many: page, number and sum then ask for these alone."""
    ids = list(visits.order_by().values_list("pk", flat=True)[: COUNTED + 1])
    return visits if len(ids) > COUNTED else Appointment.objects.filter(pk__in=ids)


def drafts() -> QuerySet[Invoice]:
    return Invoice.objects.filter(status=InvoiceStatus.DRAFT)


def sum_of_drafts() -> Decimal:
    return drafts().aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def sum_of(visits: QuerySet[Appointment]) -> Decimal:
    """Of all that is not billed at these visits."""
    done = Treatment.objects.filter(~BILLED, appointment__in=visits.order_by().values("pk"))
    return done.aggregate(sum=Sum("total"))["sum"] or Decimal(0)


def with_sums(visits: list[Appointment]) -> list[NotBilled]:
    """The visits of a page, complete. Four queries."""
    ids = [visit.pk for visit in visits]
    people = Appointment.objects.with_people().in_bulk(ids)
    sums = Treatment.objects.filter(appointment__in=ids).annotate(billed=BILLED).values("appointment")
    sums = sums.annotate(open=Sum("total", filter=Q(billed=False)), on_bills=Count("pk", filter=Q(billed=True)))
    by_visit = {row["appointment"]: row for row in sums.order_by()}
    records = {record.appointment_id: record for record in MedicalRecord.objects.filter(appointment__in=ids)}
    bills = Invoice.objects.live().filter(record__appointment__in=ids).select_related("record")
    invoices = {bill.record.appointment_id: bill for bill in bills}
    return [
        NotBilled(
            people[pk],
            timezone.make_naive(people[pk].date, people[pk].vet.zone),
            by_visit[pk]["open"],
            bool(by_visit[pk]["on_bills"]),
            records.get(pk),
            invoices.get(pk),
        )
        for pk in ids
    ]


def with_ages(invoices: list[Invoice], today: dt.date) -> list[tuple[Invoice, int]]:
    """Drafts with their people, and for how many days each has waited since the record was signed. One query."""
    known = drafts().with_people().in_bulk([invoice.pk for invoice in invoices])
    shown = [known[invoice.pk] for invoice in invoices if invoice.pk in known]
    return [(draft, (today - _finished_on(draft)).days) for draft in shown]


def _finished_on(draft: Invoice) -> dt.date:
    return timezone.localdate(draft.record.signed_at or draft.record.appointment.date)
