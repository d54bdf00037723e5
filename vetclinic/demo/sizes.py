"""How much demo data there is, and the words that it is made of."""

from dataclasses import dataclass
from types import ModuleType

from vetclinic.demo import words_en, words_ru

COMING_DAYS = 14


@dataclass(frozen=True)
class Size:
    """`visits` counts the coming ones too; `past_days` is how far back the history goes."""

    vets: int
    branches: int
    owners: int
    pets: int
    visits: int
    past_days: int
    former_vets: int = 0  # of `vets`: worked here once, stay in the history
    busy_today: bool = False  # the main branch's board is as full as a board can be: for measuring it


SIZES = {
    "small": Size(vets=5, branches=2, owners=300, pets=450, visits=2_500, past_days=90),
    "medium": Size(vets=12, branches=2, owners=2_400, pets=3_600, visits=20_000, past_days=270),
    "1m": Size(
        vets=40,
        branches=3,
        owners=100_000,
        pets=200_000,
        visits=1_000_000,
        past_days=2_600,
        former_vets=4,
        busy_today=True,
    ),
    "10m": Size(
        vets=400,
        branches=30,
        owners=1_000_000,
        pets=2_000_000,
        visits=10_000_000,
        past_days=2_600,
        former_vets=40,
        busy_today=True,
    ),
}


def words_of(language: str) -> ModuleType:
    return words_ru if language.startswith("ru") else words_en
