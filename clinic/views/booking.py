"""Booking: one form for a known animal and for newcomers, with the free times of a day beside it."""

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic import actions
from clinic.availability import Slot, free_slots_of_day, nearest_free_slots
from clinic.duplicates import Likeness, duplicates_while_typing
from clinic.enums import VISIT_MINUTES, VisitReason
from clinic.forms import BookingForm, parse_slot, slot_value
from clinic.models import Appointment, Pet, Veterinarian
from clinic.search import Found, find
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import add_violation

OFFERED = 12  # free times shown at once
TAKEN = {"appointment_vet_not_double_booked", "appointment_pet_not_double_booked"}


@allowed("book")
def booking(request: HttpRequest) -> HttpResponse:
    """GET shows the form; POST with intent=book books, any other intent looks for animals or times and keeps all."""
    vets, typed = vets_to_book(request.user), request.POST if request.method == "POST" else request.GET
    pet = _chosen_pet(typed)
    if request.method != "POST" or typed.get("intent", "book") != "book":
        return page(request, BookingForm(initial=_initial(typed, vets), vets=vets, pet=pet), typed)
    form = BookingForm(typed, vets=vets, pet=pet)
    if not form.is_valid():
        return page(request, form, typed, status=422)
    try:
        visit = book(form, by=request.user)
    except RuleViolation as violation:
        add_violation(form, violation)
        return page(request, form, typed, status=409 if violation.code in TAKEN else 422, rejected=True)
    messages.success(request, _("Booked: %(pet)s, %(time)s.") % {"pet": visit.pet, "time": _time(visit)})
    return redirect(f"{reverse('board')}?day={visit.date.astimezone(visit.vet.branch.zone):%Y-%m-%d}#visit-{visit.pk}")


@allowed("book")
def booking_hits(request: HttpRequest) -> HttpResponse:
    """The animals that match what is being typed: a part of the booking form."""
    text = request.GET.get("q", "")[:100]
    return render(request, "clinic/_booking_hits.html", {"found": find(text), "q": text})


def vets_to_book(user):
    """The vets whose visits this person may book."""
    vets = Veterinarian.objects.working().filter(branch__isnull=False).in_board_order()
    return vets if user.may("book_for_any_vet") else vets.filter(user=user)


def book(form: BookingForm, *, by) -> Appointment:
    """The action that a valid form asks for."""
    data = form.cleaned_data
    vet, start = data["slot"]
    visit = {
        "vet": vet,
        "start": start,
        "minutes": form.minutes,
        "reason": form.reason_for_people,
        "notes": data["notes"],
    }
    if form.pet and form.pet.pet_owner:
        return actions.book_appointment(**visit, pet=form.pet, request_key=data["request_key"], by=by)
    owner = {name: data[name] for name in ("last_name", "first_name", "phone", "address")}
    newcomer = {name: data[name] for name in ("species", "breed", "birth_date")} | {"name": data.get("pet_name")}
    return actions.book_for_newcomer(
        owner=owner, pet=form.pet or newcomer, visit=visit, request_key=data["request_key"], by=by
    )


def page(request, form: BookingForm, typed, *, status: int = 200, rejected: bool = False) -> HttpResponse:
    """The form, with the animals found and the free times for what is typed so far."""
    vets, now = list(form.fields["vet"].queryset), timezone.now()
    minutes = VISIT_MINUTES.get(typed.get("reason", ""), VISIT_MINUTES[VisitReason.CHECK_UP])
    chosen = parse_slot(typed.get("slot") or str(form.initial.get("slot") or ""), form.fields["vet"].queryset)
    if rejected and chosen:
        slots, chosen = nearest_free_slots(*chosen, minutes, now), None
    else:
        slots = _offer(form, typed, vets, chosen, minutes, now)
    context = {
        "form": form,
        "pet": form.pet,
        "found": find(typed.get("q", "")[:100]) if typed.get("q") else Found([], []),
        "likely": [] if form.pet else _likely(typed),
        "slots": slots,
        "chosen": slot_value(*chosen) if chosen else "",
        "rejected": rejected,
    }
    return render(request, "clinic/booking.html", context, status=status)


def _likely(typed) -> list[Likeness]:
    """Known people like the newcomer whose form comes back."""
    names = {name: typed.get(name, "")[:150] for name in ("phone", "last_name", "first_name", "pet_name")}
    return duplicates_while_typing(**names)


def _offer(form, typed, vets, chosen, minutes: int, now: dt.datetime) -> list[Slot]:
    """Free times of the wished day and vet; the chosen one is among them even between the steps of the grid."""
    day = _day(typed.get("day") or str(form.initial.get("day") or ""), now)
    vet_id = str(typed.get("vet") or "")
    wished = [vet for vet in vets if str(vet.pk) == vet_id] or vets
    slots = free_slots_of_day(wished, day, minutes, now)
    if not chosen:
        return slots[:OFFERED]
    vet, start = chosen
    others = [slot for slot in slots if (slot.vet, slot.start) != (vet, start)]
    nearest = sorted(others, key=lambda slot: abs(slot.start - start))[: OFFERED - 1]
    first = Slot(vet, start.astimezone(vet.branch.zone), start + dt.timedelta(minutes=minutes))
    return sorted([first, *nearest], key=lambda slot: (slot.start, slot.vet.pk))


def _initial(typed, vets) -> dict:
    """What the form starts with: the values typed so far, the slot of the link, today."""
    initial = {name: typed[name] for name in typed if name in BookingForm.base_fields}
    chosen = parse_slot(initial.get("slot", ""), vets)
    if chosen:
        initial.setdefault("day", chosen[1].astimezone(chosen[0].branch.zone).date().isoformat())
    initial.setdefault("day", timezone.localdate().isoformat())
    return initial


def _chosen_pet(typed) -> Pet | None:
    number = typed.get("pet", "")
    if typed.get("intent") == "change" or not _is_id(number):
        return None
    return Pet.objects.select_related("pet_owner").filter(pk=number).first()


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _day(text: str, now: dt.datetime) -> dt.date:
    """A day within the year that can be booked; today for anything else."""
    today = timezone.localdate(now)
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return today
    return day if today <= day <= today + dt.timedelta(days=366) else today


def _time(visit: Appointment) -> str:
    return date_format(visit.date.astimezone(visit.vet.branch.zone), "j E H:i")
