"""A vet's days as the database has them. After a booking one lane of twelve has changed: the others are kept."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connections, router

from clinic.enums import AppointmentStatus, InvoiceStatus
from clinic.models import Appointment, Branch, Veterinarian
from clinic.timetable import Closed, working_time
from clinic.working_time import Stretch
from vetclinic.audit.kept import Look, Shelf
from vetclinic.audit.newest import Changed
from vetclinic.home.grid import Span, Tile, minute_of, side_by_side

TO_PAY = "pay"
STATES = {
    AppointmentStatus.SCHEDULED: "booked",
    AppointmentStatus.CONFIRMED: "conf",
    AppointmentStatus.ARRIVED: "wait",
    AppointmentStatus.IN_PROGRESS: "in",
    AppointmentStatus.COMPLETED: "done",
    AppointmentStatus.NO_SHOW: "miss",
}
STATE_CASES = " ".join(f"WHEN visit.status_id = {status} THEN '{state}'" for status, state in STATES.items())
TILES = f"""
    SELECT visit.id, visit.vet_id, timezone(%(zone)s, visit.date)::date - %(first)s,
        EXTRACT(EPOCH FROM timezone(%(zone)s, visit.date)::time)::int / 60,
        EXTRACT(EPOCH FROM ends_at - visit.date)::int / 60,
        CASE WHEN invoice.id IS NOT NULL THEN '{TO_PAY}' {STATE_CASES} END, reason, squeezed_in,
        CASE visit.status_id WHEN {AppointmentStatus.ARRIVED} THEN arrived_at
                             WHEN {AppointmentStatus.IN_PROGRESS} THEN started_at END,
        pet.name, pet.species, COALESCE(last_name, ''), invoice.id,
        CASE WHEN invoice.id IS NOT NULL
            THEN invoice.amount - invoice_credited(invoice.id) - invoice_paid(invoice.id) END
    FROM appointment visit JOIN pet ON pet.id = pet_id LEFT JOIN pet_owner ON pet_owner.id = pet.pet_owner_id
    LEFT JOIN medical_record record  -- looked for where there may be an invoice
        ON record.appointment_id = CASE visit.status_id WHEN {AppointmentStatus.COMPLETED} THEN visit.id END
    LEFT JOIN invoice ON invoice.record_id = record.id
        AND invoice.status_id IN ({InvoiceStatus.DRAFT}, {InvoiceStatus.ISSUED}, {InvoiceStatus.PART_PAID})
    WHERE visit.date >= %(start)s AND visit.date < %(end)s AND visit.vet_id = ANY(%(vets)s)
        AND visit.status_id <> {AppointmentStatus.CANCELLED}
    ORDER BY visit.date, visit.id
"""  # noqa: S608 (numbers of our own)


NOT_SHOWN = frozenset({"service", "specialization", "waiting_entry"})  # by days; see UNWATCHED too
NOT_YET_SHOWN = frozenset({"pet", "pet_owner"})  # when added: a visit of theirs comes later, and is a change itself


@dataclass(eq=False)  # another one after each change: whatever was made of it is found by it
class Days:
    """A vet's days of one board, each by its number from 0."""

    tiles: dict[int, list[Tile]]
    work: dict[int, list[Stretch]]
    taken: list[Stretch]
    closed: list[Closed]
    columns: dict[int, dict[int, tuple[int, int]]] = field(init=False)  # of visits at one time: see side_by_side
    spans: dict[int, list[Span]] = field(init=False)  # of work, on the branch's clock
    counts: Counter[str] = field(init=False)  # of states
    window: list[int] = field(init=False)  # the first minute at which something begins, and the last
    ahead: tuple[dt.datetime | None] | None = None  # the first free time of the days after these, once looked for
    drawn: dict[Any, str] = field(default_factory=dict)  # lanes as HTML: see vetclinic.home.cells

    def __post_init__(self):
        self.columns = {day: side_by_side(tiles) for day, tiles in self.tiles.items()}
        self.spans = {day: [_span(*stretch) for stretch in work] for day, work in self.work.items()}
        self.counts = Counter(tile.state for tiles in self.tiles.values() for tile in tiles)
        spans = [span for spans in self.spans.values() for span in spans]
        spans += [Span(tile.start, tile.start + tile.minutes) for tiles in self.tiles.values() for tile in tiles]
        self.window = [min(span.start for span in spans), max(span.end for span in spans)] if spans else []


class Key(NamedTuple):
    vet_id: int
    zone: str
    first: dt.date
    count: int


def days_of(
    look: Look,
    vets: list[Veterinarian],
    branch: Branch,
    first: dt.date,
    count: int,
    *,
    moved: Appointment | None = None,
) -> dict[int, Days]:
    """Vet id → `count` days from `first` on the branch's clock. `moved`: a visit that takes no time, for this once."""
    if moved:
        return _read(vets, branch, first, count, moved)
    keys = {vet.pk: Key(vet.pk, branch.time_zone, first, count) for vet in vets}
    found = _kept.found(look, keys.values())
    anew = _read([vet for vet in vets if keys[vet.pk] not in found], branch, first, count)
    _kept.keep(look, {keys[vet_id]: days for vet_id, days in anew.items()})
    return {key.vet_id: days for key, days in found.items()} | anew


def _stale(changes: list[Changed], kept: Mapping[Key, Days]) -> Iterable[Key]:
    """All days of whoever has or had a visit that has changed; everybody's, unless only visits have."""
    if any(_is_shown(change) for change in changes if change.table != "appointment"):
        return kept
    rows = [change for change in changes if change.table == "appointment"]
    vets = {values["vet_id"] for row in rows for values in (row.before, row.after) if values and "vet_id" in values}
    with_whom = {tile.id: tile.vet_id for days in kept.values() for tiles in days.tiles.values() for tile in tiles}
    vets |= {with_whom[row.row_id] for row in rows if row.row_id in with_whom}
    elsewhere = {row.row_id for row in rows} - with_whom.keys()  # cancelled before, or of a day that is not kept
    if elsewhere:
        vets.update(Appointment.objects.filter(pk__in=elsewhere).values_list("vet_id", flat=True))
    return [key for key in kept if key.vet_id in vets]


def _is_shown(change: Changed) -> bool:
    is_new = change.operation == "INSERT" and change.table in NOT_YET_SHOWN
    return not is_new and change.table not in NOT_SHOWN


_kept: Shelf[Key, Days] = Shelf(most=128, stale=_stale)  # ten full boards


def _read(
    vets: list[Veterinarian], branch: Branch, first: dt.date, count: int, moved: Appointment | None = None
) -> dict[int, Days]:
    """Two queries, whatever the number of vets and visits."""
    if not vets:
        return {}
    tiles = _tiles([vet.pk for vet in vets], branch, first, count)
    time = working_time([vet for vet in vets if vet.is_active], first, count, without=moved)
    return {
        vet.pk: Days(
            tiles.get(vet.pk, {}),
            _by_day(time.work.get(vet.pk, []), first),
            time.taken.get(vet.pk, []),
            time.closed.get(vet.pk, []),
        )
        for vet in vets
    }


def _tiles(vets: list[int], branch: Branch, first: dt.date, count: int) -> dict[int, dict[int, list[Tile]]]:
    """Vet id → day → its visits in order, each with its invoice that is still to pay. By hand, for speed."""
    asked = {
        "zone": branch.time_zone,
        "first": first,
        "start": dt.datetime.combine(first, dt.time.min, branch.zone),
        "end": dt.datetime.combine(first + dt.timedelta(days=count), dt.time.min, branch.zone),
        "vets": vets,
    }
    tiles: dict[int, dict[int, list[Tile]]] = defaultdict(lambda: defaultdict(list))
    with connections[router.db_for_read(Appointment)].cursor() as cursor:
        cursor.execute(TILES, asked)
        for row in cursor.fetchall():
            tile = Tile._make(row)
            tiles[tile.vet_id][tile.day].append(tile)
    return tiles


def _by_day(stretches: list[Stretch], first: dt.date) -> dict[int, list[Stretch]]:
    days: dict[int, list[Stretch]] = defaultdict(list)
    for stretch in stretches:
        days[(stretch[0].date() - first).days].append(stretch)
    return days


def _span(opens: dt.datetime, closes: dt.datetime) -> Span:
    """What goes on until midnight ends at 24:00."""
    return Span(minute_of(opens), minute_of(closes) if closes.date() == opens.date() else 24 * 60)
