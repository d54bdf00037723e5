"""Vets, owners and animals of the demo."""

import datetime as dt
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from vetclinic.demo.sizes import Size

SPECIES = ("cat",) * 47 + ("dog",) * 40 + ("rabbit",) * 4 + ("rodent",) * 5 + ("bird",) * 3 + ("reptile",)
GENDERS = ("female", "male")
CHIPPED = {"cat", "dog", "rabbit"}
# Stretches of work of the week's shifts, in minutes of the day: a break is the gap between two.
SHIFTS = (((540, 780), (840, 1080)), ((600, 840), (900, 1140)), ((540, 810), (840, 1080)))
MAIN_BRANCH = 1


@dataclass(frozen=True, eq=False)  # compared by identity: quickly
class Vet:
    id: int
    branch: int
    specialization: int
    first_name: str
    last_name: str
    shift: tuple[tuple[int, int], ...]
    day_off: int  # weekday, 1 is Monday
    last_day: int | None  # an ordinal; None: still works here
    leave: range  # ordinals

    def works_on(self, day: int) -> bool:
        employed = self.last_day is None or day <= self.last_day
        return employed and day not in self.leave and (day - 1) % 7 + 1 != self.day_off


def make_vets(draw: Random, words, size: Size, today: dt.date) -> list[Vet]:
    """The vets of all branches; all who work here work today, whatever its weekday."""
    active = size.vets - size.former_vets
    left = today.toordinal() - size.past_days // 3
    vets = []
    for n in range(size.vets):
        _gender, first_name, last_name = full_name(draw, words)
        vets.append(
            Vet(
                id=n + 1,
                branch=n * size.branches // active + 1 if n < active else n % size.branches + 1,
                specialization=n % len(words.SPECIALIZATIONS) + 1,
                first_name=first_name,
                last_name=last_name,
                shift=SHIFTS[n % len(SHIFTS)],
                day_off=(today.isoweekday() + 1 + n % 5) % 7 + 1,
                last_day=None if n < active else left,
                leave=_leave(n, active, today),
            )
        )
    return vets


def _leave(n: int, active: int, today: dt.date) -> range:
    """Every fourth vet has some days off, soon enough to be seen on the board."""
    start = today.toordinal() + 2 + n // 4 % 5
    return range(start, start + 3) if n % 4 == 3 and n < active else range(0)


def vet_rows(draw: Random, words, vets: list[Vet]) -> Iterator[tuple]:
    for vet in vets:
        inside = str(100 + vet.id)
        yield (
            vet.id, vet.specialization, vet.first_name, vet.last_name, words.phone(draw), inside,
            f"vet{vet.id}@example.com", vet.branch, vet.last_day is None,
        )  # fmt: skip


def working_hours_rows(vets: list[Vet]) -> Iterator[tuple]:
    for vet in vets:
        for weekday in range(1, 8):
            if weekday != vet.day_off:
                for opens, closes in vet.shift:
                    yield vet.id, weekday, clock(opens), clock(closes)


def exception_rows(vets: list[Vet], midnight) -> Iterator[tuple]:
    """`midnight`: from an ordinal to the moment at which the day begins."""
    for vet in vets:
        if vet.leave:
            yield vet.id, "leave", midnight(vet.leave.start), midnight(vet.leave.stop)


def branch_rows(words, count: int, time_zone: str) -> Iterator[tuple]:
    for n in range(count):
        again = n // len(words.BRANCHES)
        name = words.BRANCHES[n % len(words.BRANCHES)]
        yield n + 1, f"{name} {again + 1}" if again else name, time_zone


def specialization_rows(words) -> Iterator[tuple]:
    for n, (name, description) in enumerate(words.SPECIALIZATIONS, 1):
        yield n, name, description


def owner_rows(draw: Random, words, count: int) -> Iterator[tuple]:
    pick = picker(draw)
    for n in range(1, count + 1):
        _gender, first_name, last_name = full_name(draw, words)
        second = words.phone(draw) if draw.random() < 0.1 else ""
        email = f"client{n}@example.com" if draw.random() < 0.6 else ""
        address = words.address(pick(words.STREETS), 1 + int(draw.random() * 90), 1 + int(draw.random() * 180))
        yield n, first_name, last_name, words.phone(draw), second, email, address


class Pets:
    """What visits ask of the animals, kept small: ids are positions from 1 on. Days are ordinals."""

    def __init__(self, draw: Random, size: Size, today: dt.date):
        self.count, self.draw = size.pets, draw
        day = today.toordinal()
        self.species = bytearray(int(draw.random() * len(SPECIES)) for _n in range(size.pets))
        self.gender = bytearray(draw.random() < 0.5 for _n in range(size.pets))
        # Every owner has an animal; the rest go to anybody.
        self.owner = array("i", range(1, size.owners + 1))
        self.owner.extend(1 + int(draw.random() * size.owners) for _n in range(size.pets - size.owners))
        self.born = array("i", (day - 90 - int(5500 * draw.random() ** 1.5) for _n in range(size.pets)))
        self.died = array("i", (self._death(day, born, size.past_days) for born in self.born))

    def _death(self, today: int, born: int, past_days: int) -> int:
        """The day of an early or late death in the time of the history for a few; 0 for the living."""
        if self.draw.random() > 0.015:
            return 0
        return max(born + 30, today - 7 - int(self.draw.random() * past_days))

    def can_come(self, pet: int, day: int) -> bool:
        died = self.died[pet - 1]
        return self.born[pet - 1] + 40 <= day and (not died or day < died)

    def species_of(self, pet: int) -> str:
        return SPECIES[self.species[pet - 1]]

    def gender_of(self, pet: int) -> str:
        return GENDERS[self.gender[pet - 1]]

    def neutered(self, pet: int) -> bool | None:
        """Of some it is not known."""
        return bool(pet % 2) if self.species_of(pet) in CHIPPED and pet % 5 else None

    def chip_of(self, pet: int) -> str:
        return f"643{pet:012}" if self.species_of(pet) in CHIPPED and pet % 3 else ""

    def rows(self, draw: Random, words) -> Iterator[tuple]:
        pick = picker(draw)
        for pet in range(1, self.count + 1):
            species = self.species_of(pet)
            died = dt.date.fromordinal(self.died[pet - 1]) if self.died[pet - 1] else None
            yield (
                pet, self.owner[pet - 1], pick(words.PET_NAMES[species]), species, pick(words.BREEDS[species]),
                dt.date.fromordinal(self.born[pet - 1]), self.gender_of(pet), pick(words.COLORS), died,
                self.neutered(pet), self.chip_of(pet),
            )  # fmt: skip


def full_name(draw: Random, words) -> tuple[str, str, str]:
    """(gender, first name, last name in its form)."""
    pick, gender = picker(draw), "male" if draw.random() < 0.45 else "female"
    return gender, pick(words.FIRST_NAMES[gender]), words.last_name(pick(words.LAST_NAMES), gender)


def picker(draw: Random):
    """random.choice without its checks: millions of words are drawn."""
    roll = draw.random
    return lambda words: words[int(roll() * len(words))]


def clock(minutes: int) -> dt.time:
    return dt.time(*divmod(minutes, 60))
