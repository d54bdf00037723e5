"""Which invoices a list shows."""

import re

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models import Invoice
from billing.models.invoice import OWED
from clinic.enums import InvoiceStatus
from clinic.models import PetOwner
from clinic.models.fold import Fold
from clinic.time_forms import DateInput

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
        return invoices.filter(pet_owner__in=owners_like(text))


def owners_like(text: str):
    """Owners with these digits in a phone, or with every word in a name: any case, ё = е."""
    digits = re.sub(r"\D", "", text)
    if digits and not re.search(r"[^\W\d_]", text):
        digits = digits[1:] if len(digits) == 11 and digits[0] == "8" else digits  # 8 916 … is +7 916 …
        return PetOwner.objects.filter(Q(phone__contains=digits) | Q(secondary_phone__contains=digits))
    owners = PetOwner.objects.annotate(last=Fold("last_name"), first=Fold("first_name"))
    for word in text.lower().replace("ё", "е").split():
        owners = owners.filter(Q(last__contains=word) | Q(first__contains=word))
    return owners
