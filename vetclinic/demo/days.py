"""Who comes when: the days of the demo, each laid out so that no vet and no animal is in two places at once."""

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from clinic.enums import VISIT_MINUTES
from vetclinic.demo.people import MAIN_BRANCH, Pets, Vet
from vetclinic.demo.sizes import COMING_DAYS, Size

REASONS = tuple(
    reason
    for reason, share in {
        "check_up": 40, "vaccine": 18, "recheck": 16, "lab_tests": 9, "ultrasound": 6, "grooming": 6, "surgery": 2,
        "other": 3,
    }.items()
    for _n in range(share)
)  # fmt: skip
STEP = 15  # visits start on a grid of so many minutes after each other
TODAY_A_VET, BUSY_A_VET = 7, 60  # visits at most
COMING_A_VET = 5  # tomorrow; fewer every day, so that free times remain


@dataclass(frozen=True, eq=False, slots=True)
class Booking:
    """A place in the schedule: minutes are those of the branch's day."""

    pet: int
    vet: Vet
    reason: str
    start: int
    end: int


class Diary:
    """Bookings of every day from the first to the last of the demo: as many as the size says."""

    def __init__(self, draw: Random, size: Size, vets: list[Vet], pets: Pets, today: dt.date):
        self.draw, self.vets, self.pets, self.size = draw, vets, pets, size
        self.today = today.toordinal()
        self.first_day = self.today - size.past_days
        ahead = range(self.today, self.today + COMING_DAYS + 1)
        self.coming = [(day, self.lay_out(day, self.coming_quotas(day))) for day in ahead]
        self.past_total = size.visits - sum(len(bookings) for _day, bookings in self.coming)

    def days(self) -> Iterator[tuple[int, list[Booking]]]:
        """(day as an ordinal, its bookings in order of time). What did not fit in a day comes on the next."""
        booked, days = 0, self.today - self.first_day
        for n, day in enumerate(range(self.first_day, self.today), 1):
            wanted = self.past_total * n // days - booked
            bookings = self.lay_out(day, self.spread(wanted, [vet for vet in self.vets if vet.works_on(day)]))
            booked += len(bookings)
            yield day, bookings
        yield from self.coming

    def spread(self, visits: int, vets: list[Vet]) -> dict[Vet, int]:
        """So many visits over these vets, evenly, the odd ones to anybody."""
        each, odd = divmod(visits, len(vets))
        lucky = int(self.draw.random() * len(vets))
        return {vet: each + ((n - lucky) % len(vets) < odd) for n, vet in enumerate(vets)}

    def coming_quotas(self, day: int) -> dict[Vet, int]:
        working = [vet for vet in self.vets if vet.works_on(day)]
        if day > self.today:
            return dict.fromkeys(working, max(1, COMING_A_VET - (day - self.today) // 3))
        return {vet: BUSY_A_VET if self.is_busy(vet, day) else TODAY_A_VET for vet in working}

    def is_busy(self, vet: Vet, day: int) -> bool:
        return self.size.busy_today and day == self.today and vet.branch == MAIN_BRANCH

    def lay_out(self, day: int, quotas: dict[Vet, int]) -> list[Booking]:
        """The day's bookings; an animal comes once a day at most."""
        seen: set[int] = set()
        bookings = []
        for vet, quota in quotas.items():
            for (opens, closes), share in zip(vet.shift, ((quota + 1) // 2, quota // 2), strict=True):
                fill = self.pack if self.is_busy(vet, day) else self.fill
                for reason, start, end in fill(opens, closes, share):
                    pet = self.somebody(day, seen)
                    if pet:
                        bookings.append(Booking(pet, vet, reason, start, end))
        bookings.sort(key=lambda booking: (booking.start, booking.vet.id))
        return bookings

    def fill(self, opens: int, closes: int, visits: int) -> Iterator[tuple[str, int, int]]:
        """(reason, start, end) of at most so many visits one after another, with pauses between them."""
        roll, room, reasons = self.draw.random, closes - opens, []
        for _n in range(visits):
            reason = REASONS[int(roll() * len(REASONS))]
            if VISIT_MINUTES[reason] <= room:
                room -= VISIT_MINUTES[reason]
                reasons.append(reason)
        pauses = sorted(int(roll() * (room // STEP + 1)) * STEP for _reason in reasons)
        start = opens
        for reason, pause in zip(reasons, pauses, strict=True):
            end = start + VISIT_MINUTES[reason]
            yield reason, start + pause, end + pause
            start = end

    def pack(self, opens: int, closes: int, visits: int) -> Iterator[tuple[str, int, int]]:
        """(reason, start, end) of exactly so many visits, all short and without a pause."""
        minutes = (closes - opens) // visits
        for start in range(opens, opens + visits * minutes, minutes):
            yield "recheck", start, start + minutes

    def somebody(self, day: int, seen: set[int]) -> int | None:
        """An animal that is alive and was not here today; nobody when luck is out."""
        for _try in range(50):
            pet = 1 + int(self.draw.random() * self.pets.count)
            if pet not in seen and self.pets.can_come(pet, day):
                seen.add(pet)
                return pet
        return None


class Midnights:
    """From (day, minute) to a moment in UTC, on the branch's clock."""

    def __init__(self, time_zone: str):
        self.zone = zoneinfo.ZoneInfo(time_zone)

    def of(self, day: int) -> dt.datetime:
        """The moment from which a day's minutes count: its noon less twelve hours, right also if the clock changed."""
        noon = dt.datetime.combine(dt.date.fromordinal(day), dt.time(12), self.zone)
        return noon.astimezone(dt.UTC) - dt.timedelta(hours=12)
