"""What happens during a visit: start, write, treat, sign. Rows are locked in one order: visit, then record."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

from django.utils import timezone

from clinic.actions import change_status, take_step
from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Service
from records import rules
from records.models import MedicalRecord, Treatment
from vetclinic.locks import already_done
from vetclinic.refusals import action


@action
def start_visit(*, appointment: Appointment, now: dt.datetime | None = None, by) -> MedicalRecord:
    """The pet goes in: the visit is in progress and has a record. Who was not noted as arrived has arrived now.

    From the visit's day on: a vet may write the next morning what was done in the evening.
    """
    now = now or timezone.now()
    visit = _lock_visit(appointment)
    rules.check_may_write_record_of(by, visit)
    rules.check_can_be_started(visit)
    if visit.state in (AppointmentStatus.SCHEDULED, AppointmentStatus.CONFIRMED):
        visit = take_step(visit, AppointmentStatus.ARRIVED, now=now)
    if visit.state != AppointmentStatus.IN_PROGRESS:
        visit = take_step(visit, AppointmentStatus.IN_PROGRESS, now=now)
    record, _created = MedicalRecord.objects.get_or_create(appointment=visit, defaults={"author": visit.vet})
    return record


@action
def save_record(
    *, record: MedicalRecord, version: int, complaint: str, diagnosis: str, prescription: str, notes: str, by
) -> MedicalRecord:
    """Store what the vet wrote. `version` is the one that the writer saw; a newer one refuses the save."""
    _lock_visit(record.appointment)
    stored = MedicalRecord.objects.select_for_update().get(pk=record.pk)
    rules.check_may_write_record_of(by, record.appointment)
    rules.check_not_signed(stored)
    text = {"complaint": complaint, "diagnosis": diagnosis, "prescription": prescription, "notes": notes}
    if all(getattr(stored, name) == value for name, value in text.items()):
        return stored  # a form sent twice, or nothing new: no version is used up
    rules.check_version(stored, version)
    for name, value in text.items():
        setattr(stored, name, value)
    stored.version += 1
    stored.save(update_fields=[*text, "version"])
    return stored


@action
def add_treatment(
    *,
    appointment: Appointment,
    service: Service,
    quantity: Decimal = Decimal(1),
    discount: Decimal = Decimal(0),
    request_key: UUID | None = None,
    now: dt.datetime | None = None,
    by,
) -> Treatment:
    """Note a service as carried out, at the price of the day, copied. The same request_key adds it once."""
    sent = {"appointment": appointment, "service": service, "quantity": quantity, "discount": discount}
    done = already_done(Treatment, request_key, **sent)
    if done:
        return done
    visit = _lock_visit(appointment)
    day = local_day(visit, now or timezone.now())
    rules.check_may_write_record_of(by, visit)
    rules.check_in_progress(visit)
    rules.check_on_sale(service, day)
    rules.check_quantity(quantity, service.cost)
    rules.check_discount(by, discount, quantity * service.cost)
    return Treatment.objects.create(
        appointment=visit,
        service=service,
        date=day,
        quantity=quantity,
        unit_price=service.cost,
        discount=discount,
        performed_by=visit.vet,
        request_key=request_key,
    )


@action
def remove_treatment(*, treatment: Treatment, by) -> None:
    """Take back a treatment that was noted by mistake, while the visit is in progress."""
    visit = _lock_visit(treatment.appointment)
    rules.check_may_write_record_of(by, visit)
    rules.check_in_progress(visit)
    treatment.delete()


@action
def sign_record(*, record: MedicalRecord, now: dt.datetime | None = None, by) -> MedicalRecord:
    """Sign the record and complete the visit. From here on the database refuses every change of either."""
    now = now or timezone.now()
    visit = _lock_visit(record.appointment)
    stored = MedicalRecord.objects.select_for_update().get(pk=record.pk)
    rules.check_may_write_record_of(by, visit)
    rules.check_not_signed(stored)
    change_status(appointment=visit, to=AppointmentStatus.COMPLETED, now=now, by=by)
    stored.author, stored.signed_at = visit.vet, now
    stored.save(update_fields=["author", "signed_at"])
    return stored


def zone_of(visit: Appointment) -> dt.tzinfo:
    """The clock of the visit's branch; of a vet without a branch, the clinic's own."""
    branch = visit.vet.branch
    return branch.zone if branch else timezone.get_default_timezone()


def local_day(visit: Appointment, now: dt.datetime) -> dt.date:
    return timezone.localdate(now, zone_of(visit))


def _lock_visit(appointment: Appointment) -> Appointment:
    visits = Appointment.objects.select_for_update(of=("self",)).select_related("vet__branch", "pet")
    return visits.get(pk=appointment.pk)
