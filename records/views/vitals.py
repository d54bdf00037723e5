"""What stands above a visit's text: measurements, saved with it by every button, alerts and the weight's change."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from clinic.models import Appointment
from records import measuring
from records.beside import Beside
from records.measurement_forms import VitalsForm
from records.vital_cells import inputs, readings
from records.weights import great_change
from vetclinic.refusals import RuleViolation


def save_posted(request: HttpRequest, appointment: Appointment) -> int | None:
    """Save the cells that were changed; None, or the status of the page that says what is wrong with them."""
    form = VitalsForm(appointment.pet.species, {}, request.POST)
    if not form.is_valid():
        return 422
    if not form.changes:
        return None
    try:
        measuring.save_vitals(appointment=appointment, changes=form.changes, by=request.user)
    except RuleViolation as violation:
        request.vitals_refused = violation  # the page is made anew, with what was typed
        return 409
    return None


def context(
    request: HttpRequest, species: str, shown: Beside, typed: Mapping[str, str] | None, *, writable: bool
) -> dict[str, Any]:
    """For the page: cells with what was `typed`, in a form that is refused or in a draft; else with what is stored."""
    form = VitalsForm(species, shown.measured, typed if writable else None)
    refused = getattr(request, "vitals_refused", None)
    if refused and refused.field:
        form.refuse(refused, shown.measured)
    elif refused:
        messages.error(request, refused.message)
    return {
        "cells": form.cells,
        "vitals": inputs(form.cells) if writable else readings(form.cells),
        "measured": bool(shown.measured),
        "alerts": shown.alerts,
        "weight_change": great_change(shown.weights),
    }
