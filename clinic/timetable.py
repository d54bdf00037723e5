"""When vets work and what visits take of it: for a page of one moment, for a booking from the primary."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.db import connections, router

from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Veterinarian, WorkingException
from clinic.working_time import Stretch, moment_of, subtract, unite

STEP = dt.timedelta(minutes=15)
LONGEST_VISIT = dt.timedelta(days=1)  # what began earlier is over: the index on the start finds the rest
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


def working_stretches(vets: Iterable[Veterinarian], first: dt.date, days: int = 1) -> dict[int, list[Stretch]]:
    """Vet id → (start, end) of every stretch of work on `days` days, on the clock of the vet's branch, in order.

    The week's hours without leave, holidays and blocked times, with additional hours; stretches that touch are one.
    One query.
    """
    known = _by_id(vets)
    return _work(known, first, days, _Written(_ask(WEEK, known, first, days)))


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
    written = _Written(rows)
    closed = {vet.pk: written.closed(vet) for vet in known.values()}
    return WorkingTime(_work(known, first, days, written), taken, closed)


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


class _Written:
    """Hours of the week and exceptions, by those whom they are for."""

    def __init__(self, rows: Iterable[_Row]):
        self.hours: dict[tuple[int, int], list[tuple[dt.time, dt.time]]] = defaultdict(list)  # (vet, weekday) →
        self._of_vets: dict[int, list[_Row]] = defaultdict(list)
        self._of_branches: dict[int, list[_Row]] = defaultdict(list)
        for row in rows:
            if row.vet_id and row.weekday:
                self.hours[row.vet_id, row.weekday].append((row.opens, row.closes))
            elif row.vet_id:
                self._of_vets[row.vet_id].append(row)
            elif row.branch_id:
                self._of_branches[row.branch_id].append(row)

    def closed(self, vet: Veterinarian) -> list[Closed]:
        return [Closed(each.starts, each.ends, each.kind) for each in self._exceptions(vet) if each.kind in CLOSING]

    def additional(self, vet: Veterinarian, calendar: list[dt.date]) -> list[Stretch]:
        """Additional hours that begin on these days."""
        zone, mine = vet.branch.zone, (each for each in self._exceptions(vet) if each.kind == Kind.EXTRA)
        stretches = ((each.starts.astimezone(zone), each.ends.astimezone(zone)) for each in mine)
        return [stretch for stretch in stretches if calendar[0] <= stretch[0].date() <= calendar[-1]]

    def _exceptions(self, vet: Veterinarian) -> list[_Row]:
        return self._of_vets.get(vet.pk, []) + self._of_branches.get(vet.branch_id, [])


def _work(vets: dict[int, Veterinarian], first: dt.date, days: int, written: _Written) -> dict[int, list[Stretch]]:
    calendar = [first + dt.timedelta(days=ahead) for ahead in range(days)]
    work = {}
    for vet in vets.values():
        zone = vet.branch.zone
        weekly = [
            (moment_of(day, opens, zone), moment_of(day, closes, zone))
            for day in calendar
            for opens, closes in sorted(written.hours.get((vet.pk, day.isoweekday()), []))
        ]
        closed = [(each.starts, each.ends) for each in written.closed(vet)]
        work[vet.pk] = unite(subtract(weekly, closed), written.additional(vet, calendar))
    return work


def _next_step(now: dt.datetime, opens: dt.datetime) -> dt.datetime:
    """The first start that is not over, on the grid that begins when the stretch opens."""
    start = opens.astimezone(dt.UTC)
    return (start + STEP * max(0, (now - start) // STEP)).astimezone(opens.tzinfo)
