"""Looking for a free time over weeks, and the list of those who wait for one."""

import datetime as dt
from itertools import groupby

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import actions, rules
from clinic.availability import free_slots_of_days, is_free
from clinic.models import Appointment, Pet, WaitingEntry
from clinic.slots import parse_slot, slot_value
from clinic.views.times import vets_to_book
from clinic.waiting import first_times
from clinic.waiting_forms import PARTS, SlotSearch, WaitingForm
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import add_violation
from vetclinic.ui.numbers import id_of

A_DAY = 8  # free times shown of each day
LATEST = dt.timedelta(days=366)


@allowed("book")
def slots(request: HttpRequest) -> HttpResponse:
    """Free times over some weeks. `pet` or `move` in the address is carried on to the form that books or moves."""
    vets = vets_to_book(request.user)
    usual = {"day": timezone.localdate().isoformat(), "weeks": 2, "minutes": 30}
    form = SlotSearch(usual | request.GET.dict(), vets=vets)
    target = {name: number for name in ("pet", "move") if (number := id_of(request.GET.get(name, "")))}
    moved = Appointment.objects.filter(pk=target["move"]).first() if "move" in target else None
    context = {"form": form, "days": _days(form, moved) if form.is_valid() else [], "target": target}
    return render(request, "clinic/slots.html", context)


@allowed("book")
def waiting(request: HttpRequest) -> HttpResponse:
    """Who waits, each with the first time that is free for them now; with slot and minutes in the address, who could
    take that time."""
    vets, now = vets_to_book(request.user), timezone.now()
    freed = parse_slot(request.GET.get("slot", ""), vets)
    minutes = min(id_of(request.GET.get("minutes", "")) or 0, rules.LONGEST_VISIT_MINUTES)
    is_gone = freed is not None and not is_free(*freed, minutes, now)
    entries = WaitingEntry.objects.still_possible(timezone.localdate()).in_turn()
    if freed and not is_gone:
        entries = entries.that_could_take(*freed, freed[1] + dt.timedelta(minutes=minutes))
    times = first_times(entries, vets, now)
    for entry in entries:
        entry.first = times.get(entry.pk)
    context = {
        "entries": entries,
        "freed": None if is_gone else freed,
        "is_gone": is_gone,
        "names_branches": len({vet.branch_id for vet in vets}) > 1,
        "slot": slot_value(*freed) if freed and not is_gone else "",
    }
    return render(request, "clinic/waiting.html", context)


@allowed("book", "GET", "POST")
def waiting_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a pet's owner waits. The same form sent twice notes it once."""
    pet = get_object_or_404(Pet.objects.select_related("pet_owner"), pk=pk, is_active=True)
    today = timezone.localdate()
    initial = {"since": today, "until": today + dt.timedelta(days=14)}
    form = WaitingForm(request.POST or None, initial=initial, vets=vets_to_book(request.user))
    if form.is_valid():
        try:
            actions.wait_for_time(pet=pet, **form.cleaned_data, by=request.user)
        except RuleViolation as violation:
            add_violation(form, violation)
        else:
            messages.success(request, _("%(pet)s is on the waiting list.") % {"pet": pet})
            return redirect("waiting")
    return render(request, "clinic/waiting_form.html", {"form": form, "pet": pet}, status=422 if form.is_bound else 200)


@allowed("book", "POST")
def waiting_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody waits any more: without a visit."""
    entry = get_object_or_404(WaitingEntry.objects.select_related("pet"), pk=pk)
    actions.stop_waiting(entry=entry, by=request.user)
    messages.success(request, _("%(pet)s is no longer on the waiting list.") % {"pet": entry.pet})
    return redirect("waiting")


def _days(form: SlotSearch, moved: Appointment | None) -> list[tuple[dt.date, list]]:
    """(day, its first free times) for what is wished. One query besides the vets."""
    wish, vets = form.cleaned_data, form.wished_vets
    if wish["specialization"] and not wish["vet"]:
        vets = [vet for vet in vets if vet.specialization == wish["specialization"]]
    today = timezone.localdate()
    day = min(max(wish["day"], today), today + LATEST)
    found = free_slots_of_days(vets, day, 7 * wish["weeks"], wish["minutes"], timezone.now(), without=moved)
    first, last = PARTS.get(wish["part"], (0, 24))
    fitting = (slot for slot in found if first <= slot.start.hour < last)
    return [(day, list(of_day)[:A_DAY]) for day, of_day in groupby(fitting, key=lambda slot: slot.start.date())]
