"""Which invoices a list shows."""

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models import Invoice
from billing.models.invoice import OWED
from clinic.enums import InvoiceStatus
from clinic.forms import DateInput

STATES = {
    "unpaid": (_("unpaid"), Q(status__in=OWED)),
    "draft": (_("to issue"), Q(status=InvoiceStatus.DRAFT)),
    "paid": (_("paid"), Q(status=InvoiceStatus.PAID)),
    "all": (_("all"), Q()),
}


class InvoiceFilter(django_filters.FilterSet):
    owner = django_filters.CharFilter(label=_("Owner’s name or phone"), method="of_owner", max_length=100)
    since = django_filters.DateFilter(label=_("Issued from"), field_name="date", lookup_expr="gte", widget=DateInput)
    until = django_filters.DateFilter(label=_("Issued until"), field_name="date", lookup_expr="lte", widget=DateInput)

    class Meta:
        model = Invoice
        fields: list[str] = []

    def of_owner(self, invoices, _name: str, text: str):
        return invoices.filter(
            Q(pet_owner__last_name__icontains=text)
            | Q(pet_owner__first_name__icontains=text)
            | Q(pet_owner__phone__contains=text)
        )
