"""A dose is taken back on the visit's page; what is typed beside it is saved as well."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from records.models import Vaccination
from records.vaccinating import take_back_dose
from records.views.page import get_visit, visit_page
from records.views.visit import save_typed
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation


@allowed("write_records", "POST")
def visit_dose_remove(request: HttpRequest, pk: int, dose_pk: int) -> HttpResponse:
    """One that is gone already, by a second click, is what was wanted."""
    appointment = get_visit(request, pk, to_write=True)
    if refused := save_typed(request, appointment):
        return refused
    dose = Vaccination.objects.filter(pk=dose_pk, appointment=appointment).first()
    try:
        if dose:
            take_back_dose(dose=dose, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return visit_page(request, appointment, status=409)
    return redirect(f"{reverse('visit', args=[pk])}#vaccinations")
