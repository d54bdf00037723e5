"""When a vet is free: every slot that can be booked, and those nearest to a wish."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from clinic.models import Appointment, Veterinarian
from clinic.slots import slot_value
from clinic.timetable import STEP, working_time
from clinic.working_time import Stretch, holds


@dataclass(frozen=True)
class Slot:
    """A free time of a vet: [start, end), aware, in the branch's time zone."""

    vet: Veterinarian
    start: dt.datetime
    end: dt.datetime

    @property
    def value(self) -> str:
        return slot_value(self.vet, self.start)

    @property
    def day(self) -> dt.date:
        return self.start.date()

    @property
    def opens(self) -> str:
        """The start on the branch's clock, for templates: their own formats would show it on the site's."""
        return f"{self.start:%H:%M}"

    @property
    def closes(self) -> str:
        return f"{self.end:%H:%M}"


def free_slots(vet: Veterinarian, gaps_of_day: Iterable[Stretch], minutes: int) -> Iterator[Slot]:
    """Slots of `minutes` inside the gaps, a step apart in real time: a clock change neither skips nor doubles one."""
    length = dt.timedelta(minutes=minutes)
    for opens, closes in gaps_of_day:
        start, last = opens.astimezone(dt.UTC), closes.astimezone(dt.UTC) - length
        while start <= last:
            local = start.astimezone(opens.tzinfo)
            if not local.fold:  # the hour that a clock change repeats is offered once
                yield Slot(vet, local, (start + length).astimezone(opens.tzinfo))
            start += STEP


def free_slots_of_day(
    vets: Iterable[Veterinarian], day: dt.date, minutes: int, now: dt.datetime, *, without: Appointment | None = None
) -> list[Slot]:
    """Every slot of a day that can be booked, in order of time. One query, whatever the number of vets."""
    return free_slots_of_days(vets, day, 1, minutes, now, without=without)


def free_slots_of_days(
    vets: Iterable[Veterinarian],
    first: dt.date,
    days: int,
    minutes: int,
    now: dt.datetime,
    *,
    without: Appointment | None = None,
) -> list[Slot]:
    """Every slot of some days that can be booked, in order of time. One query, whatever the days and vets."""
    vets = list(vets)
    free = working_time(vets, first, days, without=without).gaps(now)
    slots = (slot for vet in vets for slot in free_slots(vet, free.get(vet.pk, []), minutes))
    return sorted(slots, key=lambda slot: (slot.start, slot.vet.last_name, slot.vet.pk))


def is_free(
    vet: Veterinarian, start: dt.datetime, minutes: int, now: dt.datetime, *, without: Appointment | None = None
) -> bool:
    """Whether the vet could be booked for so long from a start, be it between the steps of the slots. One query."""
    start = start.astimezone(dt.UTC)
    day = start.astimezone(vet.branch.zone).date()
    free = working_time([vet], day, 1, without=without).gaps(now)
    return holds(free.get(vet.pk, []), start, start + dt.timedelta(minutes=minutes))


def nearest_free_slots(
    vet: Veterinarian,
    wished: dt.datetime,
    minutes: int,
    now: dt.datetime,
    *,
    count: int = 3,
    days: int = 14,
    without: Appointment | None = None,
) -> list[Slot]:
    """The free times of a vet nearest to a wished one: of that day by distance, else the first of the next days."""
    day = wished.astimezone(vet.branch.zone).date()
    slots = free_slots_of_days([vet], day, days, minutes, now, without=without)
    slots.sort(key=lambda slot: (slot.start.date() - day, abs(slot.start - wished)))
    return sorted(slots[:count], key=lambda slot: slot.start)
