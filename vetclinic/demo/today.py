"""How far today is: who has been, who has to pay, who is with a vet, who waits, who is still expected."""

from collections import defaultdict
from enum import Enum, auto

from vetclinic.demo.days import Booking

EARLIEST, LATEST = 11 * 60 + 30, 17 * 60  # at night the board shows the day as it will be, or was, about then
AT_ONCE = 2  # with a vet in each branch, and as many again waiting
TO_PAY = 3


class Stage(Enum):
    EXPECTED = auto()
    CANCELLED = auto()
    NO_SHOW = auto()
    WAITING = auto()
    WITH_VET = auto()
    DRAFTED = auto()  # the visit is over, its invoice a draft
    BILLED = auto()  # the invoice is issued and unpaid
    SETTLED = auto()  # over and, as a rule, paid


class Today:
    """`now` is in minutes of the branches' day; `moment` the one that the board tells of."""

    def __init__(self, now: float):
        self.now, self.moment = now, min(max(now, EARLIEST), LATEST)

    def stages(self, bookings: list[Booking]) -> dict[Booking, Stage]:
        by_branch = defaultdict(list)
        for booking in bookings:
            by_branch[booking.vet.branch].append(booking)
        return {booking: stage for own in by_branch.values() for booking, stage in self._of_branch(own).items()}

    def _of_branch(self, bookings: list[Booking]) -> dict[Booking, Stage]:
        begun = [booking for booking in bookings if booking.start <= self.moment]
        ahead = [booking for booking in bookings if booking.start > self.moment]
        stages = dict.fromkeys(ahead, Stage.EXPECTED)
        for booking in _one_a_vet(ahead):
            stages[booking] = Stage.WAITING
        for booking in begun:
            stages[booking] = Stage.SETTLED if booking.end <= self.moment else Stage.WAITING
        for booking in _one_a_vet(reversed(begun)):
            stages[booking] = Stage.WITH_VET
        over = sorted((b for b in begun if stages[b] is Stage.SETTLED), key=lambda booking: booking.end)
        for n, booking in enumerate(over[2:][-TO_PAY:]):
            stages[booking] = Stage.BILLED if n % 2 else Stage.DRAFTED
        if len(over) > 1:
            stages[over[1]] = Stage.NO_SHOW
        return stages

    def past(self, minute: float) -> float:
        """When something that is over happened: never after now, and in the same order."""
        return minute * min(1.0, self.now / self.moment)

    def just_now(self, minute: float) -> float:
        """When something that still goes on began: as long before now as before the board's moment."""
        return max(0.0, self.now - (self.moment - minute))


def _one_a_vet(bookings) -> list[Booking]:
    """The first booking of each vet, of AT_ONCE vets; the first vet, whose login the demo prints, is among them."""
    first: dict[int, Booking] = {}
    for booking in bookings:
        first.setdefault(booking.vet.id, booking)
    return sorted(first.values(), key=lambda booking: booking.vet.id != 1)[:AT_ONCE]
