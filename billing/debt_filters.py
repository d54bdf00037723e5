"""Which debts a list shows, and which visits without a bill."""

import datetime as dt

import django_filters
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from billing.filters import of_owners_like
from billing.models import Invoice
from clinic.filters import AppointmentFilter, BranchFilter, DayFilter, TextFilter, VetFilter
from clinic.models import Appointment

DAYS, MOST_DAYS = 90, 366


class DebtFilter(django_filters.FilterSet):
    owner = TextFilter(label=_("Owner’s name or phone"), method="of_owner")

    class Meta:
        model = Invoice
        fields: list[str] = []

    def of_owner(self, invoices, _name: str, text: str):
        return of_owners_like(invoices, text)


class UnbilledFilter(django_filters.FilterSet):
    """Days are those of the chosen branch's clock, or of the whole clinic's.

    All completed visits of these days are looked through, so they are DAYS unless told, and never more than MOST_DAYS.
    """

    since = DayFilter(label=_("From"), method="from_day")
    until = DayFilter(label=_("Until"), method="until_day")
    vet = VetFilter()
    branch = BranchFilter(field_name="vet__branch")

    class Meta:
        model = Appointment
        fields: list[str] = []

    from_day = AppointmentFilter.from_day
    until_day = AppointmentFilter.until_day
    _midnight = AppointmentFilter._midnight

    def filter_queryset(self, queryset):
        typed = self.form.cleaned_data
        last = typed.get("until") or timezone.localdate()
        earliest = last - dt.timedelta(days=MOST_DAYS)
        since = typed.get("since")
        if since and since < earliest:
            shown = date_format(earliest, "SHORT_DATE_FORMAT")
            self.form.add_error("since", _("A year at most is looked through: shown from %(day)s on.") % {"day": shown})
            since = earliest
        visits = self.from_day(queryset, "since", since or last - dt.timedelta(days=DAYS))
        return super().filter_queryset(visits)
