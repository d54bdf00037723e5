"""When a vet works and when a vet is free. Always asked of the primary: a stale answer would be a wrong one."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connections

from clinic.enums import AppointmentStatus
from clinic.models import Veterinarian, WorkingException, WorkingHours
from clinic.working_time import moment_of, subtract, unite

STEP = dt.timedelta(minutes=15)
LONGEST_VISIT = dt.timedelta(days=1)  # what began earlier is over: the index on the start finds the rest
Stretch = tuple[dt.datetime, dt.datetime]

GAPS = """
    SELECT vet_id, lower(gap), upper(gap)
    FROM (SELECT vet_id, range_agg(tstzrange(opens, closes)) AS working
          FROM unnest(%s::int[], %s::timestamptz[], %s::timestamptz[]) AS stretch (vet_id, opens, closes)
          GROUP BY vet_id) AS work
    LEFT JOIN (SELECT vet_id, range_agg(tstzrange(date, ends_at)) AS taken FROM appointment
               WHERE vet_id = ANY(%s) AND date >= %s AND date < %s AND status_id = ANY(%s) AND NOT squeezed_in
               GROUP BY vet_id) AS visits USING (vet_id)
    CROSS JOIN LATERAL unnest(working - COALESCE(taken, '{}')) AS gap
    ORDER BY vet_id, gap
"""


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


def working_stretches(vets: Iterable[Veterinarian], first: dt.date, days: int = 1) -> dict[int, list[Stretch]]:
    """Vet id → (start, end) of every stretch of work on `days` days, on the clock of the vet's branch, in order.

    The week's hours without leave, holidays and blocked times, with additional hours; stretches that touch are one.
    Two queries.
    """
    vets = {vet.pk: vet for vet in vets if vet.branch_id}
    calendar = [first + dt.timedelta(days=ahead) for ahead in range(days)]
    hours: dict[int, list[tuple[int, dt.time, dt.time]]] = defaultdict(list)
    rows = WorkingHours.objects.using("default").filter(
        vet__in=vets, weekday__in={day.isoweekday() for day in calendar}
    )
    for weekday, vet_id, opens, closes in rows.values_list("weekday", "vet_id", "starts_at", "ends_at"):
        hours[weekday].append((vet_id, opens, closes))
    stretches: dict[int, list[Stretch]] = defaultdict(list)
    for day in calendar:
        for vet_id, opens, closes in sorted(hours[day.isoweekday()]):
            zone = vets[vet_id].branch.zone
            stretches[vet_id].append((moment_of(day, opens, zone), moment_of(day, closes, zone)))
    return _with_exceptions(stretches, vets, first, days)


def _with_exceptions(stretches, vets: dict[int, Veterinarian], first: dt.date, days: int) -> dict[int, list[Stretch]]:
    start = dt.datetime.combine(first, dt.time.min, dt.UTC) - dt.timedelta(days=1)
    touching = WorkingException.objects.using(DEFAULT_DB_ALIAS).touching(start, start + dt.timedelta(days=days + 2))
    exceptions = list(touching.of(vets)) if vets else []
    last = first + dt.timedelta(days=days)
    for vet in vets.values():
        mine = [each for each in exceptions if each.vet_id == vet.pk or each.branch_id == vet.branch_id]
        zone = vet.branch.zone
        extra = [(each.starts_at.astimezone(zone), each.ends_at.astimezone(zone)) for each in mine if each.opens]
        extra = [stretch for stretch in extra if first <= stretch[0].date() < last]
        closed = [(each.starts_at, each.ends_at) for each in mine if not each.opens]
        stretches[vet.pk] = unite(subtract(stretches.get(vet.pk, []), closed), extra)
    return stretches


def free_gaps(stretches: Mapping[int, list[Stretch]], now: dt.datetime) -> dict[int, list[Stretch]]:
    """Vet id → the parts of the stretches of work that no visit takes and that are not over yet. One query.

    PostgreSQL subtracts the visits: what comes back is as long as the gaps are many, not the visits.
    """
    work = [
        (vet_id, _next_step(now, opens), closes.astimezone(dt.UTC), opens.tzinfo)
        for vet_id, of_vet in stretches.items()
        for opens, closes in of_vet
        if closes > now
    ]
    gaps: dict[int, list[Stretch]] = defaultdict(list)
    work = [each for each in work if each[1] < each[2]]
    if not work:
        return gaps
    ids, starts, ends, _zones = (list(column) for column in zip(*work, strict=True))
    zones = {vet_id: zone for vet_id, _start, _end, zone in work}
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        holding = [int(status) for status in AppointmentStatus.holding_a_slot()]
        cursor.execute(GAPS, [ids, starts, ends, ids, min(starts) - LONGEST_VISIT, max(ends), holding])
        for vet_id, start, end in cursor.fetchall():
            gaps[vet_id].append((start.astimezone(zones[vet_id]), end.astimezone(zones[vet_id])))
    return gaps


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


def free_slots_of_day(vets: Iterable[Veterinarian], day: dt.date, minutes: int, now: dt.datetime) -> list[Slot]:
    """Every slot of a day that can be booked, in order of time. Two queries, whatever the number of vets."""
    return free_slots_of_days(vets, day, 1, minutes, now)


def free_slots_of_days(
    vets: Iterable[Veterinarian], first: dt.date, days: int, minutes: int, now: dt.datetime
) -> list[Slot]:
    """Every slot of some days that can be booked, in order of time. Two queries, whatever the days and vets."""
    vets = list(vets)
    gaps = free_gaps(working_stretches(vets, first, days), now)
    slots = (slot for vet in vets for slot in free_slots(vet, gaps.get(vet.pk, []), minutes))
    return sorted(slots, key=lambda slot: (slot.start, slot.vet.last_name, slot.vet.pk))


def nearest_free_slots(
    vet: Veterinarian, wished: dt.datetime, minutes: int, now: dt.datetime, *, count: int = 3, days: int = 14
) -> list[Slot]:
    """The free times of a vet nearest to a wished one: of that day by distance, else the first of the next days."""
    day = wished.astimezone(vet.branch.zone).date()
    slots = free_slots_of_days([vet], day, days, minutes, now)
    slots.sort(key=lambda slot: (slot.start.date() - day, abs(slot.start - wished)))
    return sorted(slots[:count], key=lambda slot: slot.start)


def _next_step(now: dt.datetime, opens: dt.datetime) -> dt.datetime:
    """The first start that is not over, in UTC, on the grid that begins when the stretch opens."""
    start = opens.astimezone(dt.UTC)
    return start + STEP * max(0, (now - start) // STEP)
