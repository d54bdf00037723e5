"""Papers of money as PDF, in the owner's language: invoice, credit note, receipt."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from billing.models import CreditNote, Deposit, Invoice, Payment
from billing.models.deposit import BY_A_PAYMENT
from billing.papers import credit_context, deposit_receipt_context, invoice_context, language_for, receipt_context
from clinic.models import PetOwner
from vetclinic.access.decorators import allowed
from vetclinic.ui.pdf import pdf, pdf_response, prints

PEOPLE = ("pet_owner__merged_into", "branch", "vet", "record__appointment__pet")


@allowed("see_invoices")
@prints
def invoice_paper(request: HttpRequest, pk: int) -> HttpResponse:
    invoice = _seen(request, pk)
    name = _("Invoice, %(number)s") if invoice.number else _("Draft invoice, %(number)s")
    return _drawn("print/invoice.html", invoice_context(invoice), name % {"number": invoice})


@allowed("see_invoices")
@prints
def credit_paper(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    note = get_object_or_404(CreditNote.objects.select_related("issued_by"), invoice=pk, number=number)
    note.invoice = _seen(request, pk)
    return _drawn("print/credit_note.html", credit_context(note), _("Credit note, %(number)s") % {"number": note})


@allowed("see_invoices")
@prints
def receipt(request: HttpRequest, pk: int, payment_pk: int) -> HttpResponse:
    payment = get_object_or_404(Payment.objects.select_related("taken_by", "branch"), invoice=pk, pk=payment_pk)
    payment.invoice = _seen(request, pk)
    name = _("Receipt, %(number)s, %(pk)s") % {"number": payment.invoice, "pk": payment.pk}
    return _drawn("print/receipt.html", receipt_context(payment), name)


@allowed("take_payments")
@prints
def deposit_receipt(request: HttpRequest, pk: int, deposit_pk: int) -> HttpResponse:
    """What was paid from a deposit has the receipt of that payment."""
    own = Deposit.objects.of(get_object_or_404(PetOwner, pk=pk)).exclude(kind__in=BY_A_PAYMENT)
    rows = own.select_related("pet_owner__merged_into", "noted_by", "branch")
    deposit = get_object_or_404(rows, pk=deposit_pk)
    name = _("Receipt for a deposit, %(pk)s") % {"pk": deposit.pk}
    return _drawn("print/deposit_receipt.html", deposit_receipt_context(deposit), name)


def _seen(request: HttpRequest, pk: int) -> Invoice:
    """404 for what one may not know of."""
    seen = Invoice.objects.visible_to(request.user).select_related(*PEOPLE).with_balance()
    invoice = seen.filter(pk=pk).first()
    if invoice is None:
        raise Http404
    return invoice


def _drawn(template: str, context: dict, name: str) -> HttpResponse:
    return pdf_response(pdf(template, context, language=language_for(context["owner"])), name)
