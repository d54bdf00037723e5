"""What is measured at the demo's visits, and what must be known of its animals."""

import datetime as dt
from collections.abc import Iterable, Iterator
from random import Random

from vetclinic.demo.people import Pets, picker
from vetclinic.demo.visits import Visit

# species → weight of a light and a heavy adult in kg, days until grown; then low and high of °C, pulse, breaths
BODIES = {
    "cat": ((3.0, 6.5, 330), (37.9, 39.4), (140, 220), (18, 40)),
    "dog": ((3.0, 42.0, 420), (37.8, 39.4), (70, 160), (12, 34)),
    "rabbit": ((1.4, 4.5, 210), (38.5, 40.0), (150, 300), (32, 60)),
    "rodent": ((0.03, 1.1, 90), (36.5, 39.2), (240, 450), (45, 140)),
    "bird": ((0.03, 0.5, 70), (40.0, 42.5), (150, 500), (15, 80)),
    "reptile": ((0.2, 4.0, 1400), (22.0, 33.0), (15, 90), (4, 30)),
}
WEIGHED, EXAMINED, WITH_ALERT = 0.75, 0.3, 0.07  # shares of the visits and of the animals
GOLDEN = 0.6180339887498949  # multiples of it spread evenly between 0 and 1: a body for each animal, without a table


def measurement_rows(draw: Random, visits: Iterable[Visit], pets: Pets) -> Iterator[tuple]:
    """Weights make a curve: a share of the adult weight by age, with the ups and downs of meals and seasons."""
    roll = draw.random
    for visit in visits:
        if not visit.record:
            continue
        pet, at = visit.booking.pet, visit.started_at
        (light, heavy, grown), *others = BODIES[pets.species_of(pet)]
        if roll() < WEIGHED:
            adult = light * (heavy / light) ** (pet * GOLDEN % 1)
            age = min(1.0, (visit.day - pets.born[pet - 1]) / grown)
            kg = adult * (0.1 + 0.9 * age) * (0.97 + 0.06 * roll())
            yield pet, visit.id, "weight", f"{kg:.3f}" if kg < 1 else f"{kg:.1f}", "kg", at
        if roll() < EXAMINED:
            (cool, warm), (slow, fast), (calm, panting) = others
            yield pet, visit.id, "temperature", f"{cool + (warm - cool) * roll():.1f}", "°C", at
            yield pet, visit.id, "pulse", f"{slow + (fast - slow) * roll():.0f}", "/min", at
            yield pet, visit.id, "respiration", f"{calm + (panting - calm) * roll():.0f}", "/min", at


def alert_rows(draw: Random, words, count: int, now: dt.datetime) -> Iterator[tuple]:
    pick, roll = picker(draw), draw.random
    for pet in range(1, count + 1):
        if roll() < WITH_ALERT:
            kind, text = pick(words.ALERTS)
            yield pet, kind, text, now - dt.timedelta(days=1 + int(roll() * 60))
