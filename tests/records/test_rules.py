"""What the rules of a visit allow, and the sentence's code where they do not."""

import datetime as dt
from decimal import Decimal

import pytest

from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Service, Veterinarian
from records import rules
from records.models import MedicalRecord
from vetclinic.access.models import User
from vetclinic.refusals import RuleViolation

TODAY = dt.date(2026, 3, 2)


NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def visit_of(vet_user=1, status=AppointmentStatus.ARRIVED, date=NOW):
    return Appointment(vet=Veterinarian(user_id=vet_user), status_id=status, date=date)


def code_of(check, *args):
    with pytest.raises(RuleViolation) as refusal:
        check(*args)
    return refusal.value.code


@pytest.mark.parametrize(
    ("role", "pk", "can"), [("vet", 1, True), ("vet", 2, False), ("manager", 1, False), ("reception", 1, False)]
)
def test_record_is_written_by_the_vet_of_the_visit_only(role, pk, can):
    assert rules.can_write_record_of(User(pk=pk, role=role), visit_of(vet_user=1)) is can


@pytest.mark.parametrize("status", AppointmentStatus)
def test_visit_without_a_record_can_start_until_it_has_ended(status):
    ended = (AppointmentStatus.COMPLETED, AppointmentStatus.CANCELLED, AppointmentStatus.NO_SHOW)

    assert rules.can_start(User(pk=1, role="vet"), visit_of(status=status), None, NOW) is (status not in ended)


@pytest.mark.parametrize(("days", "can"), [(-2, True), (0, True), (2, False)])
def test_visit_of_a_day_to_come_cannot_start(days, can):
    visit = visit_of(date=NOW + dt.timedelta(days=days))

    assert rules.can_start(User(pk=1, role="vet"), visit, None, NOW) is can


def test_visit_with_a_record_cannot_start_again():
    assert not rules.can_start(User(pk=1, role="vet"), visit_of(), MedicalRecord(), NOW)


@pytest.mark.parametrize("status", set(AppointmentStatus) - {AppointmentStatus.IN_PROGRESS})
def test_visit_not_in_progress_takes_no_treatments(status):
    assert code_of(rules.check_in_progress, visit_of(status=status)) == "visit_in_progress"


@pytest.mark.parametrize(
    ("starts", "ends", "active", "sold"),
    [(0, 1, True, True), (-9, 9, True, True), (1, 2, True, False), (-9, 0, True, False), (-9, 9, False, False)],
)
def test_service_is_sold_from_its_first_day_until_before_its_last(starts, ends, active, sold):
    first, last = TODAY + dt.timedelta(starts), TODAY + dt.timedelta(ends)
    service = Service(valid_from=first, valid_to=last, is_active=active)

    if sold:
        rules.check_on_sale(service, TODAY)
    else:
        assert code_of(rules.check_on_sale, service, TODAY) == "service_on_sale"


@pytest.mark.parametrize("quantity", ["0.001", "1", "9999999.999"])
def test_quantity_that_fits_is_taken(quantity):
    rules.check_quantity(Decimal(quantity), Decimal("1.50"))


@pytest.mark.parametrize(
    ("quantity", "price", "code"),
    [
        ("0", "1", "treatment_quantity_is_positive"),
        ("-1", "1", "treatment_quantity_is_positive"),
        ("0.0005", "1", "treatment_quantity_too_fine"),
        ("1000001", "100", "treatment_sum_too_large"),
    ],
)
def test_quantity_that_does_not_fit_is_refused(quantity, price, code):
    assert code_of(rules.check_quantity, Decimal(quantity), Decimal(price)) == code
