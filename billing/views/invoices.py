"""Invoices: the list, one invoice, issuing it, taking payments."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing import actions, rules
from billing.filters import STATES, InvoiceFilter
from billing.forms import PaymentForm
from billing.models import Deposit, Invoice
from billing.models.invoice import NEWEST
from billing.money_today import money_today
from billing.views.invoice_page import invoice_page, shown_invoice
from billing.views.tills import keep_till, tills
from clinic.enums import InvoiceStatus
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.export import export
from vetclinic.ui.forms import add_violation
from vetclinic.ui.lists import Order, page_of, sorting_of
from vetclinic.ui.templatetags.ui import money

SUMS = ("amount", "credited", "paid", "balance")  # the last follows from the others
ORDERS = {"date": Order((NEWEST, "pk"), gettext_lazy("earliest first"), gettext_lazy("latest first"))}


@allowed("see_invoices")
def invoices(request: HttpRequest) -> HttpResponse:
    chosen, state = _chosen(request)
    page = page_of(chosen.qs, request.GET, ORDERS, "-date")
    page.rows = _with_balances(page.rows)
    counting = [each for each in page if each.state != InvoiceStatus.VOID]
    today = money_today() if request.user.may("see_debts") else None
    context = {
        "page": page,
        "filter": chosen,
        "state": state,
        "states": [(key, label) for key, (label, _condition) in STATES.items()],
        "today": today,
        "counts": {"invoices": today.waiting} if today else {},
        "total": {name: sum(getattr(each, name) for each in counting) for name in SUMS},
    }
    return render(request, "billing/invoice_list.html", context)


@allowed("export_lists")
def invoices_export(request: HttpRequest) -> HttpResponse:
    chosen, state = _chosen(request)
    if not chosen.form.is_valid():
        response = redirect("invoices")
        response["Location"] += f"?{request.GET.urlencode()}"
        return response
    who, sums = [_("Owner"), _("Phone"), _("Pet")], [_("Amount"), _("Credited"), _("Received"), _("To pay")]
    head = [_("Number"), _("Date"), *who, *sums, _("State")]
    sorting = sorting_of(request.GET, ORDERS, "-date")
    return export(request, f"invoices-{state}", chosen.qs, sorting, head=head, cells=_cells, load=_with_balances)


@allowed("see_invoices")
def invoice(request: HttpRequest, pk: int) -> HttpResponse:
    return invoice_page(request, shown_invoice(request, pk))


@allowed("issue_invoices", "POST")
def invoice_issue(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        issued = actions.issue_invoice(invoice=shown_invoice(request, pk), by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return invoice_page(request, shown_invoice(request, pk), status=409)
    messages.success(request, _("Issued: invoice %(number)s.") % {"number": issued})
    return redirect("invoice", pk=pk)


@allowed("take_payments", "POST")
def payment_take(request: HttpRequest, pk: int) -> HttpResponse:
    owed = shown_invoice(request, pk)
    deposit = Deposit.objects.of(owed.pet_owner).balance()
    form = PaymentForm(request.POST, deposit=deposit, **tills(request))
    if not form.is_valid():
        return invoice_page(request, owed, form=form, status=422)
    try:
        payment = actions.take_payment(invoice=owed, **form.cleaned_data, by=request.user)
    except RuleViolation as violation:
        add_violation(form, violation)
        return invoice_page(request, shown_invoice(request, pk), form=form, status=409)
    keep_till(request, form)
    left = shown_invoice(request, pk).balance
    received = {"amount": money(payment.amount), "left": money(left)}
    message = _("Received: %(amount)s. Still to pay: %(left)s.") if left else _("Received: %(amount)s. Paid in full.")
    messages.success(request, message % received)
    return redirect("invoice", pk=pk)


def _chosen(request: HttpRequest) -> tuple[InvoiceFilter, str]:
    """The invoices that the address asks for, and their state: the unpaid ones if it names none."""
    state = request.GET.get("state") if request.GET.get("state") in STATES else "unpaid"
    visible = Invoice.objects.visible_to(request.user).filter(STATES[state][1])
    return InvoiceFilter(request.GET, queryset=visible), state


def _with_balances(invoices: list[Invoice]) -> list[Invoice]:
    """The invoices of one page with people, sums and `overdue`. Payments are added up for these rows only."""
    if not invoices:
        return []
    order = {invoice.pk: place for place, invoice in enumerate(invoices)}
    rows = Invoice.objects.filter(pk__in=order).with_people().with_balance()
    today = timezone.localdate()
    for row in rows:
        row.overdue = rules.is_overdue(row, today)
    return sorted(rows, key=lambda row: order[row.pk])


def _cells(invoice: Invoice) -> list:
    owner, pet = invoice.pet_owner, invoice.record.appointment.pet
    number = invoice if invoice.number else ""
    sums = [getattr(invoice, name) for name in SUMS]
    return [number, invoice.date or "", owner, owner.phone, pet, *sums, invoice.state.label]
