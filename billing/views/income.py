"""The income of a period, for managers: by day and by service, as a page and as CSV."""

import csv
import datetime as dt

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing import income as sums
from billing.charts import BASE, HEIGHT, WIDTH, bars
from clinic.forms import DateInput
from vetclinic.access.decorators import allowed

LONGEST = 732  # days: two years
EARLIEST = dt.date(2000, 1, 1)
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class PeriodForm(forms.Form):
    since = forms.DateField(label=gettext_lazy("From"), widget=DateInput)
    until = forms.DateField(label=gettext_lazy("Until"), widget=DateInput)

    def clean(self):
        data = super().clean()
        since, until = data.get("since"), data.get("until")
        if since and until:
            if until < since:
                self.add_error("until", _("The period ends before it begins."))
            elif (until - since).days >= LONGEST or since < EARLIEST or until.year > 2100:
                self.add_error("until", _("Choose a period of at most two years, between 2000 and 2100."))
        return data


@allowed("see_income")
def income(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    usual = sums.Period(today.replace(day=1), today)
    form = PeriodForm(request.GET if "since" in request.GET else {"since": usual.first, "until": usual.last})
    period = sums.Period(form.cleaned_data["since"], form.cleaned_data["until"]) if form.is_valid() else usual
    if request.GET.get("format") == "csv" and form.is_valid():
        return _csv(period, request.GET.get("table", "day"))
    days, total, before = sums.by_day(period), sums.totals(period), sums.totals(period.before)
    context = {
        "form": form,
        "period": period,
        "days": days,
        "services": sums.by_service(period),
        "total": total,
        "changes": {name: _change(total[name], before[name]) for name in total},
        "still_open": sums.still_open(period),
        "chart": {"bars": bars(days), "width": WIDTH, "height": HEIGHT, "base": BASE},
        "quick": _quick(today),
        "now": timezone.now(),
    }
    return render(request, "billing/income.html", context)


def _change(now, before):
    """In per cent against the period before; None when there was nothing."""
    return (now - before) * 100 / before if before else None


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


def _csv(period: sums.Period, table: str) -> StreamingHttpResponse:
    if table == "service":
        head = [_("Code"), _("Service"), _("Quantity"), _("Billed")]
        rows = ([row.code, row.name, row.quantity, row.billed] for row in sums.by_service(period))
    else:
        head = [_("Day"), _("Invoices"), _("Billed"), _("Received")]
        rows = ([row.day.isoformat(), row.invoices, row.billed, row.received] for row in sums.by_day(period))
    name = f"income-{period.first}-{period.last}.csv"
    return StreamingHttpResponse(
        _lines([head, *rows]),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


class _Echo:
    """csv.writer writes to it and gets the line back."""

    def write(self, line: str) -> str:
        return line


def _lines(rows):
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([_harmless(cell) for cell in row])


def _harmless(cell) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text
