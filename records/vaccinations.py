"""What an animal was given, and what is due: rows as its pages and its certificate show them."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.db import connections, router

from clinic.models import Pet
from records.models import Vaccination
from records.models.vaccine_kind import later

SOON = dt.timedelta(days=30)
OVERDUE, DUE_SOON, PROTECTED = "overdue", "soon", "protected"


class Last(NamedTuple):
    """A kind that this animal may be given or has had, with its last dose, if any."""

    kind: int
    name: str
    is_offered: bool
    again_on: dt.date  # when a dose given today would be due again
    dose: int | None
    given_on: dt.date | None
    due_on: dt.date | None
    batch: str | None
    visit: int | None
    state: str  # "" where nothing is due


class Dose(NamedTuple):
    """One dose; of the last of its kind `state` says how long it still protects."""

    id: int
    name: str
    given_on: dt.date
    valid_until: dt.date
    batch: str
    visit: int | None
    vet: str
    is_last: bool
    state: str

    @property
    def is_elsewhere(self) -> bool:
        return self.visit is None


def state_of(due_on: dt.date | None, today: dt.date) -> str:
    if due_on is None:
        return ""
    return OVERDUE if due_on < today else DUE_SOON if due_on <= today + SOON else PROTECTED


# The kinds offered for an animal, and those it has had, by name: one value, JSON.
LASTS = """
    SELECT json_agg(json_build_array(kind.id, kind.name, kind.species, is_active, every, unit, dose.id, dose.given_on,
                                     due.due_on, dose.batch, dose.appointment_id) ORDER BY kind.name, kind.id)
    FROM vaccine_kind kind LEFT JOIN vaccination_due due ON due.kind_id = kind.id AND due.pet_id = %(pet)s
    LEFT JOIN vaccination dose ON dose.id = due.vaccination_id
    WHERE is_active AND kind.species IN ('', %(species)s) OR dose.id IS NOT NULL
"""


def lasts_of(rows: Iterable[list], species: str, today: dt.date) -> list[Last]:
    """What LASTS selected. `species`: the animal's, in lower case."""
    return [_last(species, today, *row) for row in rows]


def _last(
    species: str, today: dt.date, kind: int, name: str, of: str, is_active: bool, every: int, unit: str,
    dose: int | None, given_on: str | None, due_on: str | None, batch: str | None, visit: int | None,
) -> Last:  # fmt: skip
    is_offered = is_active and of in ("", species)
    given, due = (dt.date.fromisoformat(day) if day else None for day in (given_on, due_on))
    state = state_of(due, today) if is_offered else ""
    return Last(kind, name, is_offered, later(today, every, unit), dose, given, due, batch, visit, state)


# Every dose of an animal, the newest first: one value, JSON.
DOSES = """
    SELECT json_agg(json_build_array(id, name, given_on, valid_until, batch, appointment_id, vet, number = 1, is_active)
                    ORDER BY given_on DESC, id DESC)
    FROM (
        SELECT dose.id, kind.name, given_on, valid_until, batch, appointment_id,
            concat_ws(' ', vet.last_name, vet.first_name) AS vet, kind.is_active,
            row_number() OVER (PARTITION BY kind_id ORDER BY given_on DESC) AS number
        FROM vaccination dose JOIN vaccine_kind kind ON kind.id = kind_id LEFT JOIN veterinarian vet ON vet.id = vet_id
        WHERE pet_id = %(pet)s
    ) each
"""


def doses_of(pet: Pet, today: dt.date) -> list[Dose]:
    """Every dose of an animal, the newest first. One query."""
    with connections[router.db_for_read(Vaccination)].cursor() as cursor:
        cursor.execute(DOSES, {"pet": pet.pk})
        return doses_from(cursor.fetchone()[0] or [], pet, today)


def doses_from(rows: Iterable[list], pet: Pet, today: dt.date) -> list[Dose]:
    """What DOSES selected."""
    return [_dose(pet.deceased_at is None, today, *row) for row in rows]


def _dose(
    lives: bool, today: dt.date, pk: int, name: str, given_on: str, valid_until: str, batch: str, visit: int | None,
    vet: str, is_last: bool, is_active: bool,
) -> Dose:  # fmt: skip
    until = dt.date.fromisoformat(valid_until)
    state = state_of(until, today) if is_last and is_active and lives else ""
    return Dose(pk, name, dt.date.fromisoformat(given_on), until, batch, visit, vet, is_last, state)
