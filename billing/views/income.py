"""The income of a period, for managers: by time and by what it was for, as a page, as CSV and as XLSX."""

import datetime as dt
from decimal import Decimal

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.charts import Stretch, chart
from billing.income import BRANCH, Only, Period
from billing.income_cells import chart_svg, key_rows, time_rows
from billing.income_report import Report, change, fitting_unit, ordered, report
from clinic.models import Branch, Veterinarian
from clinic.time_forms import DayField
from vetclinic.access.decorators import allowed
from vetclinic.ui.csv import csv_response
from vetclinic.ui.xlsx import xlsx_response

LONGEST = 50 * 366  # days
CHARTS = {
    "wide": {"width": 1130, "height": 270, "most": 62},
    "narrow": {"width": 350, "height": 220, "most": 31},
}
MOST_KEYS = 15  # that a page shows unasked: what earns most
BY = {
    "service": gettext_lazy("Service"),
    "category": gettext_lazy("Category"),
    "vet": gettext_lazy("Vet"),
    "specialization": gettext_lazy("Specialization"),
    "species": gettext_lazy("Species"),
    BRANCH: gettext_lazy("Branch"),
}
# What a table by service, vet… begins with: what earns most, or what costs the clinic most.
KEY_ORDERS = {"billed": gettext_lazy("Earn most"), "cost": gettext_lazy("Cost most")}
UNIT_NAMES = {
    "day": gettext_lazy("Day"),
    "week": gettext_lazy("Week"),
    "month": gettext_lazy("Month"),
    "year": gettext_lazy("Year"),
}


class PeriodForm(forms.Form):
    """Two days, named `from` and `to` in the address, how to divide what is between them, and which part of it."""

    since = DayField(label=gettext_lazy("From"))
    until = DayField(label=gettext_lazy("Until"))
    unit = forms.ChoiceField(label=gettext_lazy("Each"), choices=[("", "—"), *UNIT_NAMES.items()], required=False)
    by = forms.ChoiceField(label=gettext_lazy("By"), choices=list(BY.items()), required=False)
    branch = forms.ModelChoiceField(Branch.objects.order_by("name"), label=gettext_lazy("Branch"), required=False)
    vet = forms.ModelChoiceField(
        Veterinarian.objects.order_by("last_name", "first_name", "id"), label=gettext_lazy("Vet"), required=False
    )

    def add_prefix(self, field_name: str) -> str:
        return {"since": "from", "until": "to"}.get(field_name, field_name)

    def clean(self):
        data = super().clean()
        if "since" in data and "until" in data:
            period = Period(data["since"], data["until"])
            if period.days < 1:
                self.add_error("until", _("The period ends before it begins."))
            elif period.days > LONGEST:
                self.add_error("until", _("Choose a period of at most fifty years."))
        return data

    @property
    def only(self) -> Only:
        branch, vet = self.cleaned_data["branch"], self.cleaned_data["vet"]
        return Only(branch=branch and branch.pk, vet=str(vet.pk) if vet else "")


@allowed("see_income")
def income(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    usual = Period(today.replace(day=1), today)
    form = PeriodForm({"from": usual.first.isoformat(), "to": usual.last.isoformat()} | request.GET.dict())
    if form.is_valid():
        data = form.cleaned_data
        period, by = Period(data["since"], data["until"]), data["by"] or "service"
        shown = ordered(report(period, fitting_unit(period, data["unit"]), by, form.only), _key_order(request))
        table, write = TABLES.get(request.GET.get("table")), FORMATS.get(request.GET.get("format"))
        if table and write:
            name = f"income-by-{shown.unit if table is time_table else by}-{period.first}-{period.last}"
            return write(f"{name}.{request.GET['format']}", table(shown))
    else:
        period = usual
        shown = report(period, "day", "service", Only())
    return render(request, "billing/income.html", _context(request, form, shown, today))


def _context(request: HttpRequest, form: PeriodForm, shown: Report, today: dt.date) -> dict:
    bars = [Stretch(row.first, row.last, row.billed, row.received) for row in shown.times]
    names = ("billed", "credited", "received")
    keys = shown.keys if "all" in request.GET else shown.keys[:MOST_KEYS]
    most_billed = max((row.sums.billed for row in shown.keys), default=Decimal(0))
    by_cost = _key_order(request) == "cost"
    return {
        "form": form,
        "report": shown,
        "key_rows": key_rows(keys, most_billed=most_billed, is_by_cost=by_cost),
        "time_rows": time_rows(shown.times),
        "all_keys": ""
        if "all" in request.GET or len(shown.keys) <= MOST_KEYS
        else _address(request, shown.period, all="1"),
        "period": shown.period,
        "by_name": BY[shown.by],
        "unit_name": UNIT_NAMES[shown.unit],
        "address": _address(request, shown.period),
        "changes": {name: change(getattr(shown.total, name), getattr(shown.before, name)) for name in names},
        "year_changes": {name: change(getattr(shown.total, name), getattr(shown.year_before, name)) for name in names},
        "charts": {name: chart_svg(chart(bars, shown.unit, **size)) for name, size in CHARTS.items()},
        "quick": [(label, each == shown.period, _address(request, each)) for label, each in _quick(today)],
        "is_by_cost": by_cost,
        "orders": [
            (label, code == _key_order(request), _address(request, shown.period, order=code))
            for code, label in KEY_ORDERS.items()
        ],
        "kinds": [(label, by == shown.by, _address(request, shown.period, by=by)) for by, label in BY.items()],
        "now": timezone.now(),
    }


def _key_order(request: HttpRequest) -> str:
    return request.GET["order"] if request.GET.get("order") in KEY_ORDERS else "billed"


def _address(request: HttpRequest, period: Period, **changes: str) -> str:
    """The page of a period, with what else was chosen."""
    query = request.GET.copy()
    for name in ("format", "table"):
        query.pop(name, None)
    query["from"], query["to"] = period.first.isoformat(), period.last.isoformat()
    for name, value in changes.items():
        query[name] = value
    return f"?{query.urlencode()}"


def _quick(today: dt.date) -> list[tuple[str, Period]]:
    month = today.replace(day=1)
    end_of_last = month - dt.timedelta(days=1)
    return [
        (_("today"), Period(today, today)),
        (_("this week"), Period(today - dt.timedelta(days=today.weekday()), today)),
        (_("this month"), Period(month, today)),
        (_("last month"), Period(end_of_last.replace(day=1), end_of_last)),
        (_("this year"), Period(today.replace(month=1, day=1), today)),
    ]


def time_table(shown: Report) -> list[list]:
    head = [_("From"), _("Until"), _("Invoices"), _("Billed"), _("Credited"), _("Received")]
    rows = [
        [row.first, row.last, row.sums.invoices, row.sums.billed, row.sums.credited, row.sums.received]
        for row in shown.times
    ]
    return [head, *rows]


def key_table(shown: Report) -> list[list]:
    head = [_("Code"), str(BY[shown.by]), _("Quantity"), _("Billed"), _("Credited"), "%", _("Average price"),
            _("Cost price"), _("Profit"), _("Billed before")]  # fmt: skip
    rows = [
        [row.key, row.name, row.sums.quantity, row.sums.billed, row.sums.credited, row.share,
         _or_empty(row.sums.price), _or_empty(row.sums.known_cost), _or_empty(row.sums.profit), row.before.billed]
        for row in shown.keys
    ]  # fmt: skip
    return [head, *rows]


def _or_empty(value):
    return "" if value is None else value


TABLES = {"time": time_table, "key": key_table}
FORMATS = {"csv": csv_response, "xlsx": xlsx_response}
