"""The free times that booking and moving offer."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from clinic import rules
from clinic.availability import Slot, free_slots_of_day, is_free, nearest_free_slots
from clinic.models import Appointment, Veterinarian
from clinic.models.veterinarian import VeterinarianQuerySet
from clinic.slots import Place, slot_value, vet_of
from clinic.time_forms import TimeForm

OFFERED = 12  # free times shown at once
NEAREST_WITHIN_DAYS = 14
TAKEN = {"appointment_vet_not_double_booked", "appointment_pet_not_double_booked"}


def vets_to_book(user) -> list[Veterinarian]:
    """The vets whose visits this person may book, in board order. One query."""
    return list(_bookable(user).in_board_order())


def only_vet_of(user, typed) -> list[Veterinarian]:
    """The vet of the chosen time, if nobody else is wished for; else none. One query.

    A form in order is checked and booked with that one: reading all the vets was a fifth of the work of booking.
    """
    number = vet_of(typed.get("slot", ""))
    if number is None or typed.get("vet", "") not in ("", str(number)):
        return []
    return list(_bookable(user).filter(pk=number).select_related("branch"))


def _bookable(user) -> VeterinarianQuerySet:
    vets = Veterinarian.objects.working().filter(branch__isnull=False)
    return vets if user.may("book_for_any_vet") else vets.filter(user=user)


@dataclass(frozen=True)
class Offer:
    """What the template of the times needs. `chosen`: the value of the slot that is chosen. `offered`: of the one that
    the page chose itself. `lost`: a time that a person chose and that is not free for this length.
    """

    slots: list[Slot]
    chosen: str = ""
    offered: str = ""
    lost: Slot | None = None
    rejected: bool = False


def offer(form: TimeForm, typed, *, rejected: bool = False) -> dict[str, Any]:
    """The free times for what is typed; after a refusal of one those nearest to it.

    The first free time is chosen at once: who has found the animal books with Enter. It is sent along as `offered`, so
    that it follows when day, vet or length change. A time that a person chose stays while it is free, and is never
    exchanged for another: then nothing is chosen, nor is anything after a refusal.
    """
    return vars(_offer(form, typed, rejected))


def _offer(form: TimeForm, typed, rejected: bool) -> Offer:
    place, moved, now = form.place, form.visit, timezone.now()
    if rejected and place:
        return Offer(_nearest(*place, form.length, now, moved), rejected=True)
    slots = _free_slots(form, now)
    by_hand = place and (form.is_bound or slot_value(*place) != typed.get("offered"))
    if by_hand and _is_wished(form, *place) and not form.errors.get("slot"):
        slot = _slot(*place, form.length)
        if slot in slots or _stays(moved, place) or is_free(*place, form.length, now, without=moved):
            return Offer(_around(slot, slots), chosen=slot.value)
        return Offer(slots[:OFFERED], lost=slot)
    first = slots[0].value if slots and not form.is_bound else ""
    return Offer(slots[:OFFERED], chosen=first, offered=first, rejected=rejected)


def _free_slots(form: TimeForm, now: dt.datetime) -> list[Slot]:
    """All of the wished day and vets that the visit fits into."""
    day = _day(str(form["day"].value() or ""), now)
    return free_slots_of_day(form.wished_vets, day, form.length, now, without=form.visit) if day else []


def _nearest(vet, start: dt.datetime, minutes: int, now: dt.datetime, moved: Appointment | None) -> list[Slot]:
    """Free times near one that cannot be had, among those that can be booked."""
    last = now + rules.FURTHEST_BOOKING - dt.timedelta(days=NEAREST_WITHIN_DAYS)
    wished = min(max(start, now), last)
    return nearest_free_slots(vet, wished, minutes, now, days=NEAREST_WITHIN_DAYS, without=moved)


def _is_wished(form: TimeForm, vet: Veterinarian, start: dt.datetime) -> bool:
    return vet in form.wished_vets and start.date().isoformat() == str(form["day"].value() or start.date())


def _stays(moved: Appointment | None, place: Place) -> bool:
    """A visit that is moved may keep its start, also when that has passed: only its length changes."""
    return moved is not None and place == (moved.vet, moved.date)


def _slot(vet: Veterinarian, start: dt.datetime, minutes: int) -> Slot:
    end = start.astimezone(dt.UTC) + dt.timedelta(minutes=minutes)
    return Slot(vet, start, end.astimezone(vet.zone))


def _around(slot: Slot, slots: list[Slot]) -> list[Slot]:
    """A chosen time, be it between the steps of the grid, among the free ones nearest to it."""
    others = sorted((other for other in slots if other != slot), key=lambda other: abs(other.start - slot.start))
    return sorted([slot, *others[: OFFERED - 1]], key=lambda each: (each.start, each.vet.pk))


def _day(text: str, now: dt.datetime) -> dt.date | None:
    """The day that is typed, today for none; None for one that nobody can book. Branches' days begin at other times."""
    today, day = timezone.localdate(now), dt.timedelta(days=1)
    try:
        wished = dt.date.fromisoformat(text) if text else today
    except ValueError:
        return None
    return wished if today - day <= wished <= today + rules.FURTHEST_BOOKING + day else None
