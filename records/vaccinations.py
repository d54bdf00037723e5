"""What an animal was given, and what is due: rows as its pages and its certificate show them."""

import datetime as dt
from typing import NamedTuple

from django.db.models import F, FilteredRelation, Q, Window
from django.db.models.functions import RowNumber

from clinic.models import Pet
from records.models import Vaccination, VaccineKind
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


def last_doses(pet: Pet, today: dt.date) -> list[Last]:
    """The kinds offered for this animal, and those it has had, by name. One query."""
    species = pet.species.strip().lower()
    last = FilteredRelation("dues", condition=Q(dues__pet=pet))
    kinds = VaccineKind.objects.annotate(last=last, dose=F("last__vaccination"))
    rows = kinds.filter(Q(is_active=True, species__in=["", species]) | Q(dose__isnull=False)).order_by("name", "pk")
    return [
        Last(kind, name, is_offered := is_active and of in ("", species), later(today, every, unit), *dose,
             state_of(dose[2], today) if is_offered else "")
        for kind, name, of, is_active, every, unit, *dose in rows.values_list(
            "pk", "name", "species", "is_active", "every", "unit",
            "dose", "last__vaccination__given_on", "last__due_on", "last__vaccination__batch",
            "last__vaccination__appointment",
        )
    ]  # fmt: skip


def doses_of(pet: Pet, today: dt.date) -> list[Dose]:
    """Every dose of an animal, the newest first. One query."""
    number = Window(RowNumber(), partition_by="kind", order_by="-given_on")
    rows = Vaccination.objects.filter(pet=pet).annotate(number=number).order_by("-given_on", "-pk")
    return [
        Dose(*dose, " ".join(filter(None, vet)), number == 1,
             state_of(dose[3], today) if number == 1 and is_active and pet.deceased_at is None else "")
        for *dose, number, is_active, last_name, first_name in rows.values_list(
            "pk", "kind__name", "given_on", "valid_until", "batch", "appointment",
            "number", "kind__is_active", "vet__last_name", "vet__first_name",
        )
        for vet in [(last_name, first_name)]
    ]  # fmt: skip
