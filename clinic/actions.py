"""What happens in the clinic: verbs, each one transaction. Arguments by name, `by` (who does it) last."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone

from clinic import rules
from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Pet, PetOwner, Veterinarian, WaitingEntry
from clinic.phones import normalize_phone
from clinic.taking import check_still_worked, is_there, lock, locked, row_of, take_time
from vetclinic.audit.models import Change
from vetclinic.locks import already_done
from vetclinic.refusals import action
from vetclinic.rows import has_row


@action
def book_appointment(
    *,
    vet: Veterinarian,
    pet: Pet,
    start: dt.datetime,
    minutes: int,
    reason: str,
    notes: str = "",
    squeeze_reason: str = "",
    request_key: UUID | None = None,
    now: dt.datetime | None = None,
    by,
) -> Appointment:
    """Book `minutes` of a vet from `start` (aware) for a pet. The same request_key again returns the same visit.

    With `squeeze_reason` it is squeezed in on purpose: over other visits, outside of working hours.
    """
    ends = start + dt.timedelta(minutes=minutes)
    booked = already_done(Appointment, request_key, pet=pet, vet=vet, date=start, ends_at=ends, reason=reason)
    if booked:
        return booked
    rules.check_may_manage_visits_of(by, vet)
    now = now or timezone.now()
    rules.check_length(minutes)
    rules.check_bookable_time(start, now)
    lock({vet.pk}, pet.pk)
    place = take_time(vet, pet, start, minutes, squeeze_reason)
    visit = Appointment.objects.create(
        **place, pet=pet, reason=reason, notes=notes, booked_by=by, request_key=request_key
    )
    _wait_no_longer(visit, now)
    return visit


@action
def move_appointment(
    *,
    appointment: Appointment,
    vet: Veterinarian,
    start: dt.datetime,
    minutes: int,
    squeeze_reason: str = "",
    now: dt.datetime | None = None,
    by,
) -> Appointment:
    """Take a visit to another time, vet or length. It keeps its state: the owner is on the phone.

    One that is there already is left alone; else `change` of the answer is what undo takes back.
    """
    now = now or timezone.now()
    visit = locked(appointment, vet.pk)
    for each in (visit.vet, vet):
        rules.check_may_manage_visits_of(by, each)
    rules.check_can_move(visit)
    rules.check_stays_on_its_day(visit, vet, start)
    rules.check_length(minutes)
    if is_there(visit, vet, start, minutes) and not squeeze_reason:
        return visit
    if start != visit.date:
        rules.check_bookable_time(start, now)
    visit = _noted(_change(visit, take_time(vet, visit.pet, start, minutes, squeeze_reason)))
    _wait_no_longer(visit, now)
    return visit


@action
def undo(*, appointment: Appointment, change: Change, now: dt.datetime | None = None, by) -> Appointment:
    """Take back the last move or cancelling of a visit, if nothing has changed since and its time is still free."""
    now = now or timezone.now()
    before = {name: _column(name).to_python(value) for name, value in (change.before or {}).items()}
    vets = {row["vet_id"] for row in (change.before, change.after) if row and "vet_id" in row}
    visit = locked(appointment, *vets)
    for vet in {visit.vet, *Veterinarian.objects.filter(pk__in=vets)}:
        rules.check_may_manage_visits_of(by, vet)
    rules.check_can_undo(visit, change, now)
    if visit.state == AppointmentStatus.CANCELLED:  # the way back leads through the state that follows it
        visit = _change(visit, {"status_id": AppointmentStatus.SCHEDULED.value})
    visit = _change(visit, before)
    check_still_worked(visit, now)
    return visit


@action
def change_status(
    *, appointment: Appointment, to: AppointmentStatus, reason: str = "", now: dt.datetime | None = None, by
) -> Appointment:
    """Take a visit one step on (clinic/enums.py: NEXT_STATUSES) and note when. `reason` is for cancelling."""
    now = now or timezone.now()
    back = to == AppointmentStatus.SCHEDULED  # on the board again: its time may have gone meanwhile
    visit = locked(appointment) if back else row_of(appointment)
    rules.check_may_manage_visits_of(by, visit.vet)
    rules.check_step(visit, to, now)
    if to == AppointmentStatus.CANCELLED:
        rules.check_says_why(reason)
    if back:
        check_still_worked(visit, now)
    return _noted(take_step(visit, to, reason=reason.strip(), now=now))


def take_step(visit: Appointment, to: AppointmentStatus, *, reason: str = "", now: dt.datetime) -> Appointment:
    """The step of a visit that the caller has locked, within its action. Whether it may be taken for somebody is asked
    by the caller: of a person by change_status, of the holder of a letter's link by reminders.answers."""
    rules.check_next(visit, to, now)
    visit.status_id = to
    changes: dict[AppointmentStatus, dict[str, Any]] = {
        AppointmentStatus.ARRIVED: {"arrived_at": now},
        AppointmentStatus.IN_PROGRESS: {"started_at": now},
        AppointmentStatus.COMPLETED: {"finished_at": now},
        AppointmentStatus.CANCELLED: {"cancelled_reason": reason},
        AppointmentStatus.SCHEDULED: {"cancelled_reason": "", "arrived_at": None},
    }
    times = changes.get(to, {})
    for name, value in times.items():
        setattr(visit, name, value)
    visit.save(update_fields=["status", *times])
    return visit


@action
def wait_for_time(*, pet: Pet, request_key: UUID | None = None, by, **wish) -> WaitingEntry:
    """Note that a pet's owner waits. `wish`: vet or specialization, minutes, since, until (days), note."""
    noted = already_done(WaitingEntry, request_key, pet=pet, **wish)
    if noted:
        return noted
    rules.check_pet_can_come(pet)
    return WaitingEntry.objects.create(pet=pet, **wish, created_by=by, request_key=request_key)


@action
def stop_waiting(*, entry: WaitingEntry, now: dt.datetime | None = None, by) -> None:
    """They do not wait any more. Who has been booked meanwhile stays noted as booked."""
    WaitingEntry.objects.filter(pk=entry.pk, closed_at=None).update(closed_at=now or timezone.now())


@action
def register_owner(
    *, first_name: str, last_name: str, phone: str, request_key: UUID | None = None, by, **optional
) -> PetOwner:
    """A new owner. `optional`: secondary_phone, email, address."""
    optional["secondary_phone"] = normalize_phone(optional.get("secondary_phone", ""))
    person = {"first_name": first_name, "last_name": last_name, "phone": normalize_phone(phone), **optional}
    known = already_done(PetOwner, request_key, **person)
    return known or PetOwner.objects.create(**person, request_key=request_key)


@action
def register_pet(*, pet_owner: PetOwner | None, name: str, request_key: UUID | None = None, by, **optional) -> Pet:
    """A new animal. `optional`: species, breed, birth_date, gender, color, description."""
    animal = {"pet_owner": pet_owner, "name": name, **optional}
    known = already_done(Pet, request_key, **animal)
    return known or Pet.objects.create(**animal, request_key=request_key)


@action
def change_owner(*, owner: PetOwner, by, **changes) -> PetOwner:
    """Correct what is known of an owner: any of the columns that register_owner takes."""
    return _change(PetOwner.objects.select_for_update().get(pk=owner.pk), changes)


@action
def change_pet(*, pet: Pet, by, **changes) -> Pet:
    """Correct what is known of an animal: any of the columns that register_pet takes."""
    return _change(Pet.objects.select_for_update().get(pk=pet.pk), changes)


@action
def book_for_newcomer(*, owner: dict, pet: Pet | dict, visit: dict, request_key: UUID | None = None, by) -> Appointment:
    """Register an owner, and a pet unless it is known but has no owner yet, and book: all of it or nothing.

    `owner`, `pet` and `visit` are the arguments of register_owner, register_pet and book_appointment.
    """
    person = register_owner(**owner, request_key=request_key, by=by)
    lock({visit["vet"].pk}, pet.pk if isinstance(pet, Pet) else None)
    if isinstance(pet, Pet):
        pet.pet_owner = person
        pet.save(update_fields=["pet_owner"])
    else:
        pet = register_pet(pet_owner=person, **pet, request_key=request_key, by=by)
    return book_appointment(**visit, pet=pet, request_key=request_key, by=by)


def _wait_no_longer(visit: Appointment, now: dt.datetime) -> None:
    """Who has come to the time that the pet waited for has stopped waiting. Few pets wait for any."""
    if has_row(WaitingEntry, "pet_id = %s AND closed_at IS NULL", visit.pet_id):
        waited = WaitingEntry.objects.filter(pet=visit.pet).that_could_take(visit.vet, visit.date, visit.ends_at)
        waited.update(closed_at=now, appointment=visit)


def _noted(visit: Appointment) -> Appointment:
    """With the change that was just made. Its row is locked: nobody else's change of it is newer."""
    visit.change = Change.objects.filter(table="appointment", row_id=visit.pk).latest("id")
    return visit


def _column(name: str) -> models.Field:
    """The field of a visit's column, as the log of changes names it (`vet_id`)."""
    return next(field for field in Appointment._meta.concrete_fields if field.column == name)


def _change(row, changes: dict):
    """Save exactly the named columns: what another person changed beside them stays."""
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=[name.removesuffix("_id") for name in changes])
    return row
