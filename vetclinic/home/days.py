"""A vet's days as the database has them, and what a process keeps of the days that its boards have shown.

After a booking one lane of twelve has changed. Which one, the log of changes says; the others are as they were read.
"""

import datetime as dt
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from django.db import connections, router

from clinic.availability import Closed, Stretch, working_time
from clinic.enums import AppointmentStatus, InvoiceStatus
from clinic.models import Appointment, Branch, Veterinarian
from vetclinic.audit.newest import Changed, Moment, changes_since
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


# Of the tables with a log, those of which no board shows anything. A record shows that there is something to pay, but
# only through its invoice.
NOT_SHOWN = frozenset(
    {
        "app_user",
        "attachment",
        "measurement",
        "medical_record",
        "pet_alert",
        "price_change",
        "price_change_line",
        "record_addendum",
        "record_template",
        "service",
        "till_count",
        "treatment",
        "vaccination",
        "vaccine_kind",
        "waiting_entry",
    }
)
NOT_YET_SHOWN = frozenset({"pet", "pet_owner"})  # when added: a visit of theirs comes later, and is a change itself
KEPT_S = 60.0  # what changed without the log (a table that was loaded) is seen after a minute at most
MOST = 128  # vets' days that a process keeps: ten full boards


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
    window: list[int] = field(init=False)  # all minutes at which something begins or ends
    looked_ahead: bool = False
    later: dt.datetime | None = None  # the first free time of the days that follow, once somebody has looked
    drawn: dict[Any, str] = field(default_factory=dict)  # lanes as HTML: see vetclinic.home.cells

    def __post_init__(self):
        self.columns = {day: side_by_side(tiles) for day, tiles in self.tiles.items()}
        self.spans = {day: [_span(*stretch) for stretch in work] for day, work in self.work.items()}
        self.counts = Counter(tile.state for tiles in self.tiles.values() for tile in tiles)
        spans = [span for spans in self.spans.values() for span in spans]
        spans += [Span(tile.start, tile.start + tile.minutes) for tiles in self.tiles.values() for tile in tiles]
        self.window = [min(span.start for span in spans), max(span.end for span in spans)] if spans else []


Key = tuple[str, int, str, dt.date, int]  # alias, vet, time zone, first day, days


@dataclass(frozen=True)
class _Kept:
    days: Days
    as_of: Moment
    read_at: float  # by monotonic()


_kept: dict[Key, _Kept] = {}
_lock = threading.Lock()


def days_of(
    vets: list[Veterinarian], branch: Branch, first: dt.date, count: int, *, moved: Appointment | None = None
) -> dict[int, Days]:
    """Vet id → `count` days from `first` on the branch's clock: as they were kept, where nothing has changed since.

    `moved`: a visit that takes no time, for this once.
    """
    if moved:
        return _read(vets, branch, first, count, moved)
    alias = router.db_for_read(Appointment)
    keys = {vet.pk: (alias, vet.pk, branch.time_zone, first, count) for vet in vets}
    found = _known(keys)
    oldest = min((kept.as_of for kept in found.values()), default=None)
    now, changes = changes_since(alias, oldest, without=NOT_SHOWN)
    found = {vet_id: each for vet_id, each in found.items() if now and each.as_of.server == now.server}
    changed = set(found) if changes is None else _vets_of(changes, found)
    kept = {vet_id: each.days for vet_id, each in found.items() if vet_id not in changed}
    anew = _read([vet for vet in vets if vet.pk not in kept], branch, first, count)
    if now:
        _keep(keys, found, kept, anew, now)
    return kept | anew


def forget_days() -> None:
    """Read everything anew."""
    _kept.clear()


def _known(keys: dict[int, Key]) -> dict[int, _Kept]:
    fresh = monotonic() - KEPT_S
    found = {vet_id: _kept.get(key) for vet_id, key in keys.items()}
    return {vet_id: kept for vet_id, kept in found.items() if kept and kept.read_at > fresh}


def _keep(
    keys: dict[int, Key], found: dict[int, _Kept], kept: dict[int, Days], anew: dict[int, Days], now: Moment
) -> None:
    """All of it holds as of `now`. What has not been asked for longest goes."""
    read_at = monotonic()
    entries = {vet_id: _Kept(days, now, found[vet_id].read_at) for vet_id, days in kept.items()}
    entries |= {vet_id: _Kept(days, now, read_at) for vet_id, days in anew.items()}
    with _lock:
        for vet_id, entry in entries.items():
            _kept.pop(keys[vet_id], None)
            _kept[keys[vet_id]] = entry
        for key in list(_kept)[: max(0, len(_kept) - MOST)]:
            del _kept[key]


def _vets_of(changes: list[Changed], found: dict[int, _Kept]) -> set[int]:
    """Whose days may have changed; everybody's, unless only visits have."""
    if any(_is_shown(change) for change in changes if change.table != "appointment"):
        return set(found)
    rows = [change for change in changes if change.table == "appointment"]
    vets = {values["vet_id"] for row in rows for values in (row.before, row.after) if values and "vet_id" in values}
    with_whom = {
        tile.id: vet_id for vet_id, kept in found.items() for tiles in kept.days.tiles.values() for tile in tiles
    }
    ids = {row.row_id for row in rows}
    unknown = ids - with_whom.keys()  # cancelled before, or of another day
    if unknown:
        vets.update(Appointment.objects.filter(pk__in=unknown).values_list("vet_id", flat=True))
    return vets | {with_whom[pk] for pk in ids - unknown}


def _is_shown(change: Changed) -> bool:
    return not (change.operation == "INSERT" and change.table in NOT_YET_SHOWN)


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
