"""The demo's vaccines, the doses of its visits, and those that animals had before they came here."""

import datetime as dt
from collections.abc import Iterable, Iterator
from random import Random

from records.models.vaccine_kind import later
from vetclinic.demo.people import Pets
from vetclinic.demo.visits import Visit

# code of the service: (species, months, name in English and Russian); a kind's id is its place from 1 on
KINDS = {
    "vaccine-rabies": ("", 12, "Rabies", "Бешенство"),
    "vaccine-cat": (
        "cat", 12, "Panleukopenia, herpesvirus, calicivirus", "Панлейкопения, ринотрахеит, калицивироз",
    ),
    "vaccine-dog": (
        "dog", 12, "Distemper, parvovirus, hepatitis, leptospirosis", "Чума, парвовирус, гепатит, лептоспироз",
    ),
    "vaccine-kennel-cough": ("dog", 12, "Kennel cough", "Питомниковый кашель"),
    "vaccine-rabbit": ("rabbit", 6, "Myxomatosis and haemorrhagic disease", "Миксоматоз и геморрагическая болезнь"),
}  # fmt: skip
IDS = {code: number for number, code in enumerate(KINDS, 1)}
EARLIER = {
    "cat": ("vaccine-rabies", "vaccine-cat"),
    "dog": ("vaccine-rabies", "vaccine-dog"),
    "rabbit": ("vaccine-rabbit",),
}
HAD_EARLIER, YOUNGEST, LONGEST_AGO = 0.55, 60, 400  # share of animals; days of age; days before the first visits


def kind_rows(language: str) -> Iterator[tuple]:
    for code, (species, months, english, russian) in KINDS.items():
        yield IDS[code], russian if language.startswith("ru") else english, species, months


def earlier_rows(draw: Random, pets: Pets, before: int) -> Iterator[tuple]:
    """Given elsewhere, before the day (ordinal) on which the history of visits begins."""
    roll = draw.random
    for pet in range(1, pets.count + 1):
        codes = EARLIER.get(pets.species_of(pet), ())
        day = before - 1 - int(roll() * LONGEST_AGO)
        died = pets.died[pet - 1]
        if codes and roll() < HAD_EARLIER and pets.born[pet - 1] + YOUNGEST <= day and (not died or day < died):
            for code in codes:
                yield pet, *_dose(code, day, roll), None, None, None


def dose_rows(draw: Random, visits: Iterable[Visit]) -> Iterator[tuple]:
    """A dose for each vaccine that a visit bills; an animal that comes twice a day gets it once."""
    given: set[tuple[int, int, str]] = set()
    for visit in visits:
        pet = visit.booking.pet
        for treatment, billed in enumerate(visit.treatments, visit.first_treatment):
            code, day = billed.price.code, visit.day
            if visit.record and code in KINDS and (pet, day, code) not in given:
                given.add((pet, day, code))
                yield pet, *_dose(code, day, draw.random), visit.id, visit.booking.vet.id, treatment


def _dose(code: str, day: int, roll) -> tuple:
    given_on = dt.date.fromordinal(day)
    batch = f"{'ABCDEHKMPT'[int(roll() * 10)]}{1000 + int(roll() * 9000)}"
    return IDS[code], given_on, later(given_on, KINDS[code][1], "month"), batch
