"""When a vet works and when a vet is free. Always asked of the primary: a stale answer would be a wrong one."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from clinic.models import Appointment, Veterinarian, WorkingHours

STEP = dt.timedelta(minutes=15)
Stretch = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class Slot:
    """A free time of a vet: [start, end), aware, in the branch's time zone."""

    vet: Veterinarian
    start: dt.datetime
    end: dt.datetime

    @property
    def value(self) -> str:
        """How forms name a slot: the vet's id and the start as an ISO time with its offset."""
        return f"{self.vet.pk}@{self.start.isoformat(timespec='minutes')}"


def working_stretches(vets: Iterable[Veterinarian], day: dt.date) -> dict[int, list[Stretch]]:
    """Vet id → (start, end) of every stretch of work on `day`, on the clock of the vet's branch."""
    vets = {vet.pk: vet for vet in vets if vet.branch_id}
    rows = WorkingHours.objects.using("default").filter(vet__in=vets, weekday=day.isoweekday()).order_by("starts_at")
    stretches: dict[int, list[Stretch]] = defaultdict(list)
    for row in rows:
        zone = vets[row.vet_id].branch.zone
        opens = dt.datetime.combine(day, row.starts_at, zone)
        stretches[row.vet_id].append((opens, dt.datetime.combine(day, row.ends_at, zone)))
    return stretches


def taken_times(vets: Iterable[Veterinarian], day: dt.date) -> dict[int, list[Stretch]]:
    """Vet id → (start, end) of every visit that holds a slot around `day`, in order."""
    vets = {vet.pk: vet for vet in vets}
    start = dt.datetime.combine(day, dt.time.min, dt.UTC) - dt.timedelta(days=1)
    taken: dict[int, list[Stretch]] = defaultdict(list)
    visits = Appointment.objects.using("default").overlapping(start, start + dt.timedelta(days=3)).holding_a_slot()
    for vet_id, begins, ends in visits.filter(vet__in=vets).order_by("date").values_list("vet_id", "date", "ends_at"):
        taken[vet_id].append((begins, ends))
    return taken


def gaps(stretches: Iterable[Stretch], taken: list[Stretch], now: dt.datetime) -> Iterator[Stretch]:
    """The parts of the stretches of work that no visit takes and that are not over yet."""
    for opens, closes in stretches:
        cursor = max(opens, _next_step(now, opens)).astimezone(opens.tzinfo)
        for begins, ends in taken:
            if begins < closes and ends > cursor:
                if begins > cursor:
                    yield cursor, begins.astimezone(opens.tzinfo)
                cursor = max(cursor, ends.astimezone(opens.tzinfo))
        if cursor < closes:
            yield cursor, closes


def free_slots(vet: Veterinarian, gaps_of_day: Iterable[Stretch], minutes: int) -> Iterator[Slot]:
    """Slots of `minutes` inside the gaps, a step apart in real time: a clock change neither skips nor doubles one."""
    length = dt.timedelta(minutes=minutes)
    for opens, closes in gaps_of_day:
        start, last = opens.astimezone(dt.UTC), closes.astimezone(dt.UTC) - length
        while start <= last:
            yield Slot(vet, start.astimezone(opens.tzinfo), (start + length).astimezone(opens.tzinfo))
            start += STEP


def free_slots_of_day(vets: Iterable[Veterinarian], day: dt.date, minutes: int, now: dt.datetime) -> list[Slot]:
    """Every slot of a day that can be booked, in order of time. Two queries, whatever the number of vets."""
    vets = list(vets)
    stretches, taken = working_stretches(vets, day), taken_times(vets, day)
    slots = (
        slot
        for vet in vets
        for slot in free_slots(vet, gaps(stretches.get(vet.pk, []), taken.get(vet.pk, []), now), minutes)
    )
    return sorted(slots, key=lambda slot: (slot.start, slot.vet.last_name, slot.vet.pk))


def nearest_free_slots(
    vet: Veterinarian, wished: dt.datetime, minutes: int, now: dt.datetime, *, count: int = 3, days: int = 14
) -> list[Slot]:
    """The free times of a vet nearest to a wished one: of that day by distance, else the first of the next days."""

    def slots() -> Iterator[Slot]:
        day = wished.astimezone(vet.branch.zone).date()
        of_day = free_slots_of_day([vet], day, minutes, now)
        yield from sorted(of_day, key=lambda slot: abs(slot.start - wished))
        for ahead in range(1, days):
            yield from free_slots_of_day([vet], day + dt.timedelta(days=ahead), minutes, now)

    return sorted(islice(slots(), count), key=lambda slot: slot.start)


def _next_step(now: dt.datetime, opens: dt.datetime) -> dt.datetime:
    """The first start that is not over, on the grid that begins when the stretch opens."""
    late = now - opens
    return opens if late <= dt.timedelta(0) else opens + STEP * (late // STEP)
