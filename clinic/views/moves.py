"""Taking a visit to another time, vet or length; and taking that back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from clinic import actions, rules
from clinic.freed import Taken
from clinic.models import Appointment, WaitingEntry
from clinic.slots import parse_slot, slot_value
from clinic.time_forms import MoveForm
from clinic.views.times import TAKEN, offer, vets_to_book
from vetclinic.access.decorators import allowed
from vetclinic.audit.models import Change
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import add_violation


@allowed("book", "GET", "POST")
def appointment_move(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows the form; POST with intent=move moves, any other intent looks for times and keeps all."""
    visit = get_own_visit(request, pk)
    typed, vets = request.POST if request.method == "POST" else request.GET, vets_to_book(request.user)
    if request.method != "POST" or typed.get("intent", "move") != "move":
        return _page(request, MoveForm(initial=_initial(visit, typed, vets), vets=vets, visit=visit), typed)
    form = MoveForm(typed, vets=vets, visit=visit)
    if not form.is_valid():
        return _page(request, form, typed, status=422)
    was = Taken.by(visit)
    try:
        visit = actions.move_appointment(
            appointment=visit, **form.time, minutes=form.cleaned_data["minutes"], by=request.user
        )
    except RuleViolation as violation:
        add_violation(form, violation)
        return _page(request, form, typed, status=409 if violation.code in TAKEN else 422, rejected=True)
    if not visit.change:
        messages.info(request, _("%(pet)s is there already.") % {"pet": visit.pet})
        return _to(request, board_address(visit))
    messages.success(request, _("Moved: %(pet)s.") % {"pet": visit.pet}, extra_tags=undo_address(visit))
    return _to(request, freed_address(visit, was) or board_address(visit))


def _to(request: HttpRequest, address: str) -> HttpResponse:
    """A script that followed the redirect itself would eat the message: it is told where to go instead."""
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


@allowed("book", "POST")
def appointment_undo(request: HttpRequest, pk: int, change_pk: int) -> HttpResponse:
    """Take back one change: the last one, soon after it was made."""
    visit = get_own_visit(request, pk)
    change = get_object_or_404(Change, pk=change_pk, table="appointment", row_id=pk)
    try:
        visit = actions.undo(appointment=visit, change=change, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return redirect("appointment", pk=pk)
    messages.success(request, _("Taken back: %(pet)s is where it was.") % {"pet": visit.pet})
    return redirect(board_address(visit))


def get_own_visit(request: HttpRequest, pk: int) -> Appointment:
    """The visit, if this person may change it: another vet's is not there for a vet."""
    visit = get_object_or_404(Appointment.objects.visible_to(request.user).with_people(), pk=pk)
    if not rules.can_manage_visits_of(request.user, visit.vet):
        raise Http404
    return visit


def board_address(visit: Appointment) -> str:
    """The board of the visit's day and branch, at the visit."""
    day = f"{visit.date.astimezone(visit.vet.zone):%Y-%m-%d}"
    query = {"day": day} | ({"branch": visit.vet.branch_id} if visit.vet.branch_id else {})
    return f"{reverse('board', query=query)}#visit-{visit.pk}"


def freed_address(visit: Appointment, was: Taken) -> str | None:
    """The waiting list of those who could take what a visit has left free; None when nobody could."""
    free = was.free_at(timezone.now())
    if not free or not WaitingEntry.objects.that_could_take(was.vet, *free).exclude(pet=visit.pet).exists():
        return None
    start, end = free
    minutes = int((end - start).total_seconds() // 60)
    return reverse("waiting", query={"slot": slot_value(was.vet, start), "minutes": minutes})


def undo_address(visit: Appointment) -> str:
    """Where the change that an action has just made is taken back."""
    return reverse("appointment_undo", args=[visit.pk, visit.change.pk])


def _page(request, form: MoveForm, typed, *, status: int = 200, rejected: bool = False) -> HttpResponse:
    context = {"form": form, "visit": form.visit} | offer(form, typed, rejected=rejected)
    return render(request, "clinic/move.html", context, status=status)


def _initial(visit: Appointment, typed, vets) -> dict:
    """The visit as it is; a time of the link, or what is typed so far, instead."""
    initial = {"vet": visit.vet_id, "minutes": visit.minutes, "slot": slot_value(visit.vet, visit.date)}
    initial |= {"day": visit.date.astimezone(visit.vet.zone).date().isoformat()}
    initial |= {name: typed[name] for name in typed if name in MoveForm.base_fields}
    chosen = parse_slot(typed.get("slot", ""), vets)
    if chosen and "day" not in typed:
        initial |= {"day": chosen[1].date().isoformat(), "vet": chosen[0].pk}
    return initial
