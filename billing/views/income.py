"""The income of a period, for managers: by day, by service and by vet, as a page and as CSV."""

import datetime as dt
from decimal import Decimal

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing import income as sums
from billing.charts import chart
from clinic.time_forms import DayField
from vetclinic.access.decorators import allowed
from vetclinic.ui.csv import csv_response

LONGEST = 2 * 366  # days
WIDE = {"width": 1130, "height": 270, "most": 62}
NARROW = {"width": 350, "height": 220, "most": 31}


class PeriodForm(forms.Form):
    """Two days, named `from` and `to` in the address."""

    since = DayField(label=gettext_lazy("From"))
    until = DayField(label=gettext_lazy("Until"))

    def add_prefix(self, field_name: str) -> str:
        return {"since": "from", "until": "to"}.get(field_name, field_name)

    def clean(self):
        data = super().clean()
        if "since" in data and "until" in data:
            period = sums.Period(data["since"], data["until"])
            if period.days < 1:
                self.add_error("until", _("The period ends before it begins."))
            elif period.days > LONGEST:
                self.add_error("until", _("Choose a period of at most two years."))
        return data


@allowed("see_income")
def income(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    usual = sums.Period(today.replace(day=1), today)
    form = PeriodForm({"from": usual.first.isoformat(), "to": usual.last.isoformat()} | request.GET.dict())
    period = sums.Period(form.cleaned_data["since"], form.cleaned_data["until"]) if form.is_valid() else usual
    table = TABLES.get(request.GET.get("table"))
    if request.GET.get("format") == "csv" and table and form.is_valid():
        return csv_response(f"income-by-{request.GET['table']}-{period.first}-{period.last}.csv", table(period))
    days, days_before = sums.with_days_before(period)
    total, before = sums.total(days), sums.total(days_before)
    context = {
        "form": form,
        "period": period,
        "address": _address(period),
        "days": days,
        "services": sums.by_service(period),
        "vets": sums.by_vet(period),
        "total": total,
        "changes": {name: _change(getattr(total, name), getattr(before, name)) for name in ("billed", "received")},
        "still_open": sums.still_open(period),
        "charts": {"wide": chart(days, **WIDE), "narrow": chart(days, **NARROW)},
        "quick": [(label, each == period, _address(each)) for label, each in _quick(today)],
        "now": timezone.now(),
    }
    return render(request, "billing/income.html", context)


def _address(period: sums.Period) -> str:
    return f"?from={period.first}&to={period.last}"


def _change(now: Decimal, before: Decimal) -> Decimal | None:
    """In per cent against the period before; None when there was nothing."""
    return ((now - before) * 100 / before).quantize(sums.TENTH) if before else None


def _quick(today: dt.date) -> list[tuple[str, sums.Period]]:
    month = today.replace(day=1)
    end_of_last = month - dt.timedelta(days=1)
    return [
        (_("today"), sums.Period(today, today)),
        (_("this week"), sums.Period(today - dt.timedelta(days=today.weekday()), today)),
        (_("this month"), sums.Period(month, today)),
        (_("last month"), sums.Period(end_of_last.replace(day=1), end_of_last)),
        (_("this year"), sums.Period(today.replace(month=1, day=1), today)),
    ]


def _day_table(period: sums.Period) -> list[list]:
    rows = [[row.day.isoformat(), row.invoices, row.billed, row.received] for row in sums.by_day(period)]
    return [[_("Day"), _("Invoices"), _("Billed"), _("Received")], *rows]


def _service_table(period: sums.Period) -> list[list]:
    rows = [[row.code, row.name, row.quantity, row.billed, row.share] for row in sums.by_service(period)]
    return [[_("Code"), _("Service"), _("Quantity"), _("Billed"), "%"], *rows]


TABLES = {"day": _day_table, "service": _service_table}
