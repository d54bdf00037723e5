"""Lines of a visit's bill by themselves: saved while the vet goes on typing; a manager's discounts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from records.actions import local_day
from records.bill_forms import Done
from records.views import bill
from records.views.page import get_visit, visit_page
from vetclinic.access.decorators import allowed


@allowed("write_records", "POST")
def lines_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Save the lines alone. Asked by static/js/treatments.js, which shows the answer in their place."""
    visit = get_visit(request, pk, to_write=True)
    status = bill.save_posted(request, visit) or 200
    treatments = [Done.of(each) for each in visit.treatments.select_related("service").order_by("id")]
    shown = bill.context(request, visit, treatments, request.POST, writable=True)
    context = {"visit": visit, "writable": True, "day": local_day(visit, timezone.now()), **shown}
    return render(request, "records/lines.html", context, status=status)


@allowed("give_any_discount", "POST")
def treatment_discount(request: HttpRequest, pk: int, treatment_pk: int) -> HttpResponse:
    """A discount of one line, by who may give any. The visit's vet gives it with the rest of the page."""
    visit = get_visit(request, pk, to_write=False)
    get_object_or_404(visit.treatments, pk=treatment_pk)
    refused = bill.save_posted(request, visit)
    return visit_page(request, visit, status=refused) if refused else redirect(f"{reverse('visit', args=[pk])}#bill")
