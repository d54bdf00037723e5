"""How forms and addresses name a time: `3@2026-12-08T09:00+03:00`; without an offset it is on the clock of vet 3."""

import datetime as dt
from collections.abc import Iterable

from clinic.models import Veterinarian
from clinic.working_time import YEARS, moment_of
from vetclinic.ui.numbers import id_of

Place = tuple[Veterinarian, dt.datetime]  # a vet, and an aware time on the clock of the vet's branch


def slot_value(vet: Veterinarian, start: dt.datetime) -> str:
    return f"{vet.pk}@{start.astimezone(vet.zone).isoformat(timespec='minutes')}"


def vet_of(text: str) -> int | None:
    """The id of the vet of such a time, whoever that is."""
    return id_of(text.partition("@")[0])


def parse_slot(text: str, vets: Iterable[Veterinarian]) -> Place | None:
    """The vet, one of `vets`, and the start; None for anything else, also for a time that no clinic can have."""
    number, written = vet_of(text), text.partition("@")[2]
    vet = next((vet for vet in vets if vet.pk == number), None)
    try:
        start = dt.datetime.fromisoformat(written)
    except ValueError:
        return None
    if vet is None or start.year not in YEARS or start.second or start.microsecond:
        return None
    return vet, start.astimezone(vet.zone) if start.tzinfo else moment_of(start.date(), start.time(), vet.zone)
