"""What stands on the grid of the board, and where: visits, free times and time off, in minutes of a day's clock."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

FREE_PIECE, SHORTEST_FREE = dt.timedelta(minutes=30), dt.timedelta(minutes=15)
ROW = 5  # minutes of the grid (static/css/board-grid.css)
CLOCK = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(24 * 60)]


class Span(NamedTuple):
    """[start, end) in minutes since midnight."""

    start: int
    end: int


class Free(NamedTuple):
    """A piece of free time: where it is drawn, and when it begins."""

    start: int
    end: int
    at: dt.datetime


class Off(NamedTuple):
    start: int
    end: int
    kind: str  # "break" between two stretches of work, "off" shift, or a kind of WorkingException


class Tile(NamedTuple):
    """A visit on the board, as TILES selects it. `state`: a key of the look's st-* classes. `since`: it began to wait,
    or was let in.
    """

    id: int
    vet_id: int
    day: int  # of the days shown, from 0
    start: int
    minutes: int
    state: str
    reason: str
    squeezed_in: bool
    since: dt.datetime | None
    pet: str
    species: str
    owner: str
    invoice: int | None
    to_pay: Any

    @property
    def clock(self) -> str:
        return CLOCK[self.start]


def minute_of(moment: dt.datetime) -> int:
    return moment.hour * 60 + moment.minute


def pieces(opens: dt.datetime, closes: dt.datetime) -> Iterator[Free]:
    """A gap cut into half hours for the eye; what is shorter than a quarter is not offered.

    Cut in real time, as clinic.availability does: an hour that a clock change leaves out is not there, and one that it
    repeats is offered once.
    """
    start, end = opens.astimezone(dt.UTC), closes.astimezone(dt.UTC)
    while end - start >= SHORTEST_FREE:
        stop = end if end - start < FREE_PIECE + SHORTEST_FREE else start + FREE_PIECE
        local = start.astimezone(opens.tzinfo)
        if not local.fold:
            minute = minute_of(local)
            yield Free(minute, minute + int((stop - start).total_seconds() // 60), local)
        start = stop


def side_by_side(tiles: list[Tile]) -> dict[int, tuple[int, int]]:
    """Visit id → its column from 0, and of how many, where visits stand at one time: one was squeezed in."""
    columns: dict[int, tuple[int, int]] = {}
    group: list[tuple[Tile, int]] = []
    ends: list[int] = []  # of the columns of the group, in minutes
    latest = 0
    for tile in tiles:
        start, end = tile.start // ROW * ROW, -(-(tile.start + tile.minutes) // ROW) * ROW
        if start >= latest:
            columns |= _columns(group, len(ends))
            group, ends = [(tile, 0)], [end]
        else:
            column = next((number for number, until in enumerate(ends) if until <= start), len(ends))
            ends[column : column + 1] = [end]
            group.append((tile, column))
        latest = max(latest, end)
    return columns | _columns(group, len(ends))


def _columns(group: list[tuple[Tile, int]], of: int) -> dict[int, tuple[int, int]]:
    return {tile.id: (column, of) for tile, column in group} if of > 1 else {}


def off_work(hours: list[Span], opens: int, closes: int, closed: list[Off]) -> Iterator[Off]:
    """The parts of the window in which the vet does not work, and why."""
    cursor = opens
    for index, (start, end) in enumerate([*hours, Span(closes, closes)]):
        if start > cursor:
            between = 0 < index < len(hours)
            yield from _reasons(Off(cursor, start, "break" if between else "off"), closed)
        cursor = max(cursor, end)


def _reasons(off: Off, closed: list[Off]) -> Iterator[Off]:
    """A part cut where a reason to be closed begins and ends."""
    cursor = off.start
    for start, end, kind in sorted(closed):
        start, end = max(start, cursor), min(end, off.end)
        if start < end:
            if start > cursor:
                yield Off(cursor, start, off.kind)
            yield Off(start, end, kind)
            cursor = end
    if cursor < off.end:
        yield Off(cursor, off.end, off.kind)
