"""The invoice of a visit, asked for by the visit: there it is, or why there is none yet and who makes it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from billing.actions import line_total
from billing.models import Invoice
from clinic.models import Appointment
from records.models import MedicalRecord, Treatment
from vetclinic.access.decorators import allowed


@allowed("see_invoices")
def visit_invoice(request: HttpRequest, pk: int) -> HttpResponse:
    visit = get_object_or_404(Appointment.objects.visible_to(request.user).with_people(), pk=pk)
    bills = Invoice.objects.visible_to(request.user).filter(record__appointment=visit)
    invoice = bills.live().first()
    if invoice:
        return redirect("invoice", pk=invoice.pk)
    record = MedicalRecord.objects.filter(appointment=visit).first()
    is_signed = record is not None and record.is_signed
    rows = Treatment.objects.filter(appointment=visit).select_related("service").order_by("id")
    lines = [(treatment, line_total(treatment)) for treatment in rows] if is_signed else []
    context = {
        "visit": visit,
        "starts": timezone.make_naive(visit.date, visit.vet.zone),
        "is_signed": is_signed,
        "lines": lines,
        "total": sum(total for _treatment, total in lines),
        "voided": bills.order_by("pk"),
    }
    return render(request, "billing/visit_invoice.html", context)
