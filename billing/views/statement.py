"""An owner's statement: the account of a period as page, PDF and CSV."""

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.income import Period
from billing.seller import seller
from billing.statement import Statement, statement
from clinic.models import PetOwner
from clinic.models.pet_owner import language_of
from clinic.time_forms import DayField
from vetclinic.access.decorators import allowed
from vetclinic.ui.csv import csv_response
from vetclinic.ui.pdf import pdf, pdf_response, prints


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

    def period(self) -> Period:
        """What was asked for; while a day is wrong, this year until today."""
        if self.is_valid():
            return Period(self.cleaned_data["since"], self.cleaned_data["until"])
        return this_year()


@allowed("take_payments")
def owner_statement(request: HttpRequest, pk: int) -> HttpResponse:
    """Of this year until today, unless the address names a period."""
    owner = get_object_or_404(PetOwner, pk=pk)
    if owner.merged_into_id:
        return redirect("owner_statement", pk=owner.merged_into_id)
    form = _form(request)
    shown = statement(owner, form.period())
    if request.GET.get("format") == "csv" and form.is_valid():
        return csv_response(f"statement-{owner.pk}-{shown.period.first}-{shown.period.last}.csv", _table(shown))
    context = {"owner": owner, "form": form, "statement": shown}
    return render(request, "billing/statement.html", context, status=200 if form.is_valid() else 422)


@allowed("take_payments")
@prints
def statement_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """In the owner's language, also what it calls the movements."""
    owner = get_object_or_404(PetOwner, pk=pk)
    language = language_of(owner)
    with translation.override(language):
        shown = statement(owner, _form(request).period())
    context = {"owner": owner, "statement": shown, "seller": seller(), "clinic_name": settings.CLINIC_NAME}
    content = pdf("print/statement.html", context, language=language)
    return pdf_response(content, _("Statement, %(owner)s") % {"owner": owner})


def this_year() -> Period:
    today = timezone.localdate()
    return Period(today.replace(month=1, day=1), today)


def _form(request: HttpRequest) -> StatementForm:
    usual = this_year()
    return StatementForm({"from": usual.first.isoformat(), "to": usual.last.isoformat()} | request.GET.dict())


def _table(shown: Statement) -> list[list]:
    first, last = shown.period.first, shown.period.last
    return [
        [_("Day"), _("What"), _("Pet"), _("Billed"), _("Received"), _("To pay")],
        [first, _("Before"), "", "", "", shown.before],
        *([each.day, each.text, each.pet, each.billed, each.paid, each.left] for each in shown.entries),
        [last, _("Total"), "", shown.billed, shown.paid, shown.after],
    ]
