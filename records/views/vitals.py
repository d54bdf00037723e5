"""What stands above a visit's text: measurements, saved with it by every button, alerts and the weight's change."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest

from clinic.alerts import alerts_of
from clinic.models import Appointment
from records import measuring
from records.measurement_forms import VitalsForm
from records.models import Measurement, Vital
from records.weights import WINDOW, Weight, WeightChange, great_change
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


def context(request: HttpRequest, appointment: Appointment, typed: Mapping[str, str] | None) -> dict[str, Any]:
    """For the page: cells with what was `typed`, in a form that is refused or in a draft; else with what is stored."""
    measured = _measured(appointment)
    stored = {each.kind: each for each in measured if each.appointment_id == appointment.pk}
    form = VitalsForm(appointment.pet.species, stored, typed)
    refused = getattr(request, "vitals_refused", None)
    if refused and refused.field:
        form.refuse(refused, stored)
    elif refused:
        messages.error(request, refused.message)
    return {
        "vitals": form.cells,
        "measured": bool(stored),
        "alerts": alerts_of(appointment.pet_id),
        "weight_change": _change(measured),
    }


def _measured(appointment: Appointment) -> list[Measurement]:
    """The visit's measurements, and the weights of the time before it, in order of time: one query."""
    before = (appointment.date - WINDOW - dt.timedelta(days=1), appointment.date)
    mine = Q(appointment=appointment)
    earlier = Q(pet=appointment.pet_id, kind=Vital.WEIGHT, taken_at__range=before)
    return list(Measurement.objects.filter(mine | earlier).order_by("taken_at", "pk"))


def _change(measured: list[Measurement]) -> WeightChange | None:
    return great_change([Weight(each.taken_at, each.value) for each in measured if each.kind == Vital.WEIGHT])
