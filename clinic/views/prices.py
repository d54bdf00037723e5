"""The price list of today, to read."""

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from clinic.models import Service
from clinic.models.service import ServiceCategory
from vetclinic.access.decorators import allowed


@allowed("see_prices")
def prices(request: HttpRequest) -> HttpResponse:
    today, labels = timezone.localdate(), dict(ServiceCategory.choices)
    services = Service.objects.on_sale(today).in_list_order()
    groups = [(labels[category], list(rows)) for category, rows in groupby(services, key=lambda row: row.category)]
    return render(request, "clinic/price_list.html", {"groups": groups, "today": today})
