"""The free times that booking and moving offer."""

import datetime as dt
from typing import Any

from django.utils import timezone

from clinic.availability import Slot, free_slots_of_day, nearest_free_slots
from clinic.models import Veterinarian
from clinic.time_forms import TimeForm, parse_slot, slot_value

OFFERED = 12  # free times shown at once
TAKEN = {"appointment_vet_not_double_booked", "appointment_pet_not_double_booked"}


def vets_to_book(user):
    """The vets whose visits this person may book."""
    vets = Veterinarian.objects.working().filter(branch__isnull=False).in_board_order()
    return vets if user.may("book_for_any_vet") else vets.filter(user=user)


def offer(form: TimeForm, typed, minutes: int, *, rejected: bool) -> dict[str, Any]:
    """What the template of the times needs; after a rejection the free times nearest to the wished one.

    The first free time is chosen at once: who has found the animal books with Enter. After a rejection nothing is.
    """
    now, vets = timezone.now(), form.fields["vet"].queryset
    chosen = parse_slot(typed.get("slot") or str(form.initial.get("slot") or ""), vets)
    if rejected and chosen:
        return {"slots": nearest_free_slots(*chosen, minutes, now), "chosen": "", "rejected": True}
    slots = _offered(form, typed, list(vets), chosen, minutes, now)
    value = slot_value(*chosen) if chosen else slots[0].value if slots and not rejected else ""
    return {"slots": slots, "chosen": value, "rejected": rejected}


def _offered(form, typed, vets, chosen, minutes: int, now: dt.datetime) -> list[Slot]:
    """Free times of the wished day and vet; the chosen one is among them even between the steps of the grid."""
    day = _day(typed.get("day") or str(form.initial.get("day") or ""), now)
    vet_id = str(typed.get("vet") or form.initial.get("vet") or "")
    wished = [vet for vet in vets if str(vet.pk) == vet_id] or vets
    slots = free_slots_of_day(wished, day, minutes, now)
    if not chosen:
        return slots[:OFFERED]
    vet, start = chosen
    others = [slot for slot in slots if (slot.vet, slot.start) != (vet, start)]
    nearest = sorted(others, key=lambda slot: abs(slot.start - start))[: OFFERED - 1]
    first = Slot(vet, start.astimezone(vet.branch.zone), start + dt.timedelta(minutes=minutes))
    return sorted([first, *nearest], key=lambda slot: (slot.start, slot.vet.pk))


def _day(text: str, now: dt.datetime) -> dt.date:
    """A day within the year that can be booked; today for anything else."""
    today = timezone.localdate(now)
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return today
    return day if today <= day <= today + dt.timedelta(days=366) else today
