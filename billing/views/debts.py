"""Who owes what; what was done and is on no bill."""

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing import actions, debts, unbilled
from billing.debt_filters import DAYS, DebtFilter, UnbilledFilter
from billing.models import Invoice
from clinic.models import Appointment
from records.models import MedicalRecord
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.export import export
from vetclinic.ui.lists import page_of, sorting_of

STATES = {"all": gettext_lazy("all"), "overdue": gettext_lazy("with overdue invoices")}
KINDS = {"visits": gettext_lazy("visits without a bill"), "drafts": gettext_lazy("drafts not issued")}


@allowed("see_debts")
def debt_list(request: HttpRequest) -> HttpResponse:
    chosen, state, rows = _debts(request)
    page = page_of(rows, request.GET, debts.ORDERS, "oldest")
    total = debts.totals(chosen.qs, timezone.localdate())
    context = {
        "page": page,
        "rows": [(owner, row, debts.ages_of(row)) for owner, row in debts.with_owners(page.rows)],
        "filter": chosen,
        "state": state,
        "states": STATES.items(),
        "ages": [(label, total[name]) for name, (label, _first, _last) in debts.AGES.items()],
        "total": total,
        "never": debts.NEVER,
    }
    return render(request, "billing/debts.html", context)


@allowed("export_lists")
def debts_export(request: HttpRequest) -> HttpResponse:
    chosen, state, rows = _debts(request)
    if not chosen.form.is_valid():
        response = redirect("debts")
        response["Location"] += f"?{request.GET.urlencode()}"
        return response
    ages = [label for label, _first, _last in debts.AGES.values()]
    head = [_("Owner"), _("Phone"), _("Invoices"), _("Oldest due date"), *ages, _("To pay")]
    sorting = sorting_of(request.GET, debts.ORDERS, "oldest")
    return export(request, f"debts-{state}", rows, sorting, head=head, cells=_cells, load=debts.with_owners)


@allowed("see_debts")
def not_billed(request: HttpRequest) -> HttpResponse:
    kind = request.GET.get("state") if request.GET.get("state") in KINDS else "visits"
    context = {"state": kind, "kinds": KINDS.items(), **(_visits(request) if kind == "visits" else _drafts(request))}
    return render(request, f"billing/not_billed_{kind}.html", context)


@allowed("issue_invoices", "POST")
def visit_bill(request: HttpRequest, pk: int) -> HttpResponse:
    """Draft the visit's invoice, once, and show it: there it is checked and issued."""
    visit = get_object_or_404(Appointment.objects.visible_to(request.user), pk=pk)
    record = get_object_or_404(MedicalRecord, appointment=visit)
    live = Invoice.objects.live().filter(record=record)
    try:
        invoice = live.first() or actions.draft_invoice(record=record, by=request.user)
    except RuleViolation as violation:
        invoice = live.first()  # another till was faster
        if invoice is None:
            messages.error(request, violation.message)
    return redirect("invoice", pk=invoice.pk) if invoice else redirect("not_billed")


def _debts(request: HttpRequest):
    """The invoices that the address asks for, the state, and the debts that they make."""
    state = request.GET.get("state") if request.GET.get("state") in STATES else "all"
    chosen = DebtFilter(request.GET, queryset=Invoice.objects.visible_to(request.user))
    rows = debts.debts(chosen.qs, timezone.localdate())
    return chosen, state, rows.filter(overdue__gt=0) if state == "overdue" else rows


def _cells(entry: tuple) -> list:
    owner, row = entry
    oldest = "" if row["oldest"] == debts.NEVER else row["oldest"]
    return [owner, owner.phone, row["count"], oldest, *debts.ages_of(row), row["sum"]]


def _visits(request: HttpRequest) -> dict:
    query = request.GET.copy()
    if not query.get("since"):
        query["since"] = (timezone.localdate() - dt.timedelta(days=DAYS)).isoformat()
    chosen = UnbilledFilter(query, queryset=unbilled.visits_not_billed())
    visits = unbilled.found(chosen.qs)
    page = page_of(visits, request.GET, unbilled.VISIT_ORDERS, "-date")
    return {"page": page, "rows": unbilled.with_sums(page.rows), "filter": chosen, "total": unbilled.sum_of(visits)}


def _drafts(request: HttpRequest) -> dict:
    page = page_of(unbilled.drafts(), request.GET, unbilled.DRAFT_ORDERS, "age")
    rows = unbilled.with_ages(page.rows, timezone.localdate())
    return {"page": page, "rows": rows, "total": unbilled.sum_of_drafts()}
