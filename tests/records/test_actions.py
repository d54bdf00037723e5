"""The visit's verbs: start, write, treat, sign."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.enums import AppointmentStatus
from clinic.models import Appointment
from clinic.pricing import reprice_service
from records import actions
from records.models import MedicalRecord, Treatment
from tests.factories import AppointmentFactory, ServiceFactory, UserFactory, VetFactory
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


@pytest.mark.parametrize("before", [AppointmentStatus.CONFIRMED, AppointmentStatus.ARRIVED])
def test_starting_twice_gives_the_same_record(before):
    visit = AppointmentFactory()
    Appointment.objects.filter(pk=visit.pk).update(status=before)

    first, again = (actions.start_visit(appointment=visit, by=visit.vet.user) for _time in range(2))

    visit.refresh_from_db()
    assert (first, visit.state) == (again, AppointmentStatus.IN_PROGRESS)


def test_starting_the_visit_of_another_vet_is_refused():
    with pytest.raises(RuleViolation) as refusal:
        actions.start_visit(appointment=AppointmentFactory(), by=VetFactory().user)

    assert refusal.value.code == "record_of_another_vet"
    assert not MedicalRecord.objects.exists()


def test_record_saved_twice_with_the_same_text_counts_one_version(record):
    by = record.appointment.vet.user

    saved = [actions.save_record(record=record, version=1, **TEXT, by=by) for _time in range(2)]

    assert [each.version for each in saved] == [2, 2]


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


def test_treatment_has_the_day_of_the_branch(record):
    night = dt.datetime.combine(timezone.localdate(), dt.time(22, 30), tzinfo=dt.UTC)  # past midnight in Moscow

    treatment = treat(record, now=night)

    assert treatment.date == night.date() + dt.timedelta(days=1)


def test_treatment_before_the_start_is_refused():
    visit = AppointmentFactory()

    with pytest.raises(RuleViolation) as refusal:
        actions.add_treatment(appointment=visit, service=ServiceFactory(), by=visit.vet.user)

    assert refusal.value.code == "visit_in_progress"


@pytest.mark.parametrize("discount", [Decimal("-0.01"), Decimal("100.01")])
def test_discount_outside_of_the_price_is_refused(record, discount):
    with pytest.raises(RuleViolation) as refusal:
        treat(record, discount=discount)

    assert refusal.value.code == "treatment_discount_within_price"


def test_removed_treatment_is_gone(record):
    treatment = treat(record)

    actions.remove_treatment(treatment=treatment, by=record.appointment.vet.user)

    assert not Treatment.objects.exists()


def test_treatment_removed_by_another_vet_is_refused(record):
    with pytest.raises(RuleViolation) as refusal:
        actions.remove_treatment(treatment=treat(record), by=VetFactory().user)

    assert refusal.value.code == "record_of_another_vet"


def test_treatment_removed_after_signing_is_refused(record):
    treatment = treat(record)
    actions.sign_record(record=record, by=record.appointment.vet.user)

    with pytest.raises(RuleViolation) as refusal:
        actions.remove_treatment(treatment=treatment, by=record.appointment.vet.user)

    assert refusal.value.code == "visit_in_progress"


def test_signing_completes_the_visit_and_names_the_author(record):
    visit, now = record.appointment, timezone.now()

    signed = actions.sign_record(record=record, now=now, by=visit.vet.user)

    visit.refresh_from_db()
    assert (signed.author, signed.signed_at) == (visit.vet, now)
    assert (visit.state, visit.finished_at) == (AppointmentStatus.COMPLETED, now)


@pytest.mark.parametrize("act", ["save", "sign"])
def test_signed_record_is_neither_saved_nor_signed_again(record, act):
    by = record.appointment.vet.user
    actions.sign_record(record=record, by=by)

    with pytest.raises(RuleViolation) as refusal:
        if act == "save":
            actions.save_record(record=record, version=1, **TEXT, by=by)
        else:
            actions.sign_record(record=record, by=by)

    assert refusal.value.code == "medical_record_signed_never_changes"


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

    tomorrow, admin = timezone.localdate() + dt.timedelta(days=1), UserFactory(role="admin")
    reprice_service(service=service, cost=Decimal(500), since=tomorrow, reason="Dearer", by=admin)

    treatment.refresh_from_db()
    assert treatment.unit_price == Decimal(100)
