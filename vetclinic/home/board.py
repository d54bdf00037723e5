"""The day board as data: a lane for each vet, in it visits, free times and time off, placed by the clock.

Times are minutes since midnight on the branch's clock, counted by PostgreSQL: a full board has 700 visits, and each
datetime made in Python would cost more than the rest of its tile.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from clinic.models import Appointment, Branch, Veterinarian
from clinic.timetable import gaps_of, working_time
from clinic.working_time import Stretch
from vetclinic.audit.kept import Look, look_into_log
from vetclinic.home.days import Days, days_of
from vetclinic.home.grid import Free, Off, Tile, minute_of, off_work, pieces

LOOK_AHEAD_DAYS = [range(1, 3), range(3, 15)]  # mostly somebody has time tomorrow


@dataclass
class Lane:
    """A vet's day, the `number`th of the days that are shown."""

    vet: Veterinarian
    day: dt.date
    number: int
    days: Days
    gaps: list[Stretch]  # what is free, uncut
    free: list[Free] = field(init=False)
    off: list[Off] = field(default_factory=list)
    later: dt.datetime | None = None  # the first free time of the days to come, of a day that has none

    def __post_init__(self):
        self.free = [piece for gap in self.gaps for piece in pieces(*gap)]

    @property
    def tiles(self) -> list[Tile]:
        return self.days.tiles.get(self.number, [])

    @property
    def columns(self) -> dict[int, tuple[int, int]]:
        """Visit id → its column, where visits stand at one time: see side_by_side."""
        return self.days.columns.get(self.number, {})


@dataclass
class Board:
    day: dt.date  # the first of the days shown
    opens: int  # hours of the branch's clock that the board spans
    closes: int
    lanes: list[Lane]
    now: dt.datetime
    counts: Counter

    @property
    def tiles(self) -> list[Tile]:
        return [tile for lane in self.lanes for tile in lane.tiles]

    @property
    def visit_count(self) -> int:
        return self.counts.total()

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
        """In order of time."""
        return sorted((tile for tile in self.tiles if tile.state == state), key=lambda tile: (tile.day, tile.start))

    def waiting_minutes(self, tile: Tile) -> int:
        return max(0, int((self.now - tile.since).total_seconds() // 60)) if tile.since else 0


def day_board(
    *,
    branch: Branch,
    day: dt.date,
    now: dt.datetime,
    vets: list[Veterinarian] | None = None,
    moved: Appointment | None = None,
    look: Look | None = None,
) -> Board:
    """The board of a branch's day, a lane a vet; of one who has left while there are visits. The same few queries,
    whatever the number of vets and visits, and one or two more when somebody has no free time that day.

    Visits come from wherever reads go; free times too (clinic.availability). `moved`: a visit that takes no time.
    """
    vets = vets_of(branch) if vets is None else vets
    days = days_of(look or look_into_log(), vets, branch, day, 1, moved=moved)
    board = _board([(vet, day) for vet in vets], days, branch, day, now)
    board.lanes = [lane for lane in board.lanes if lane.vet.is_active or lane.tiles]
    _look_ahead(board, now)
    return board


def week_board(
    *,
    vet: Veterinarian,
    monday: dt.date,
    now: dt.datetime,
    moved: Appointment | None = None,
    look: Look | None = None,
) -> Board:
    """The board of a vet's week, a lane a day."""
    days = days_of(look or look_into_log(), [vet], vet.branch, monday, 7, moved=moved)
    lanes = [(vet, monday + dt.timedelta(days=ahead)) for ahead in range(7)]
    return _board(lanes, days, vet.branch, monday, now)


def vets_of(branch: Branch) -> list[Veterinarian]:
    """Also those who have left: their visits were here."""
    vets = list(Veterinarian.objects.filter(branch=branch).in_board_order())
    for vet in vets:
        vet.branch = branch
    return vets


def _board(
    shown: list[tuple[Veterinarian, dt.date]], days: dict[int, Days], branch: Branch, first: dt.date, now: dt.datetime
) -> Board:
    lanes = []
    for vet, day in shown:
        of_vet, number = days[vet.pk], (day - first).days
        gaps = gaps_of(of_vet.work.get(number, []), of_vet.taken, now)
        lanes.append(Lane(vet, day, number, of_vet, gaps))
    opens, closes = _window(days.values())
    for lane in lanes:
        work = lane.days.spans.get(lane.number, [])
        lane.off = list(off_work(work, opens * 60, closes * 60, _closed(lane)))
    counts = sum((of_vet.counts for of_vet in days.values()), Counter())
    return Board(first, opens, closes, lanes, now.astimezone(branch.zone), counts)


def _look_ahead(board: Board, now: dt.datetime) -> None:
    """Whose day is full is asked for on the phone too: when is the next time?"""
    if board.day < board.now.date():
        return
    full = [lane for lane in board.lanes if lane.vet.is_active and not lane.free]
    found: dict[int, dt.datetime | None] = {}
    for days in LOOK_AHEAD_DAYS:
        vets = [lane.vet for lane in full if lane.days.ahead is None and found.get(lane.vet.pk) is None]
        if vets:
            free = working_time(vets, board.day + dt.timedelta(days=days.start), len(days)).gaps(now)
            found |= {vet.pk: _first_piece(free.get(vet.pk, [])) for vet in vets}
    for lane in full:
        if lane.days.ahead is None:
            lane.days.ahead = (found[lane.vet.pk],)  # at once: other requests see it, too
        (lane.later,) = lane.days.ahead


def _first_piece(gaps: list[Stretch]) -> dt.datetime | None:
    return next((piece.at for gap in gaps for piece in pieces(*gap)), None)


def _window(days: Iterable[Days]) -> tuple[int, int]:
    """Full hours from the first opening (or visit) to the last closing."""
    minutes = [minute for of_vet in days for minute in of_vet.window]
    if not minutes:
        return 9, 18
    opens, closes = min(minutes) // 60, -(-max(minutes) // 60)
    return opens, max(min(closes, 24), opens + 1)


def _closed(lane: Lane) -> list[Off]:
    """The parts of a lane's day in which its vet or branch is closed."""
    zone, closed = lane.vet.branch.zone, []
    for starts, ends, kind in lane.days.closed:
        start, end = starts.astimezone(zone), ends.astimezone(zone)
        if start.date() <= lane.day <= end.date():
            first = minute_of(start) if start.date() == lane.day else 0
            closed.append(Off(first, minute_of(end) if end.date() == lane.day else 24 * 60, kind))
    return closed
