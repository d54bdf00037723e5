"""When a vet works and when a vet is free: for a page of one moment with its visits, for a booking from the primary."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connections, router

from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Veterinarian, WorkingException
from clinic.slots import slot_value
from clinic.working_time import holds, moment_of, subtract, unite

STEP = dt.timedelta(minutes=15)
LONGEST_VISIT = dt.timedelta(days=1)  # what began earlier is over: the index on the start finds the rest
Stretch = tuple[dt.datetime, dt.datetime]
Kind = WorkingException.Kind
CLOSING = {Kind.LEAVE, Kind.HOLIDAY, Kind.BLOCK}
TAKEN_KIND = "taken"

# Hours of the week, exceptions, and times that visits take (those that touch as one), in one answer.
WEEK = """
    SELECT vet_id, NULL::int AS branch_id, weekday, starts_at AS opens, ends_at AS closes,
        NULL AS kind, NULL::timestamptz AS starts, NULL::timestamptz AS ends
    FROM working_hours WHERE vet_id = ANY(%(vets)s) AND weekday = ANY(%(weekdays)s)
    UNION ALL
    SELECT vet_id, branch_id, NULL, NULL, NULL, kind, starts_at, ends_at
    FROM working_exception
    WHERE (vet_id = ANY(%(vets)s) OR branch_id = ANY(%(branches)s)) AND starts_at < %(until)s AND ends_at > %(since)s
"""
TAKEN = """
    UNION ALL
    SELECT vet_id, NULL, NULL, NULL, NULL, 'taken', lower(visit), upper(visit)
    FROM (SELECT vet_id, unnest(range_agg(tstzrange(date, ends_at))) AS visit FROM appointment
          WHERE vet_id = ANY(%(vets)s) AND date >= %(earliest)s AND ends_at > %(since)s
          AND date < GREATEST(%(until)s, (  -- additional hours may go on past the last midnight
              SELECT max(ends_at) FROM working_exception
              WHERE (vet_id = ANY(%(vets)s) OR branch_id = ANY(%(branches)s)) AND kind = 'extra'
              AND starts_at < %(until)s AND ends_at > %(until)s))
          AND status_id = ANY(%(holding)s) AND NOT squeezed_in AND id <> %(without)s GROUP BY vet_id) AS visits
"""


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


def working_stretches(vets: Iterable[Veterinarian], first: dt.date, days: int = 1) -> dict[int, list[Stretch]]:
    """Vet id → (start, end) of every stretch of work on `days` days, on the clock of the vet's branch, in order.

    The week's hours without leave, holidays and blocked times, with additional hours; stretches that touch are one.
    One query.
    """
    known = _by_id(vets)
    return _work(known, first, days, _ask(WEEK, known, first, days))


class Closed(NamedTuple):
    """[starts, ends) in which a vet does not work though the week says so; `kind` is WorkingException's."""

    starts: dt.datetime
    ends: dt.datetime
    kind: str


class WorkingTime(NamedTuple):
    """By vet id: stretches of work, what visits take of them, and what is closed."""

    work: dict[int, list[Stretch]]
    taken: dict[int, list[Stretch]]
    closed: dict[int, list[Closed]]

    def gaps(self, now: dt.datetime) -> dict[int, list[Stretch]]:
        """The parts of work that no visit takes and that are not over yet, by vet id."""
        return {vet_id: gaps_of(of_vet, self.taken.get(vet_id, []), now) for vet_id, of_vet in self.work.items()}


def gaps_of(work: Iterable[Stretch], taken: Iterable[Stretch], now: dt.datetime) -> list[Stretch]:
    """What is left of one vet's work: it begins on a step of the clock that is not over yet."""
    coming = [(_next_step(now, opens), closes) for opens, closes in work if closes > now]
    return subtract(coming, taken)


def working_time(
    vets: Iterable[Veterinarian], first: dt.date, days: int, *, without: Appointment | None = None
) -> WorkingTime:
    """Work as above, and what takes it. `without`: a visit that is about to move takes no time. One query."""
    known = _by_id(vets)
    rows = _ask(WEEK + TAKEN, known, first, days, without)
    taken: dict[int, list[Stretch]] = defaultdict(list)
    for row in rows:
        if row.kind == TAKEN_KIND and row.vet_id:
            taken[row.vet_id].append((row.starts, row.ends))
    closed = {vet.pk: _closed(vet, rows) for vet in known.values()}
    return WorkingTime(_work(known, first, days, rows), taken, closed)


class _Row(NamedTuple):
    """Of WEEK and TAKEN: hours of the week when it has a weekday, else an exception or a time that visits take."""

    vet_id: int | None
    branch_id: int | None
    weekday: int | None
    opens: dt.time
    closes: dt.time
    kind: str | None
    starts: dt.datetime
    ends: dt.datetime


def _by_id(vets: Iterable[Veterinarian]) -> dict[int, Veterinarian]:
    return {vet.pk: vet for vet in vets if vet.branch_id}


def _ask(
    query: str, vets: dict[int, Veterinarian], first: dt.date, days: int, without: Appointment | None = None
) -> list[_Row]:
    """What touches these days, on the clock of any of the vets."""
    zones = {vet.branch.zone for vet in vets.values()} or {dt.UTC}
    last = first + dt.timedelta(days=days)
    since = min(dt.datetime.combine(first, dt.time.min, zone).astimezone(dt.UTC) for zone in zones)
    values = {
        "vets": list(vets),
        "branches": list({vet.branch_id for vet in vets.values()}),
        "weekdays": list({(first + dt.timedelta(days=ahead)).isoweekday() for ahead in range(min(days, 7))}),
        "earliest": since - LONGEST_VISIT,
        "since": since,
        "until": max(dt.datetime.combine(last, dt.time.min, zone).astimezone(dt.UTC) for zone in zones),
        "holding": [int(status) for status in AppointmentStatus.holding_a_slot()],
        "without": without.pk if without else 0,
    }
    with connections[router.db_for_read(Appointment)].cursor() as cursor:
        cursor.execute(query, values)
        return [_Row._make(row) for row in cursor.fetchall()]


def _work(vets: dict[int, Veterinarian], first: dt.date, days: int, rows: list[_Row]) -> dict[int, list[Stretch]]:
    hours: dict[tuple[int, int], list[tuple[dt.time, dt.time]]] = defaultdict(list)
    for row in rows:
        if row.vet_id and row.weekday:
            hours[row.vet_id, row.weekday].append((row.opens, row.closes))
    calendar = [first + dt.timedelta(days=ahead) for ahead in range(days)]
    work = {}
    for vet in vets.values():
        zone = vet.branch.zone
        written = [
            (moment_of(day, opens, zone), moment_of(day, closes, zone))
            for day in calendar
            for opens, closes in sorted(hours[vet.pk, day.isoweekday()])
        ]
        closed = [(each.starts, each.ends) for each in _closed(vet, rows)]
        work[vet.pk] = unite(subtract(written, closed), _extra(vet, rows, calendar))
    return work


def _closed(vet: Veterinarian, rows: list[_Row]) -> list[Closed]:
    exceptions = (each for each in rows if each.kind in CLOSING)
    return [Closed(each.starts, each.ends, each.kind) for each in exceptions if _is_of(each, vet)]


def _extra(vet: Veterinarian, rows: list[_Row], calendar: list[dt.date]) -> list[Stretch]:
    """Additional hours that begin on these days."""
    zone, mine = vet.branch.zone, (each for each in rows if each.kind == Kind.EXTRA and _is_of(each, vet))
    extra = ((each.starts.astimezone(zone), each.ends.astimezone(zone)) for each in mine)
    return [stretch for stretch in extra if calendar[0] <= stretch[0].date() <= calendar[-1]]


def _is_of(exception: _Row, vet: Veterinarian) -> bool:
    return exception.vet_id == vet.pk or exception.branch_id == vet.branch_id


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


def _next_step(now: dt.datetime, opens: dt.datetime) -> dt.datetime:
    """The first start that is not over, on the grid that begins when the stretch opens."""
    start = opens.astimezone(dt.UTC)
    return (start + STEP * max(0, (now - start) // STEP)).astimezone(opens.tzinfo)
