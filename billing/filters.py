"""Which invoices a list shows."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from billing.models import Invoice
from billing.models.invoice import OWED
from clinic.enums import InvoiceStatus
from clinic.filters import DayFilter, TextFilter
from clinic.likeness import owners_like

STATES = {
    "unpaid": (_("unpaid"), Q(status__in=OWED)),
    "draft": (_("to issue"), Q(status=InvoiceStatus.DRAFT)),
    "paid": (_("paid"), Q(status=InvoiceStatus.PAID)),
    "all": (_("all"), Q()),
}


class InvoiceFilter(django_filters.FilterSet):
    owner = TextFilter(label=_("Owner’s name or phone"), method="of_owner")
    since = DayFilter(label=_("Issued from"), field_name="date", lookup_expr="gte")
    until = DayFilter(label=_("Issued until"), field_name="date", lookup_expr="lte")

    class Meta:
        model = Invoice
        fields: list[str] = []

    def of_owner(self, invoices, _name: str, text: str):
        return of_owners_like(invoices, text)


def of_owners_like(invoices: QuerySet[Invoice], text: str) -> QuerySet[Invoice]:
    """Also what is found under the record that the owner was merged into: issued invoices stay with the merged one."""
    like = owners_like(text).values("pk")
    return invoices.filter(Q(pet_owner__in=like) | Q(pet_owner__merged_into__in=like))
