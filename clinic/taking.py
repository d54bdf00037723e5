"""What a visit takes: a vet, an animal, and a time of theirs. Locked before it is looked at, within an action."""

import datetime as dt
from typing import Any

from clinic import rules
from clinic.models import Appointment, Pet, Veterinarian
from clinic.timetable import working_stretches
from vetclinic.locks import Lock, take_lock


def lock(vets: set[int], pet: int | None) -> None:
    """What a visit takes, until the end of the transaction, and before any of its rows (vetclinic/locks.py)."""
    for number in sorted(vets):
        take_lock(Lock.VET, number)
    if pet:
        take_lock(Lock.PET, pet)


def locked(appointment: Appointment, *more: int) -> Appointment:
    """The visit's row, with its animal and its vet locked before it, and `more` vets."""
    vets = {appointment.vet_id, *more}
    lock(vets, appointment.pet_id)
    visit = row_of(appointment)
    rules.check_is_as_locked(visit, vets, appointment.pet_id)
    return visit


def row_of(appointment: Appointment) -> Appointment:
    rows = Appointment.objects.select_for_update(of=("self",)).select_related("vet__branch", "pet")
    return rows.get(pk=appointment.pk)


def take_time(vet: Veterinarian, pet: Pet, start: dt.datetime, minutes: int, squeeze_reason: str) -> dict[str, Any]:
    """The columns of a visit at this time, which is checked. The locks of the vet and the pet are held."""
    rules.check_vet_works_here(vet)
    rules.check_pet_can_come(pet)
    start, end = _from_until(start, minutes)
    if not squeeze_reason:
        _check_worked(vet, start, end)
    squeezed = {"squeezed_in": bool(squeeze_reason), "squeezed_in_reason": squeeze_reason}
    return {"vet": vet, "date": start, "ends_at": end} | squeezed


def _from_until(start: dt.datetime, minutes: int) -> tuple[dt.datetime, dt.datetime]:
    """Minutes are added to an instant: a clock's hands run back in autumn."""
    start = start.astimezone(dt.UTC)
    return start, start + dt.timedelta(minutes=minutes)


def is_there(visit: Appointment, vet: Veterinarian, start: dt.datetime, minutes: int) -> bool:
    return (visit.vet, visit.date, visit.ends_at) == (vet, *_from_until(start, minutes))


def _check_worked(vet: Veterinarian, start: dt.datetime, end: dt.datetime) -> None:
    """The vet's lock is held: who changes working time meanwhile waits, and then sees this visit."""
    hours = working_stretches([vet], start.astimezone(vet.zone).date())
    rules.check_within_hours(vet, start, end, hours.get(vet.pk, []))


def check_still_worked(visit: Appointment, now: dt.datetime) -> None:
    """A visit that comes back may find that its vet is on leave by now; what is over is history."""
    if visit.ends_at > now and not visit.squeezed_in:
        _check_worked(visit.vet, visit.date, visit.ends_at)
