"""Those who wait for a time, and what is free for them now: whoever freed it, and however."""

import datetime as dt
from collections.abc import Iterable

from clinic.availability import Slot, free_slots
from clinic.models import Veterinarian, WaitingEntry
from clinic.timetable import working_time
from clinic.working_time import Stretch

LOOK_AHEAD_DAYS = 30


def first_times(entries: Iterable[WaitingEntry], vets: list[Veterinarian], now: dt.datetime) -> dict[int, Slot]:
    """Entry id → the first free time of these vets that it could take, within a month. One query."""
    first = now.date() - dt.timedelta(days=1)  # clocks of branches differ
    gaps = working_time(vets, first, LOOK_AHEAD_DAYS + 1).gaps(now)
    found = ((entry.pk, first_slot(entry, vets, gaps)) for entry in entries)
    return {pk: slot for pk, slot in found if slot}


def first_slot(entry: WaitingEntry, vets: Iterable[Veterinarian], gaps: dict[int, list[Stretch]]) -> Slot | None:
    """The first time within the gaps (vet id → free stretches, in order) that the entry could take."""
    firsts = (_first_of(vet, entry, gaps.get(vet.pk, [])) for vet in vets if _is_wished(vet, entry))
    return min(filter(None, firsts), key=lambda slot: slot.start, default=None)


def _first_of(vet: Veterinarian, entry: WaitingEntry, gaps: list[Stretch]) -> Slot | None:
    on_its_days = (gap for gap in gaps if entry.since <= gap[0].date() <= entry.until)
    return next((slot for gap in on_its_days for slot in free_slots(vet, [gap], entry.minutes)), None)


def _is_wished(vet: Veterinarian, entry: WaitingEntry) -> bool:
    return vet.pk == entry.vet_id if entry.vet_id else vet.specialization_id == entry.specialization_id
