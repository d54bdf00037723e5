"""The income of a period, for managers: by time and by what it was for, as a page, as CSV and as XLSX."""

import datetime as dt
from decimal import Decimal
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.charts import Stretch, chart
from billing.income_cells import chart_svg, figures, key_rows, links, time_rows
from billing.income_figures import Figures
from billing.income_forms import BY, BY_UNIT, KEY_ORDERS, UNIT_NAMES, PeriodForm
from billing.income_report import RECEIVED_BY, Report, change, fitting_unit, report
from billing.income_tables import key_table, time_table
from billing.income_wishes import Only
from billing.periods import Period
from vetclinic.access.decorators import allowed
from vetclinic.audit.kept import look_into_log
from vetclinic.ui.csv import csv_response
from vetclinic.ui.xlsx import xlsx_response

CHARTS = {
    "wide": {"width": 1130, "height": 270, "most": 62},
    "narrow": {"width": 350, "height": 220, "most": 31},
}
COMPARED = ("billed", "credited", "received")  # with the period and the year before
MOST_KEYS = 15  # that a page shows unasked: what earns most
TABLES = {"time": time_table, "key": key_table}
FORMATS = {"csv": csv_response, "xlsx": xlsx_response}


@allowed("see_income")
def income(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    usual = Period(today.replace(day=1), today)
    look = look_into_log()
    form = PeriodForm(look, {"from": usual.first.isoformat(), "to": usual.last.isoformat()} | request.GET.dict())
    if form.is_valid():
        data = form.cleaned_data
        period, by = Period(data["since"], data["until"]), data["by"]
        shown = report(look, period, fitting_unit(period, data["unit"]), by, form.only, data["order"])
        form.say_unit(shown.unit)
        table, write = TABLES.get(request.GET.get("table")), FORMATS.get(request.GET.get("format"))
        if table and write:
            name = f"income-by-{shown.unit if table is time_table else by}-{period.first}-{period.last}"
            return write(f"{name}.{request.GET['format']}", table(shown))
    else:
        period = usual
        shown = report(look, period, "day", "service", Only())
    return render(request, "billing/income.html", _context(request, form, shown, today))


def _context(request: HttpRequest, form: PeriodForm, shown: Report, today: dt.date) -> dict:
    bars = [Stretch(row.first, row.last, row.billed, row.received) for row in shown.times]
    changes, year_changes = _changes(shown.total, shown.before), _changes(shown.total, shown.year_before)
    keys = shown.keys if "all" in request.GET else shown.keys[:MOST_KEYS]
    most_billed = max((row.sums.billed for row in shown.keys), default=Decimal(0))
    order = form.cleaned_data.get("order", "billed")
    is_by_cost, has_received = order == "cost", shown.by in RECEIVED_BY
    return {
        "form": form,
        "report": shown,
        "key_rows": key_rows(keys, most_billed=most_billed, is_by_cost=is_by_cost, has_received=has_received),
        "has_received": has_received,
        "time_rows": time_rows(shown.times),
        "all_keys": ""
        if "all" in request.GET or len(shown.keys) <= MOST_KEYS
        else _address(request, shown.period, all="1"),
        "period": shown.period,
        "by_name": BY[shown.by],
        "unit_name": UNIT_NAMES[shown.unit],
        "by_unit": BY_UNIT[shown.unit],
        "address": _address(request, shown.period),
        "changes": changes,
        "year_changes": year_changes,
        "figures": figures(shown.total, changes, year_changes),
        "charts": {name: chart_svg(chart(bars, shown.unit, **size)) for name, size in CHARTS.items()},
        "quick": links((label, each == shown.period, _address(request, each)) for label, each in _quick(today)),
        "is_by_cost": is_by_cost,
        "orders": [
            (label, code == order, _address(request, shown.period, order=code)) for code, label in KEY_ORDERS.items()
        ],
        "kinds": links((label, by == shown.by, _address(request, shown.period, by=by)) for by, label in BY.items()),
        "now": timezone.now(),
    }


def _changes(now: Figures, before: Figures) -> dict[str, Decimal | None]:
    """In per cent, of what is compared."""
    return {name: change(getattr(now, name), getattr(before, name)) for name in COMPARED}


def _address(request: HttpRequest, period: Period, **changes: str) -> str:
    """The page of a period, with what else was chosen."""
    chosen = {name: values for name, values in request.GET.lists() if name not in ("format", "table")}
    days = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    return f"?{urlencode(chosen | days | changes, doseq=True)}"


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
