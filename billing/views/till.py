"""The end of a day: what the till should hold, what was counted, and for managers the days behind."""

import datetime as dt
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.till import count_till, counts_of, day_money, last_float, money_of
from billing.till_forms import CountForm, TillDayForm
from billing.views.tills import kept_till
from clinic.models import Branch
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import add_violation

SHOWN = dt.timedelta(days=30)  # the list of days goes this far back from its last one
EARLIEST = dt.date(1900, 2, 1)


@allowed("count_till")
def till(request: HttpRequest) -> HttpResponse:
    form, branch, day = _asked(request)
    if branch is None:
        return render(request, "billing/till_none.html")
    return _day_page(request, branch, day, asked=form)


@allowed("count_till", "POST")
def till_count(request: HttpRequest, pk: int) -> HttpResponse:
    branch, form = get_object_or_404(Branch, pk=pk), CountForm(request.POST)
    if not form.is_valid():
        day = form.cleaned_data.get("day") or timezone.localdate(timezone=branch.zone)
        return _day_page(request, branch, day, form=form, status=422)
    day = form.cleaned_data["day"]
    try:
        count = count_till(branch=branch, **form.cleaned_data, by=request.user)
    except RuleViolation as violation:
        add_violation(form, violation)
        if violation.code == "till_counted_meanwhile":
            form = _with_all_seen(form, branch)
        return _day_page(request, branch, day, form=form, status=409)
    if count.difference:
        messages.warning(request, _("Counted. The difference is kept with its reason."))
    else:
        messages.success(request, _("Counted: the till is right."))
    return redirect(f"{reverse('till')}?branch={branch.pk}&day={day.isoformat()}")


@allowed("see_tills")
def till_days(request: HttpRequest) -> HttpResponse:
    form, branch, last = _asked(request)
    if branch is None:
        return render(request, "billing/till_none.html")
    last = max(last, EARLIEST)
    first = last - SHOWN
    money, counts = money_of(branch, first, last), counts_of(branch, first, last)
    days = [_row(day, money[day], counts.get(day, [])) for day in reversed(money) if money[day].is_any or day in counts]
    context = {
        "form": form,
        "branch": branch,
        "first": first,
        "last": last,
        "days": days,
        "earlier": first - dt.timedelta(days=1) if first > EARLIEST else None,
        "later": last + SHOWN + dt.timedelta(days=1),
        "is_latest": last >= timezone.localdate(timezone=branch.zone),
        "difference": sum((row["count"].difference for row in days if row["count"]), Decimal(0)),
    }
    return render(request, "billing/till_days.html", context)


def _asked(request: HttpRequest) -> tuple[TillDayForm, Branch | None, dt.date]:
    """What the address asks for: this desk's branch or the first one, and today on its clock, unless it says something
    that can be.
    """
    branches = list(Branch.objects.order_by("pk"))
    form = TillDayForm(request.GET)
    form.is_valid()
    if not branches:
        return form, None, timezone.localdate()
    branch = form.cleaned_data.get("branch") or kept_till(request, branches) or branches[0]
    today = timezone.localdate(timezone=branch.zone)
    day = form.cleaned_data.get("day")
    if day and day > today:
        form.add_error("day", _("This day has not come yet."))
    shown = min(day or today, today)
    if form.is_valid():
        form = TillDayForm({"branch": branch.pk, "day": shown})
    return form, branch, shown


def _day_page(
    request: HttpRequest,
    branch: Branch,
    day: dt.date,
    *,
    asked: TillDayForm | None = None,
    form: CountForm | None = None,
    status: int = 200,
) -> HttpResponse:
    money, counts = day_money(branch, day), counts_of(branch, day, day).get(day, [])
    row = _row(day, money, counts)
    count = row["count"]
    opening = last_float(branch, day) or Decimal(0)
    context = {
        "asked": asked or TillDayForm({"branch": branch.pk, "day": day}),
        "branch": branch,
        "day": day,
        "money": money,
        "opening": opening,
        "expected": opening + money.cash,
        "row": row,
        "history": counts,
        "form": form or CountForm(initial={"day": day, "seen": count and count.pk, "opening_float": opening}),
    }
    return render(request, "billing/till.html", context, status=status)


def _with_all_seen(form: CountForm, branch: Branch) -> CountForm:
    """The same form, whose next sending knows of the count that the page now shows."""
    form.data = form.data.copy()
    form.data["seen"] = counts_of(branch, form.cleaned_data["day"], form.cleaned_data["day"]).popitem()[1][0].pk
    return form


def _row(day: dt.date, money, counts: list) -> dict:
    """A day with its last count; `since`: the cash that came, or went, after it was counted."""
    count = counts[0] if counts else None
    return {"day": day, "money": money, "count": count, "since": money.cash - count.cash if count else Decimal(0)}
