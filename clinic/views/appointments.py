"""One visit as reception sees it: confirm, receive, cancel, note that nobody came."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic import actions, rules
from clinic.alerts import alerts_of
from clinic.enums import AppointmentStatus
from clinic.history import history_of
from clinic.models import Appointment
from clinic.reminders.showing import lines_of
from clinic.views.moves import freed_address, undo_address
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation

# The steps that reception takes; the vet's own (start, finish) are on the visit page.
STEPS = {
    "confirm": AppointmentStatus.CONFIRMED,
    "arrive": AppointmentStatus.ARRIVED,
    "cancel": AppointmentStatus.CANCELLED,
    "no-show": AppointmentStatus.NO_SHOW,
    "restore": AppointmentStatus.SCHEDULED,
}


@allowed("see_board")
def appointment(request: HttpRequest, pk: int) -> HttpResponse:
    visit = get_object_or_404(Appointment.objects.visible_to(request.user).with_people(), pk=pk)
    return _page(request, visit)


@allowed("book")
@require_POST
def appointment_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take the visit one step on: `step` is a key of STEPS."""
    visit = get_object_or_404(Appointment.objects.visible_to(request.user).with_people(), pk=pk)
    try:
        visit = actions.change_status(
            appointment=visit, to=STEPS[step], reason=request.POST.get("reason", "")[:255], by=request.user
        )
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return _page(request, visit, status=409)
    text = _("%(pet)s: %(state)s.") % {"pet": visit.pet, "state": visit.state.label}
    messages.success(request, text, extra_tags=undo_address(visit) if step == "cancel" else "")
    return redirect((step == "cancel" and freed_address(visit)) or reverse("appointment", args=[pk]))


def _page(request: HttpRequest, visit: Appointment, *, status: int = 200) -> HttpResponse:
    mine = rules.can_manage_visits_of(request.user, visit.vet)
    following = visit.state.next()
    context = {
        "alerts": alerts_of(visit.pet_id),
        "visit": visit,
        "movable": mine and rules.can_move(visit),
        "history": history_of(visit),
        "starts": visit.date.astimezone(visit.vet.zone),
        "ends": visit.ends_at.astimezone(visit.vet.zone),
        "reminders": lines_of(visit, timezone.now()),
        "steps": [step for step, to in STEPS.items() if mine and to in following],
    }
    return render(request, "clinic/appointment.html", context, status=status)
