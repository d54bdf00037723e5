"""Measurements are noted: of a visit together with its record's text, a weight also by itself."""

import datetime as dt
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from clinic.models import Appointment, Pet
from records import rules
from records.models import Measurement, MedicalRecord, Vital
from records.models.measurement import UNITS
from records.vitals import check_possible
from vetclinic.locks import already_done
from vetclinic.refusals import action


class Change(NamedTuple):
    """A cell that a person changed: what the page showed, and what is typed now; None is an empty cell."""

    was: Decimal | None
    value: Decimal | None


@action
def save_vitals(*, appointment: Appointment, changes: dict[Vital, Change], now: dt.datetime | None = None, by) -> None:
    """Store the cells that were changed; an emptied one takes its measurement back.

    A cell that somebody else has changed since the page was made is refused, with what it holds by now.
    """
    visit = Appointment.objects.select_for_update(of=("self",)).select_related("vet").get(pk=appointment.pk)
    rules.check_may_write_record_of(by, visit)
    rules.check_not_signed(MedicalRecord.objects.select_for_update().get(appointment=visit))
    stored = {each.kind: each for each in Measurement.objects.filter(appointment=visit)}
    for kind, change in changes.items():
        measurement = stored.get(kind)
        there = measurement.value if measurement else None
        if there == change.value:
            continue  # a form sent twice
        rules.check_cell_is_as_seen(there, change.was, kind)
        if change.value is None:
            Measurement.objects.filter(appointment=visit, kind=kind).delete()
            continue
        check_possible(kind, change.value)
        measurement = measurement or Measurement(appointment=visit, pet_id=visit.pet_id, kind=kind, unit=UNITS[kind])
        measurement.value, measurement.taken_at, measurement.taken_by = change.value, now or timezone.now(), by
        measurement.save()


@action
def add_weight(
    *,
    pet: Pet,
    weight: Decimal,
    day: dt.date | None = None,
    request_key: UUID | None = None,
    now: dt.datetime | None = None,
    by,
) -> Measurement:
    """Note a weight (kg) without a visit; of an earlier day it stands at that day's noon."""
    done = already_done(Measurement, request_key, pet=pet, value=weight)
    if done:
        return done
    now = now or timezone.now()
    today = timezone.localdate(now)
    day = day or today
    rules.check_weighed_on(pet, day, today)
    check_possible(Vital.WEIGHT, weight)
    taken_at = now if day == today else timezone.make_aware(dt.datetime.combine(day, dt.time(12)))
    return Measurement.objects.create(
        pet=pet, kind=Vital.WEIGHT, unit="kg", value=weight, taken_at=taken_at, taken_by=by, request_key=request_key
    )


@action
def remove_weight(*, measurement: Measurement, by) -> None:
    """Take back a weight that was noted by mistake. One of a visit belongs to its record."""
    rules.check_weight_stands_alone(measurement)
    measurement.delete()
