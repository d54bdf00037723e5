"""The page of one invoice, with the forms of all that may be done with it; shared by the views that answer with it."""

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from billing import rules
from billing.forms import CreditForm, PaymentForm, RefundForm, VoidForm
from billing.models import Deposit, Invoice
from billing.views.tills import tills
from clinic.enums import InvoiceStatus

# Each form names its fields apart, as several stand on one page.
IDS = {name: f"{name}_%s" for name in ("credit", "refund", "void")}


def shown_invoice(request: HttpRequest, pk: int) -> Invoice:
    """With people and sums; 404 for what one may not know of."""
    visible = Invoice.objects.visible_to(request.user).with_people().select_related("branch", "voided_by")
    return get_object_or_404(visible.with_balance(), pk=pk)


def invoice_page(request: HttpRequest, shown: Invoice, *, status: int = 200, **forms: Form) -> HttpResponse:
    """`forms`: those that were refused, by the names of the template: `form` (payment), credit, refund, void."""
    lines = list(shown.lines.order_by("id"))
    may = request.user.may
    till = tills(request, shown.branch) if may("take_payments") or may("correct_invoices") else {}
    context = {
        "invoice": shown,
        "lines": lines,
        "has_discounts": any(line.discount for line in lines),
        "payments": shown.payments.select_related("taken_by", "branch").order_by("paid_at"),
        "credits": shown.credits.select_related("issued_by").prefetch_related("lines__line").order_by("number"),
        "can_issue": shown.state == InvoiceStatus.DRAFT and may("issue_invoices"),
        "can_bill_anew": may("issue_invoices") and rules.can_bill_anew(shown),
        "overdue": rules.is_overdue(shown, timezone.localdate()),
        "form": _payment(shown, forms, till) if shown.is_owed and may("take_payments") else None,
    }
    if may("correct_invoices"):
        context |= _corrections(shown, forms, till)
    for name in [name for name in forms if not context.get(name)]:  # another person was faster: the form is gone
        for error in forms[name].errors.values():
            messages.error(request, error[0])
    return render(request, "billing/invoice.html", context, status=status)


def _payment(shown: Invoice, forms: dict[str, Form], till: dict) -> Form:
    if "form" in forms:
        return forms["form"]
    deposit = Deposit.objects.of(shown.pet_owner).balance()
    return PaymentForm(initial={"amount": shown.balance}, deposit=deposit, **till)


def _corrections(shown: Invoice, forms: dict[str, Form], till: dict) -> dict[str, Form | None]:
    """The forms of what may be corrected now; None for what may not."""
    can_credit = shown.state in rules.SETTLED and shown.credited < shown.amount
    credit = forms.get("credit") or credit_form(shown, till)
    refund = forms.get("refund") or RefundForm(**till, auto_id=IDS["refund"])
    void = forms.get("void") or VoidForm(auto_id=IDS["void"])
    return {
        "credit": credit if can_credit else None,
        "refund": refund if shown.paid else None,
        "void": void if rules.can_void(shown) else None,
    }


def credit_form(shown: Invoice, till: dict, data=None) -> CreditForm:
    lines = shown.lines.with_left().order_by("id")
    return CreditForm(data, lines=lines, is_paid=bool(shown.paid), **till, auto_id=IDS["credit"])
