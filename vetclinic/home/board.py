"""The day board as data: a lane for each vet, in it visits, free times and time off, placed by the clock.

Times are minutes since midnight on the branch's clock, counted by PostgreSQL: a full board has 700 visits, and each
datetime made in Python would cost more than the rest of its tile.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import connections, router

from clinic.availability import Closed, Stretch, working_time
from clinic.enums import AppointmentStatus, InvoiceStatus
from clinic.models import Appointment, Branch, Veterinarian
from vetclinic.home.grid import Free, Off, Span, Tile, minute_of, off_work, pieces, side_by_side

LOOK_AHEAD_DAYS = [range(1, 3), range(3, 15)]  # mostly somebody has time tomorrow
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


@dataclass
class Lane:
    """A vet's day."""

    vet: Veterinarian
    day: dt.date
    tiles: list[Tile] = field(default_factory=list)
    columns: dict[int, tuple[int, int]] = field(default_factory=dict)  # of tiles at one time: see side_by_side
    free: list[Free] = field(default_factory=list)
    gaps: list[Stretch] = field(default_factory=list)  # what is free, uncut
    off: list[Off] = field(default_factory=list)
    later: dt.datetime | None = None  # the first free time of the days to come, of a day that has none


@dataclass
class Board:
    day: dt.date  # the first of the days shown
    opens: int  # hours of the branch's clock that the board spans
    closes: int
    lanes: list[Lane]
    now: dt.datetime
    counts: Counter

    @cached_property
    def tiles(self) -> list[Tile]:
        return sorted((tile for lane in self.lanes for tile in lane.tiles), key=lambda tile: (tile.day, tile.start))

    @property
    def hours(self) -> range:
        return range(self.opens, self.closes)

    @property
    def minute(self) -> int:
        """The present minute of the day."""
        return minute_of(self.now)

    @property
    def shows_now(self) -> bool:
        return any(lane.day == self.now.date() for lane in self.lanes) and self.opens <= self.now.hour < self.closes

    @property
    def free_count(self) -> int:
        return sum(len(lane.free) for lane in self.lanes)

    def in_state(self, state: str) -> list[Tile]:
        return [tile for tile in self.tiles if tile.state == state]

    def waiting_minutes(self, tile: Tile) -> int:
        return max(0, int((self.now - tile.since).total_seconds() // 60)) if tile.since else 0


def day_board(
    *,
    branch: Branch,
    day: dt.date,
    now: dt.datetime,
    vets: list[Veterinarian] | None = None,
    moved: Appointment | None = None,
) -> Board:
    """The board of a branch's day, a lane a vet; of one who has left while there are visits. The same few queries,
    whatever the number of vets and visits, and one or two more when somebody has no free time that day.

    Visits come from wherever reads go; free times too (clinic.availability). `moved`: a visit that takes no time.
    """
    vets = vets_of(branch) if vets is None else vets
    board = _board([Lane(vet, day) for vet in vets], branch, day, 1, now, moved)
    board.lanes = [lane for lane in board.lanes if lane.vet.is_active or lane.tiles]
    _look_ahead(board, now)
    return board


def week_board(*, vet: Veterinarian, monday: dt.date, now: dt.datetime, moved: Appointment | None = None) -> Board:
    """The board of a vet's week, a lane a day."""
    lanes = [Lane(vet, monday + dt.timedelta(days=ahead)) for ahead in range(7)]
    return _board(lanes, vet.branch, monday, 7, now, moved)


def vets_of(branch: Branch) -> list[Veterinarian]:
    """Also those who have left: their visits were here."""
    vets = list(Veterinarian.objects.filter(branch=branch).in_board_order())
    for vet in vets:
        vet.branch = branch
    return vets


def _board(
    lanes: list[Lane], branch: Branch, first: dt.date, days: int, now: dt.datetime, moved: Appointment | None
) -> Board:
    vets = {lane.vet.pk: lane.vet for lane in lanes}
    tiles = _tiles(vets, branch, first, days)
    time = working_time([vet for vet in vets.values() if vet.is_active], first, days, now, without=moved)
    work, gaps = _by_lane(time.work, first), _gaps_by_lane(time.gaps, first)
    opens, closes = _window(work, tiles)
    for lane in lanes:
        key = lane.vet.pk, (lane.day - first).days
        lane.tiles, lane.gaps = tiles[key], gaps[key]
        lane.columns = side_by_side(lane.tiles)
        lane.free = [piece for gap in lane.gaps for piece in pieces(*gap)]
        lane.off = list(off_work(work[key], opens * 60, closes * 60, _closed(time.closed.get(lane.vet.pk, []), lane)))
    counts = Counter(tile.state for lane in lanes for tile in lane.tiles)
    return Board(first, opens, closes, lanes, now.astimezone(branch.zone), counts)


def _look_ahead(board: Board, now: dt.datetime) -> None:
    """Whose day is full is asked for on the phone too: when is the next time?"""
    full = [lane for lane in board.lanes if lane.vet.is_active and not lane.free]
    if board.day < board.now.date():
        return
    for days in LOOK_AHEAD_DAYS:
        searched = [lane for lane in full if lane.later is None]
        if searched:
            first = board.day + dt.timedelta(days=days.start)
            gaps = working_time([lane.vet for lane in searched], first, len(days), now).gaps
            for lane in searched:
                found = (piece for gap in gaps.get(lane.vet.pk, []) for piece in pieces(*gap))
                lane.later = next((piece.at for piece in found), None)


def _tiles(vets: Iterable[int], branch: Branch, first: dt.date, days: int) -> dict[tuple[int, int], list[Tile]]:
    """(vet id, day) → its visits in order, each with its invoice that is still to pay. One query, by hand for speed."""
    zone = branch.time_zone
    start = dt.datetime.combine(first, dt.time.min, branch.zone)
    end = dt.datetime.combine(first + dt.timedelta(days=days), dt.time.min, branch.zone)
    tiles: dict[tuple[int, int], list[Tile]] = defaultdict(list)
    with connections[router.db_for_read(Appointment)].cursor() as cursor:
        cursor.execute(TILES, {"zone": zone, "first": first, "start": start, "end": end, "vets": list(vets)})
        for row in cursor.fetchall():
            tiles[row[1], row[2]].append(Tile._make(row))
    return tiles


def _by_lane(stretches: dict[int, list[Stretch]], first: dt.date) -> dict[tuple[int, int], list[Span]]:
    """(vet id, day) → spans; what goes on until midnight ends at 24:00."""
    lanes: dict[tuple[int, int], list[Span]] = defaultdict(list)
    for vet_id, of_vet in stretches.items():
        for start, end in of_vet:
            until = minute_of(end) if end.date() == start.date() else 24 * 60
            lanes[vet_id, (start.date() - first).days].append(Span(minute_of(start), until))
    return lanes


def _gaps_by_lane(gaps: dict[int, list[Stretch]], first: dt.date) -> dict[tuple[int, int], list[Stretch]]:
    """(vet id, day) → what is free of it."""
    lanes: dict[tuple[int, int], list[Stretch]] = defaultdict(list)
    for vet_id, of_vet in gaps.items():
        for gap in of_vet:
            lanes[vet_id, (gap[0].date() - first).days].append(gap)
    return lanes


def _window(work: dict[Any, list[Span]], tiles: dict[Any, list[Tile]]) -> tuple[int, int]:
    """Full hours from the first opening (or visit) to the last closing."""
    spans = [span for of_lane in work.values() for span in of_lane]
    spans += [Span(tile.start, tile.start + tile.minutes) for of_lane in tiles.values() for tile in of_lane]
    if not spans:
        return 9, 18
    opens, closes = min(span.start for span in spans) // 60, -(-max(span.end for span in spans) // 60)
    return opens, max(min(closes, 24), opens + 1)


def _closed(exceptions: list[Closed], lane: Lane) -> list[Off]:
    """The parts of a lane's day in which its vet or branch is closed."""
    zone, closed = lane.vet.branch.zone, []
    for starts, ends, kind in exceptions:
        start, end = starts.astimezone(zone), ends.astimezone(zone)
        if start.date() <= lane.day <= end.date():
            first = minute_of(start) if start.date() == lane.day else 0
            closed.append(Off(first, minute_of(end) if end.date() == lane.day else 24 * 60, kind))
    return closed
