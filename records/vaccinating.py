"""A dose is noted: at a visit by its vet, or one given elsewhere; a mistyped one is taken back."""

import datetime as dt
from typing import cast
from uuid import UUID

from django.utils import timezone

from clinic.models import Appointment, Pet
from records import rules
from records.actions import local_day
from records.models import MedicalRecord, Treatment, Vaccination, VaccineKind
from vetclinic.locks import already_done
from vetclinic.refusals import action


@action
def give_dose(
    *,
    appointment: Appointment,
    kind: VaccineKind,
    batch: str = "",
    valid_until: dt.date | None = None,
    treatment: Treatment | None = None,
    request_key: UUID | None = None,
    now: dt.datetime | None = None,
    by,
) -> Vaccination:
    """Note a dose given at a visit, on its branch's day. Without `valid_until` it is as long as its kind protects."""
    done = already_done(Vaccination, request_key, appointment=appointment, kind=kind, batch=batch)
    if done:
        return done
    visit = _locked(appointment.pk)
    today = local_day(visit, now or timezone.now())
    rules.check_may_write_record_of(by, visit)
    rules.check_not_signed(_record_of(visit))
    rules.check_kind_suits(kind, visit.pet)
    valid_until = valid_until or kind.valid_until(today)
    rules.check_dose_dates(visit.pet, today, valid_until, today)
    return Vaccination.objects.create(
        pet=visit.pet,
        kind=kind,
        appointment=visit,
        vet=visit.vet,
        treatment=treatment,
        given_on=today,
        valid_until=valid_until,
        batch=batch,
        noted_by=by,
        request_key=request_key,
    )


@action
def note_dose(
    *,
    pet: Pet,
    kind: VaccineKind,
    given_on: dt.date,
    valid_until: dt.date | None = None,
    batch: str = "",
    request_key: UUID | None = None,
    now: dt.datetime | None = None,
    by,
) -> Vaccination:
    """Note a dose that was given elsewhere, or here before visits were kept: it has no visit and no vet."""
    done = already_done(Vaccination, request_key, pet=pet, kind=kind, given_on=given_on, batch=batch)
    if done:
        return done
    rules.check_kind_suits(kind, pet)
    valid_until = valid_until or kind.valid_until(given_on)
    rules.check_dose_dates(pet, given_on, valid_until, timezone.localdate(now))
    return Vaccination.objects.create(
        pet=pet,
        kind=kind,
        given_on=given_on,
        valid_until=valid_until,
        batch=batch,
        noted_by=by,
        request_key=request_key,
    )


@action
def take_back_dose(*, dose: Vaccination, by) -> None:
    """Take back a dose of a visit that was noted by mistake, while its record is open."""
    visit = _locked(cast(int, dose.appointment_id))  # a dose of a visit has one
    rules.check_may_write_record_of(by, visit)
    rules.check_not_signed(_record_of(visit))
    dose.delete()


@action
def take_back_noted_dose(*, dose: Vaccination, by) -> None:
    """Take back a mistyped dose that was given elsewhere. `by` is noted in the log of changes."""
    rules.check_dose_stands_alone(dose)
    dose.delete()


def _record_of(visit: Appointment) -> MedicalRecord:
    return MedicalRecord.objects.select_for_update().get(appointment=visit)


def _locked(pk: int) -> Appointment:
    visits = Appointment.objects.select_for_update(of=("self",)).select_related("vet__branch", "pet")
    return visits.get(pk=pk)
