"""The visit's verbs: start, write, treat, sign."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.enums import AppointmentStatus
from records import actions
from records.models import MedicalRecord, Treatment
from tests.factories import AppointmentFactory, ServiceFactory, VetFactory
from vetclinic.refusals import RuleViolation

pytestmark = pytest.mark.django_db
TEXT = {"complaint": "limps", "diagnosis": "sprain", "prescription": "rest", "notes": ""}


@pytest.fixture
def record():
    visit = AppointmentFactory()
    return actions.start_visit(appointment=visit, by=visit.vet.user)


def treat(record, **changes):
    visit = record.appointment
    wanted = {"appointment": visit, "service": ServiceFactory(), "by": visit.vet.user} | changes
    return actions.add_treatment(**wanted)


def test_starting_a_scheduled_visit_notes_arrival_and_start(record):
    visit = record.appointment
    visit.refresh_from_db()

    assert visit.state == AppointmentStatus.IN_PROGRESS
    assert visit.arrived_at == visit.started_at


def test_record_saved_by_its_vet_keeps_the_text_and_counts_the_version(record):
    saved = actions.save_record(record=record, version=1, **TEXT, by=record.appointment.vet.user)

    assert (saved.diagnosis, saved.version) == ("sprain", 2)


def test_record_saved_with_an_old_version_is_refused_and_keeps_the_first_text(record):
    actions.save_record(record=record, version=1, **TEXT, by=record.appointment.vet.user)

    with pytest.raises(RuleViolation) as refusal:
        actions.save_record(record=record, version=1, **TEXT | {"notes": "x"}, by=record.appointment.vet.user)

    assert refusal.value.code == "medical_record_stale"
    record.refresh_from_db()
    assert record.notes == ""


def test_record_of_another_vet_is_refused(record):
    with pytest.raises(RuleViolation) as refusal:
        actions.save_record(record=record, version=1, **TEXT, by=VetFactory().user)

    assert refusal.value.code == "record_of_another_vet"


def test_treatment_copies_the_price_of_its_day(record):
    service = ServiceFactory(cost=Decimal("99.90"))

    treatment = treat(record, service=service, quantity=Decimal("1.5"))

    treatment.refresh_from_db()
    assert (treatment.unit_price, treatment.total) == (Decimal("99.90"), Decimal("149.85"))


def test_expired_service_is_refused(record):
    expired = ServiceFactory(valid_to=timezone.localdate())

    with pytest.raises(RuleViolation) as refusal:
        treat(record, service=expired)

    assert refusal.value.code == "service_on_sale"


def test_inactive_service_is_refused(record):
    with pytest.raises(RuleViolation) as refusal:
        treat(record, service=ServiceFactory(is_active=False))

    assert refusal.value.code == "service_on_sale"


def test_quantity_whose_sum_overflows_is_refused(record):
    with pytest.raises(RuleViolation) as refusal:
        treat(record, quantity=Decimal(9_999_999), service=ServiceFactory(cost=Decimal(1000)))

    assert refusal.value.field == "quantity"


def test_treatment_sent_twice_is_added_once(record):
    key, service = uuid.uuid4(), ServiceFactory()

    first, again = (treat(record, service=service, request_key=key) for _time in range(2))

    assert first == again
    assert Treatment.objects.count() == 1


def test_signed_record_and_its_treatments_are_final_also_in_sql(record):
    treatment = treat(record)
    actions.sign_record(record=record, by=record.appointment.vet.user)

    for change in (
        lambda: MedicalRecord.objects.filter(pk=record.pk).update(diagnosis="other"),
        lambda: Treatment.objects.filter(pk=treatment.pk).update(quantity=2),
        lambda: Treatment.objects.filter(pk=treatment.pk).delete(),
    ):
        with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
            change()


def test_treatment_after_signing_is_refused(record):
    actions.sign_record(record=record, by=record.appointment.vet.user)

    with pytest.raises(RuleViolation) as refusal:
        treat(record)

    assert refusal.value.code == "visit_in_progress"


def test_price_change_leaves_a_treatment_as_it_was(record):
    service = ServiceFactory(cost=Decimal(100), valid_from=timezone.localdate() - dt.timedelta(days=2))
    treatment = treat(record, service=service)

    type(service).objects.filter(pk=service.pk).update(cost=Decimal(500))

    treatment.refresh_from_db()
    assert treatment.unit_price == Decimal(100)
