"""What managers correct of an issued invoice: credit notes, refunds, voids; and billing a visit anew after a void."""

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from billing import actions
from billing.forms import RefundForm, VoidForm
from billing.models import Invoice
from billing.views.invoice_page import IDS, credit_form, invoice_page, shown_invoice
from billing.views.tills import keep_till, tills
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import add_violation
from vetclinic.ui.templatetags.ui import money


@allowed("correct_invoices", "POST")
def credit_give(request: HttpRequest, pk: int) -> HttpResponse:
    invoice = shown_invoice(request, pk)
    form = credit_form(invoice, tills(request), request.POST)

    def credit() -> str:
        note = actions.credit_invoice(invoice=invoice, **form.wanted(), by=request.user)
        return _("Credited: %(amount)s.") % {"amount": money(note.amount)}

    return _corrected(request, invoice, "credit", form, credit)


@allowed("correct_invoices", "POST")
def refund_give(request: HttpRequest, pk: int) -> HttpResponse:
    invoice, form = shown_invoice(request, pk), RefundForm(request.POST, **tills(request), auto_id=IDS["refund"])

    def refund() -> str:
        given = actions.refund_payment(invoice=invoice, **form.cleaned_data, by=request.user)
        return _("Given back: %(amount)s.") % {"amount": money(given.amount)}

    return _corrected(request, invoice, "refund", form, refund)


@allowed("correct_invoices", "POST")
def invoice_void(request: HttpRequest, pk: int) -> HttpResponse:
    invoice, form = shown_invoice(request, pk), VoidForm(request.POST, auto_id=IDS["void"])

    def void() -> str:
        actions.void_invoice(invoice=invoice, **form.cleaned_data, by=request.user)
        return _("This invoice is void. The visit can be billed anew.")

    return _corrected(request, invoice, "void", form, void)


@allowed("issue_invoices", "POST")
def bill_anew(request: HttpRequest, pk: int) -> HttpResponse:
    invoice = shown_invoice(request, pk)
    try:
        anew = actions.draft_invoice(record=invoice.record, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return invoice_page(request, invoice, status=409)
    messages.success(request, _("The visit has a new draft invoice."))
    return redirect("invoice", pk=anew.pk)


def _corrected(request: HttpRequest, invoice: Invoice, name: str, form: Form, act: Callable[[], str]) -> HttpResponse:
    """Do it if the form is right, and say so; if not, show the invoice as it is now, with what was typed."""
    if not form.is_valid():
        return invoice_page(request, invoice, status=422, **{name: form})
    try:
        done = act()
    except RuleViolation as violation:
        add_violation(form, violation)
        return invoice_page(request, shown_invoice(request, invoice.pk), status=409, **{name: form})
    keep_till(request, form)
    messages.success(request, done)
    return redirect("invoice", pk=invoice.pk)
