"""The day board as data: a lane for each vet, in it visits, free times and time off, placed by the clock."""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from billing.models import Invoice
from clinic.availability import Stretch, gaps, taken_times, working_stretches
from clinic.enums import AppointmentStatus, InvoiceStatus
from clinic.models import Appointment, Branch, Veterinarian

FREE_PIECE = dt.timedelta(minutes=30)
SHORTEST_FREE = dt.timedelta(minutes=15)
LATE_AFTER_MINUTES = 10  # who waits longer is shown as late
TO_PAY = "pay"
STATES = {
    AppointmentStatus.SCHEDULED: "booked",
    AppointmentStatus.CONFIRMED: "conf",
    AppointmentStatus.ARRIVED: "wait",
    AppointmentStatus.IN_PROGRESS: "in",
    AppointmentStatus.COMPLETED: "done",
    AppointmentStatus.NO_SHOW: "miss",
}
COLUMNS = (
    "id",
    "vet_id",
    "date",
    "ends_at",
    "status_id",
    "reason",
    "arrived_at",
    "started_at",
    "pet__name",
    "pet__species",
    "pet__pet_owner__last_name",
)


@dataclass(frozen=True)
class Tile:
    """A visit on the board. Times are on the branch's clock; `state` is a key of the look's st-* classes."""

    id: int
    vet: Veterinarian
    start: dt.datetime
    end: dt.datetime
    state: str
    pet: str
    species: str
    owner: str
    reason: str
    since: dt.datetime | None
    invoice: int | None
    to_pay: object | None

    @property
    def minutes(self) -> int:
        return minutes_between(self.start, self.end)


@dataclass
class Lane:
    """A vet's day. `free` and `off` are (start, end); `off` has a third part, true for a break inside the day."""

    vet: Veterinarian
    tiles: list[Tile] = field(default_factory=list)
    free: list[Stretch] = field(default_factory=list)
    off: list[tuple[dt.datetime, dt.datetime, bool]] = field(default_factory=list)


@dataclass
class Board:
    day: dt.date
    opens: int  # hours of the branch's clock that the board spans
    closes: int
    lanes: list[Lane]
    now: dt.datetime
    counts: Counter

    @property
    def tiles(self) -> list[Tile]:
        return sorted((tile for lane in self.lanes for tile in lane.tiles), key=lambda tile: tile.start)

    @property
    def hours(self) -> range:
        return range(self.opens, self.closes)

    @property
    def shows_now(self) -> bool:
        return self.now.date() == self.day and self.opens <= self.now.hour < self.closes

    @property
    def free_count(self) -> int:
        return sum(len(lane.free) for lane in self.lanes)

    def in_state(self, state: str) -> list[Tile]:
        return [tile for tile in self.tiles if tile.state == state]

    def waiting_minutes(self, tile: Tile) -> int:
        return max(0, minutes_between(tile.since, self.now)) if tile.since else 0


def day_board(*, branch: Branch, day: dt.date, now: dt.datetime) -> Board:
    """The board of a branch's day. Five queries, whatever the number of vets and visits.

    Visits come from wherever reads go; free times always from the primary (clinic.availability).
    """
    vets = list(Veterinarian.objects.working().filter(branch=branch).in_board_order())
    for vet in vets:
        vet.branch = branch
    tiles = _tiles(vets, branch, day)
    stretches, taken = working_stretches(vets, day), taken_times(vets, day)
    opens, closes = _window(stretches, tiles)
    lanes = []
    for vet in vets:
        hours = stretches.get(vet.pk, [])
        free = [piece for gap in gaps(hours, taken.get(vet.pk, []), now) for piece in _pieces(*gap)]
        lanes.append(Lane(vet, tiles[vet.pk], free, list(_off(hours, day, branch.zone, opens, closes))))
    counts = Counter(tile.state for lane in lanes for tile in lane.tiles)
    return Board(day, opens, closes, lanes, now.astimezone(branch.zone), counts)


def minutes_between(start: dt.datetime, end: dt.datetime) -> int:
    return int((end - start).total_seconds() // 60)


def _tiles(vets: list[Veterinarian], branch: Branch, day: dt.date) -> dict[int, list[Tile]]:
    start = dt.datetime.combine(day, dt.time.min, branch.zone)
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, branch.zone)
    by_id = {vet.pk: vet for vet in vets}
    rows = (
        Appointment.objects.between(start, end)
        .filter(vet__in=by_id)
        .exclude(status=AppointmentStatus.CANCELLED)
        .order_by("date", "id")
        .values_list(*COLUMNS)
    )
    bills = {
        visit: (invoice, amount)
        for visit, invoice, amount in Invoice.objects.filter(
            record__appointment__date__gte=start,
            record__appointment__date__lt=end,
            status__in=[InvoiceStatus.DRAFT, InvoiceStatus.ISSUED, InvoiceStatus.PART_PAID],
        )
        .with_balance()
        .values_list("record__appointment_id", "id", "balance")
    }
    tiles: dict[int, list[Tile]] = defaultdict(list)
    for pk, vet_id, begins, ends, status, reason, arrived, started, pet, species, owner in rows:
        invoice, to_pay = bills.get(pk, (None, None))
        state = TO_PAY if invoice else STATES[AppointmentStatus(status)]
        since = started if state == "in" else arrived
        tiles[vet_id].append(
            Tile(
                pk,
                by_id[vet_id],
                begins.astimezone(branch.zone),
                ends.astimezone(branch.zone),
                state,
                pet,
                species,
                owner or "",
                reason,
                since.astimezone(branch.zone) if since else None,
                invoice,
                to_pay,
            )
        )
    return tiles


def _window(stretches: dict[int, list[Stretch]], tiles: dict[int, list[Tile]]) -> tuple[int, int]:
    """Full hours from the first opening (or visit) to the last closing."""
    spans = [span for of_vet in stretches.values() for span in of_vet]
    spans += [(tile.start, tile.end) for of_vet in tiles.values() for tile in of_vet]
    if not spans:
        return 9, 18
    opens = min(start.hour for start, _end in spans)
    closes = max(end.hour + bool(end.minute) if end.date() == start.date() else 24 for start, end in spans)
    return opens, max(closes, opens + 1)


def _pieces(opens: dt.datetime, closes: dt.datetime):
    """A gap cut into half hours for the eye; what is shorter than a quarter is not offered."""
    start, end = opens.astimezone(dt.UTC), closes.astimezone(dt.UTC)
    while end - start >= SHORTEST_FREE:
        stop = end if end - start < FREE_PIECE + SHORTEST_FREE else start + FREE_PIECE
        yield start.astimezone(opens.tzinfo), stop.astimezone(opens.tzinfo)
        start = stop


def _off(hours: list[Stretch], day: dt.date, zone, opens: int, closes: int):
    """The parts of the window in which the vet does not work; the third value is true between two stretches."""
    midnight = dt.datetime.combine(day, dt.time.min, zone)
    cursor, last = midnight.replace(hour=opens), midnight.replace(hour=closes % 24) + dt.timedelta(days=closes // 24)
    for index, (start, end) in enumerate(hours):
        if start > cursor:
            yield cursor, start, index > 0
        cursor = max(cursor, end)
    if cursor < last:
        yield cursor, last, False
