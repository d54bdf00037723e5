"""The clinic's verbs: what they do, and what they refuse."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from clinic import actions
from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Pet, PetOwner
from tests.clinic.times import next_morning
from tests.factories import AppointmentFactory, PetFactory, UserFactory, VetFactory
from vetclinic.refusals import RuleViolation

pytestmark = pytest.mark.django_db


@pytest.fixture
def reception():
    return UserFactory(role="reception")


def book(reception, **changes):
    wanted = {"start": next_morning(), "minutes": 30, "reason": "cough", "by": reception} | changes
    wanted.setdefault("vet", None)
    wanted["vet"] = wanted["vet"] or VetFactory()
    wanted["pet"] = wanted.get("pet") or PetFactory()
    return actions.book_appointment(**wanted)


def test_booking_a_free_time_makes_a_scheduled_visit(reception):
    visit = book(reception)

    visit.refresh_from_db()
    assert visit.state == AppointmentStatus.SCHEDULED
    assert visit.ends_at - visit.date == dt.timedelta(minutes=30)
    assert visit.booked_by == reception


def test_visits_that_only_touch_are_both_booked(reception):
    first = book(reception)

    second = book(reception, vet=first.vet, start=next_morning(10, 30))

    assert second.date == first.ends_at


@pytest.mark.parametrize(("hour", "minute"), [(9, 45), (10, 0), (10, 15)])
def test_booking_an_overlapping_time_of_a_vet_is_refused(reception, hour, minute):
    first = book(reception)

    with pytest.raises(RuleViolation) as refusal:
        book(reception, vet=first.vet, start=next_morning(hour, minute))

    assert refusal.value.code == "appointment_vet_not_double_booked"
    assert Appointment.objects.count() == 1


def test_booking_a_pet_in_two_places_is_refused(reception):
    first = book(reception)

    with pytest.raises(RuleViolation) as refusal:
        book(reception, pet=first.pet)

    assert refusal.value.code == "appointment_pet_not_double_booked"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"start": next_morning(3)}, "visit_within_working_hours"),
        ({"start": next_morning(17, 45)}, "visit_within_working_hours"),
        ({"start": next_morning(days=-2)}, "visit_in_the_past"),
        ({"start": next_morning(days=500)}, "visit_too_far"),
        ({"minutes": 0}, "visit_length"),
        ({"minutes": 10_000}, "visit_length"),
    ],
)
def test_booking_outside_of_the_rules_is_refused(reception, changes, code):
    with pytest.raises(RuleViolation) as refusal:
        book(reception, **changes)

    assert refusal.value.code == code


def test_booking_a_pet_that_has_died_is_refused(reception):
    with pytest.raises(RuleViolation) as refusal:
        book(reception, pet=PetFactory(deceased_at=timezone.localdate()))

    assert refusal.value.code == "pet_has_died"


def test_vet_booking_for_another_vet_is_refused():
    other, own = VetFactory(), VetFactory()

    with pytest.raises(RuleViolation) as refusal:
        book(own.user, vet=other)

    assert refusal.value.code == "booking_for_another_vet"


def test_same_request_key_twice_books_once(reception):
    key = uuid.uuid4()
    first = book(reception, request_key=key)

    again = book(reception, request_key=key, vet=first.vet, pet=first.pet)

    assert again == first


def test_newcomer_who_cannot_be_booked_is_not_registered(reception):
    taken = book(reception)

    with pytest.raises(RuleViolation):
        actions.book_for_newcomer(
            owner={"first_name": "Ida", "last_name": "Moss", "phone": "+7 916 123-45-67"},
            pet={"name": "Rex"},
            visit={"vet": taken.vet, "start": taken.date, "minutes": 30, "reason": "cough"},
            by=reception,
        )

    assert not PetOwner.objects.filter(last_name="Moss").exists()
    assert not Pet.objects.filter(name="Rex").exists()


def test_arrival_is_noted_with_its_time(reception):
    visit = AppointmentFactory()
    now = timezone.now()

    visit = actions.change_status(appointment=visit, to=AppointmentStatus.ARRIVED, now=now, by=reception)

    assert (visit.state, visit.arrived_at) == (AppointmentStatus.ARRIVED, now)


def test_step_that_is_not_in_the_table_is_refused(reception):
    visit = AppointmentFactory()

    with pytest.raises(RuleViolation) as refusal:
        actions.change_status(appointment=visit, to=AppointmentStatus.COMPLETED, by=reception)

    assert refusal.value.code == "appointment_status_follows_the_table"


def test_cancelled_visit_frees_its_time(reception):
    visit = book(reception)

    actions.change_status(appointment=visit, to=AppointmentStatus.CANCELLED, reason="ill", by=reception)

    assert book(reception, vet=visit.vet).date == visit.date


def test_visit_put_back_when_its_time_is_taken_is_refused(reception):
    visit = book(reception)
    actions.change_status(appointment=visit, to=AppointmentStatus.CANCELLED, reason="ill", by=reception)
    book(reception, vet=visit.vet)

    with pytest.raises(RuleViolation) as refusal:
        actions.change_status(appointment=visit, to=AppointmentStatus.SCHEDULED, by=reception)

    assert refusal.value.code == "appointment_vet_not_double_booked"


@pytest.mark.parametrize("writing", ["+7 916 123-45-67", "8 (916) 123-45-67", "79161234567", "9161234567"])
def test_phone_in_any_usual_writing_is_stored_one_way(reception, writing):
    owner = actions.register_owner(first_name="Ida", last_name="Moss", phone=writing, by=reception)

    assert owner.phone == "+79161234567"


@pytest.mark.parametrize("writing", ["12", "abc", "+7 916 123-45-67 000 000 000", "😀"])
def test_phone_that_is_none_is_refused(reception, writing):
    with pytest.raises(RuleViolation) as refusal:
        actions.register_owner(first_name="Ida", last_name="Moss", phone=writing, by=reception)

    assert refusal.value.field == "phone"
