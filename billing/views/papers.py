"""Papers of money as PDF: invoice, credit note, receipts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from billing.models import CreditNote, Deposit, Invoice, Payment
from billing.models.deposit import DepositKind
from billing.papers import credit_paper, deposit_paper, invoice_paper, receipt_paper
from billing.views.invoice_page import shown_invoice
from clinic.models import PetOwner
from clinic.models.pet_owner import language_of
from vetclinic.access.decorators import allowed
from vetclinic.ui.pdf import pdf, pdf_response, prints


@allowed("see_invoices")
@prints
def invoice_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    shown = shown_invoice(request, pk)
    content = pdf("print/invoice.html", invoice_paper(shown), language=language_of(shown.pet_owner))
    return pdf_response(content, _("Invoice %(number)s") % {"number": shown})


@allowed("see_invoices")
@prints
def credit_pdf(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    visible = Invoice.objects.visible_to(request.user)
    notes = CreditNote.objects.select_related("invoice__pet_owner", "issued_by")
    note = get_object_or_404(notes, invoice__in=visible, invoice=pk, number=number)
    content = pdf("print/credit_note.html", credit_paper(note), language=language_of(note.invoice.pet_owner))
    return pdf_response(content, _("Credit note %(number)s") % {"number": note})


@allowed("see_invoices")
@prints
def receipt_pdf(request: HttpRequest, pk: int, payment_pk: int) -> HttpResponse:
    visible = Invoice.objects.visible_to(request.user)
    payments = Payment.objects.select_related(
        "invoice__pet_owner", "invoice__record__appointment__vet__branch", "taken_by"
    )
    payment = get_object_or_404(payments, pk=payment_pk, invoice=pk, invoice__in=visible)
    return _receipt(payment.invoice.pet_owner, receipt_paper(payment))


@allowed("take_payments")
@prints
def deposit_pdf(request: HttpRequest, pk: int, deposit_pk: int) -> HttpResponse:
    """Only of money that changed hands."""
    owner = get_object_or_404(PetOwner, pk=pk)
    moved = Deposit.objects.of(owner).filter(kind__in=[DepositKind.TAKEN, DepositKind.RETURNED])
    deposit = get_object_or_404(moved.select_related("pet_owner", "branch", "noted_by"), pk=deposit_pk)
    return _receipt(owner, deposit_paper(deposit))


def _receipt(owner: PetOwner, paper: dict) -> HttpResponse:
    content = pdf("print/receipt.html", paper, language=language_of(owner))
    return pdf_response(content, _("Receipt %(number)s") % paper)
