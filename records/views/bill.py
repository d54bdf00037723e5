"""The lines of a visit's bill: saved with its text by every button; a manager sets discounts by themselves."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic.enums import AppointmentStatus
from clinic.models import Appointment
from records.bill_forms import LineForm, line_of, lines_of, typed_line
from records.lines import change_treatment
from records.models import Treatment
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation


def save_posted(request: HttpRequest, appointment: Appointment) -> int | None:
    """Save the lines that were changed; None, or the status of the page that says what is wrong with them."""
    if not any(name.startswith(("quantity_", "percent_")) for name in request.POST):
        return None
    lines = [line_of(treatment) for treatment in appointment.treatments.order_by("id")]
    typed = [(line, form) for line in lines if (form := typed_line(line, request.POST))]
    if not all(form.is_valid() for _line, form in typed):
        return 422
    for line, form in typed:
        if refused := _change(request, line.treatment, form):
            return refused
    return None


@allowed("see_records")
@require_POST
def treatment_discount(request: HttpRequest, pk: int, treatment_pk: int) -> HttpResponse:
    """A discount of one line, by who may give any."""
    visit = get_object_or_404(Appointment.objects.visible_to(request.user), pk=pk)
    treatment = get_object_or_404(Treatment, pk=treatment_pk, appointment=visit)
    form = LineForm({"quantity": line_of(treatment).quantity, "percent": request.POST.get("percent", "").strip()[:20]})
    if not form.is_valid():
        messages.error(request, " ".join(str(fault) for faults in form.errors.values() for fault in faults))
    else:
        _change(request, treatment, form)
    return redirect(f"{reverse('visit', args=[pk])}#bill")


def _change(request: HttpRequest, treatment: Treatment, form: LineForm) -> int | None:
    try:
        change_treatment(treatment=treatment, **form.cleaned_data, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return 422 if violation.field else 409
    return None


def context(
    request: HttpRequest,
    appointment: Appointment,
    treatments: list[Treatment],
    typed: Mapping[str, str] | None,
    *,
    writable: bool,
) -> dict[str, Any]:
    """For the page: lines with what was `typed`, in a form that is refused or in a draft; else with what is stored."""
    may_discount = request.user.may("give_any_discount") and appointment.state == AppointmentStatus.IN_PROGRESS
    return {
        "lines": lines_of(treatments, typed if writable else None),
        "gives_discounts": may_discount and not writable,
        "discounted": sum(treatment.discount for treatment in treatments),
    }
