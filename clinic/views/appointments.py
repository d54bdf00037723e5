"""One visit as reception sees it: confirm, receive, cancel, note that nobody came."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import actions, rules
from clinic.alerts import alerts_of
from clinic.enums import AppointmentStatus
from clinic.forms import CancelForm
from clinic.freed import Taken
from clinic.history import history_of
from clinic.models import Appointment
from clinic.reminders.showing import lines_of
from clinic.views.moves import board_address, freed_address, undo_address
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation

# The steps that reception takes; the vet's own (start, finish) are on the visit page.
STEPS = {
    "confirm": AppointmentStatus.CONFIRMED,
    "arrive": AppointmentStatus.ARRIVED,
    "no-show": AppointmentStatus.NO_SHOW,
    "restore": AppointmentStatus.SCHEDULED,
}
CANCELLED = AppointmentStatus.CANCELLED


@allowed("see_board")
def appointment(request: HttpRequest, pk: int) -> HttpResponse:
    visit = get_object_or_404(Appointment.objects.visible_to(request.user).with_people(), pk=pk)
    return _page(request, visit)


@allowed("book", "POST")
def appointment_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take the visit one step on: `step` is a key of STEPS."""
    visit = get_object_or_404(Appointment.objects.visible_to(request.user).with_people(), pk=pk)
    try:
        visit = actions.change_status(appointment=visit, to=STEPS[step], by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return _page(request, visit, status=409)
    messages.success(request, _now(visit))
    return redirect("appointment", pk=pk)


@allowed("book", "POST")
def appointment_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel for a reason; who waits for the time that is free now is shown next."""
    visit = get_object_or_404(Appointment.objects.visible_to(request.user).with_people(), pk=pk)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return _page(request, visit, form, status=422)
    try:
        visit = actions.change_status(appointment=visit, to=CANCELLED, **form.cleaned_data, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return _page(request, visit, form, status=409)
    messages.success(request, _now(visit), extra_tags=undo_address(visit))
    return redirect(freed_address(visit, Taken.by(visit)) or reverse("appointment", args=[pk]))


def _now(visit: Appointment) -> str:
    return _("%(pet)s: %(state)s.") % {"pet": visit.pet, "state": visit.state.label}


def _page(
    request: HttpRequest, visit: Appointment, cancelling: CancelForm | None = None, *, status: int = 200
) -> HttpResponse:
    mine, now = rules.can_manage_visits_of(request.user, visit.vet), timezone.now()
    can_cancel = mine and rules.can_step(visit, CANCELLED, now)
    context = {
        "alerts": alerts_of(visit.pet_id),
        "visit": visit,
        "movable": mine and rules.can_move(visit),
        "history": history_of(visit),
        "starts": visit.date.astimezone(visit.vet.zone),
        "ends": visit.ends_at.astimezone(visit.vet.zone),
        "reminders": lines_of(visit, now),
        "steps": [step for step, to in STEPS.items() if mine and rules.can_step(visit, to, now)],
        "cancelling": cancelling or (CancelForm() if can_cancel else None),
        "board": board_address(visit),
    }
    return render(request, "clinic/appointment.html", context, status=status)
