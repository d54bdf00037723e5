"""The lines of a visit's bill on its page: saved with its text by every button."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.middleware.csrf import get_token

from clinic.enums import AppointmentStatus
from clinic.models import Appointment
from records.bill_cells import BillRows
from records.bill_forms import CELLS, BillForm, Done
from records.lines import change_treatment
from vetclinic.refusals import RuleViolation

POSTED = tuple(f"{name}_" for name in CELLS)


def save_posted(request: HttpRequest, appointment: Appointment) -> int | None:
    """Save the lines that were changed; None, or the status of the page that says what is wrong with them."""
    if not any(name.startswith(POSTED) for name in request.POST):
        return None
    stored = {each.pk: each for each in appointment.treatments.select_related("service").order_by("id")}
    form = BillForm(map(Done.of, stored.values()), request.POST)
    if not form.is_valid():
        return 422
    for pk, change in form.changes.items():
        try:
            change_treatment(treatment=stored[pk], **change, by=request.user)
        except RuleViolation as violation:
            request.line_refused = pk, violation  # the page is made anew, with what was typed
            return 422 if violation.field and violation.code != "cell_changed_meanwhile" else 409
    return None


def context(
    request: HttpRequest,
    appointment: Appointment,
    treatments: list[Done],
    typed: Mapping[str, str] | None,
    *,
    writable: bool,
) -> dict[str, Any]:
    """For the page: lines with what was `typed`, in a form that is refused or in a draft; else with what is stored."""
    may_discount = request.user.may("give_any_discount") and appointment.state == AppointmentStatus.IN_PROGRESS
    form = BillForm(treatments, typed if writable or may_discount else None)
    if refused := getattr(request, "line_refused", None):
        _show(request, form, *refused)
    gives_discounts = may_discount and not writable
    drawn = BillRows(appointment.pk, writable=writable, token=get_token(request) if gives_discounts else "")
    return {
        "lines": form.lines,
        "rows": drawn.rows(form.lines),
        "total": sum(treatment.total for treatment in treatments),
        "discounted": sum(treatment.discount for treatment in treatments),
    }


def _show(request: HttpRequest, form: BillForm, pk: int, violation: RuleViolation) -> None:
    """A refusal at its cell; one of no cell, or of a line that is gone, as a message."""
    lines = [line for line in form.lines if line.treatment.pk == pk]
    if violation.field not in CELLS or not lines:
        messages.error(request, violation.message)
    for line in lines:
        line.refuse(violation)
