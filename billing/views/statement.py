"""An owner's statement of a period: a page, a paper in the owner's language, CSV."""

import logging

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing import bank
from billing.papers import language_for
from billing.periods import Period
from billing.statement import MOST, MOST_EXPORTED, Statement, statement_of
from clinic.models import PetOwner
from clinic.models.branch import latest_day
from clinic.time_forms import DayField
from vetclinic.access.decorators import allowed
from vetclinic.ui.csv import csv_response
from vetclinic.ui.pdf import pdf, pdf_response, prints

logger = logging.getLogger("vetclinic.exports")


class StatementForm(forms.Form):
    """Two days, named `from` and `to` in the address."""

    since = DayField(label=gettext_lazy("From"))
    until = DayField(label=gettext_lazy("Until"))

    def add_prefix(self, field_name: str) -> str:
        return {"since": "from", "until": "to"}.get(field_name, field_name)

    def clean(self):
        data = super().clean()
        if "since" in data and "until" in data and data["until"] < data["since"]:
            self.add_error("until", _("The period ends before it begins."))
        return data


@allowed("see_debts")
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(PetOwner, pk=pk)
    if person.merged_into_id:
        return redirect("statement", pk=person.merged_into_id)
    form, period = _asked(request)
    context = {
        "owner": person,
        "form": form,
        "statement": statement_of(person, period),
        "most": MOST,
        "query": f"?from={period.first.isoformat()}&to={period.last.isoformat()}",
    }
    return render(request, "billing/statement.html", context)


@allowed("see_debts")
@prints
def statement_paper(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(PetOwner.objects.not_merged(), pk=pk)
    form, period = _asked(request)
    if not form.is_valid():
        return _back(request, pk)
    context = {
        "clinic_name": settings.CLINIC_NAME,
        "payee": bank.payee(),
        "owner": person,
        "statement": statement_of(person, period),
        "most": MOST,
        "pets": person.pets.order_by("name"),
        "now": timezone.localtime(),
    }
    name = _("Statement, %(owner)s, %(first)s, %(last)s")
    named = name % {"owner": person, "first": period.first, "last": period.last}
    return pdf_response(pdf("print/statement.html", context, language=language_for(person)), named)


@allowed("export_lists")
def statement_export(request: HttpRequest, pk: int) -> HttpResponse:
    """At most MOST_EXPORTED rows: those at the end of the period."""
    person = get_object_or_404(PetOwner.objects.not_merged(), pk=pk)
    form, period = _asked(request)
    if not form.is_valid():
        return _back(request, pk)
    found = statement_of(person, period, most=MOST_EXPORTED)
    logger.info("%s exported the statement of owner %d: %d rows", request.user.get_username(), pk, len(found.rows))
    return csv_response(f"statement-{pk}-{period.first}-{period.last}.csv", table(found))


def table(found: Statement) -> list[list]:
    """The rows of the CSV, between the balances at the beginning and at the end."""
    head = [
        _("Date"),
        _("What for"),
        _("Pet"),
        _("Reason"),
        _("Change"),
        _("To pay"),
        _("Deposit, change"),
        _("Deposit"),
    ]
    rows = [
        [row.day, row.what, row.pet or "", row.reason, row.owed, row.owed_after, row.deposit, row.deposit_after]
        for row in found.rows
    ]
    first = [found.period.first, _("At the beginning"), "", "", "", found.owed_before, "", found.deposit_before]
    last = [found.period.last, _("At the end"), "", "", "", found.owed, "", found.deposit]
    return [head, first, *rows, last]


def _asked(request: HttpRequest) -> tuple[StatementForm, Period]:
    """The period of the address; this year so far when it names none, or none that is one."""
    today = latest_day(timezone.now())
    usual = Period(today.replace(month=1, day=1), today)
    form = StatementForm({"from": usual.first.isoformat(), "to": usual.last.isoformat()} | request.GET.dict())
    if not form.is_valid():
        return form, usual
    return form, Period(form.cleaned_data["since"], form.cleaned_data["until"])


def _back(request: HttpRequest, pk: int) -> HttpResponse:
    """To the page, which says what is wrong with the period."""
    return redirect(f"{reverse('statement', args=[pk])}?{request.GET.urlencode()}")
