"""Moving a visit, squeezing one in, and taking a change back."""

import datetime as dt

import pytest
from django.utils import timezone

from clinic.actions import book_appointment, change_status, move_appointment, undo
from clinic.enums import AppointmentStatus
from clinic.models import Appointment
from tests.clinic.times import next_morning
from tests.factories import AppointmentFactory, PetFactory, UserFactory, VetFactory
from vetclinic.audit.models import Change
from vetclinic.refusals import RuleViolation

pytestmark = pytest.mark.django_db


@pytest.fixture
def reception():
    return UserFactory(role="reception")


@pytest.fixture
def visit():
    start = next_morning(10)
    return AppointmentFactory(date=start, ends_at=start + dt.timedelta(minutes=30))


def move(visit, by, **changes):
    wanted = {"vet": visit.vet, "start": next_morning(15), "minutes": 30} | changes
    return move_appointment(appointment=visit, by=by, **wanted)


def last_change(visit):
    return Change.objects.filter(table="appointment", row_id=visit.pk).latest("id")


def place(visit):
    visit = Appointment.objects.get(pk=visit.pk)
    return visit.vet_id, visit.date, visit.minutes, visit.state


def test_visit_moved_to_another_time_vet_and_length_keeps_its_state(visit, reception):
    other = VetFactory()
    change_status(appointment=visit, to=AppointmentStatus.CONFIRMED, by=reception)

    move(visit, reception, vet=other, minutes=45)

    assert place(visit) == (other.pk, next_morning(15), 45, AppointmentStatus.CONFIRMED)


def test_visit_lengthened_over_its_own_time_does_not_collide_with_itself(visit, reception):
    move(visit, reception, start=visit.date, minutes=60)

    assert place(visit)[2] == 60


@pytest.mark.parametrize("what", ["vet", "pet"])
def test_visit_moved_onto_another_of_the_vet_or_the_pet_is_refused(visit, reception, what):
    start = next_morning(15)
    AppointmentFactory(date=start, ends_at=start + dt.timedelta(minutes=30), **{what: getattr(visit, what)})
    before = place(visit)

    with pytest.raises(RuleViolation) as refusal:
        move(visit, reception)

    assert refusal.value.code == f"appointment_{what}_not_double_booked"
    assert place(visit) == before


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"start": next_morning(3)}, "visit_within_working_hours"),
        ({"start": next_morning(17, 45)}, "visit_within_working_hours"),
        ({"start": next_morning(10, days=-3)}, "visit_in_the_past"),
        ({"start": next_morning(10, days=370)}, "visit_too_far"),
        ({"minutes": 0}, "visit_length"),
    ],
)
def test_visit_moved_outside_of_the_rules_is_refused(visit, reception, changes, code):
    with pytest.raises(RuleViolation) as refusal:
        move(visit, reception, **changes)

    assert refusal.value.code == code


def test_visit_that_has_begun_stays_where_it_is(visit, reception):
    for step in (AppointmentStatus.ARRIVED, AppointmentStatus.IN_PROGRESS):
        change_status(appointment=visit, to=step, now=visit.date, by=reception)

    with pytest.raises(RuleViolation) as refusal:
        move(visit, reception)

    assert refusal.value.code == "visit_cannot_be_moved"


def test_vet_moves_own_visits_to_nobody_else(visit):
    with pytest.raises(RuleViolation) as refusal:
        move(visit, visit.vet.user, vet=VetFactory())

    assert refusal.value.code == "booking_for_another_vet"


def test_squeeze_in_takes_a_taken_time_and_keeps_its_reason(visit, reception):
    squeezed = book_appointment(
        vet=visit.vet, pet=PetFactory(), start=visit.date, minutes=15, reason="bleeding",
        squeeze_reason="an emergency", by=reception,
    )  # fmt: skip

    squeezed.refresh_from_db()
    assert (squeezed.squeezed_in, squeezed.squeezed_in_reason) == (True, "an emergency")


def test_squeezed_in_visit_moved_to_a_free_time_is_an_ordinary_one(visit, reception):
    squeezed = book_appointment(
        vet=visit.vet, pet=PetFactory(), start=visit.date, minutes=15, reason="bleeding",
        squeeze_reason="an emergency", by=reception,
    )  # fmt: skip

    move(squeezed, reception)

    squeezed.refresh_from_db()
    assert (squeezed.squeezed_in, squeezed.squeezed_in_reason) == (False, "")


def test_move_taken_back_restores_time_vet_and_length(visit, reception):
    before = place(visit)
    move(visit, reception, vet=VetFactory(), minutes=60)

    undo(appointment=visit, change=last_change(visit), by=reception)

    assert place(visit) == before


@pytest.mark.parametrize("status", [AppointmentStatus.SCHEDULED, AppointmentStatus.CONFIRMED])
def test_cancelling_taken_back_restores_the_state_before(visit, reception, status):
    if status == AppointmentStatus.CONFIRMED:
        change_status(appointment=visit, to=status, by=reception)
    change_status(appointment=visit, to=AppointmentStatus.CANCELLED, reason="ill", by=reception)

    undo(appointment=visit, change=last_change(visit), by=reception)

    visit.refresh_from_db()
    assert (visit.state, visit.cancelled_reason) == (status, "")


def test_move_whose_old_time_has_been_taken_is_not_undone(visit, reception):
    old = visit.date
    move(visit, reception)
    book_appointment(vet=visit.vet, pet=PetFactory(), start=old, minutes=30, reason="cough", by=reception)

    with pytest.raises(RuleViolation) as refusal:
        undo(appointment=visit, change=last_change(visit), by=reception)

    assert refusal.value.code == "appointment_vet_not_double_booked"
    assert place(visit)[1] == next_morning(15)


def test_change_is_not_undone_after_another_one(visit, reception):
    move(visit, reception)
    first = last_change(visit)
    move(visit, reception, start=next_morning(16))

    with pytest.raises(RuleViolation) as refusal:
        undo(appointment=visit, change=first, by=reception)

    assert refusal.value.code == "undo_of_an_older_change"


def test_change_is_not_undone_after_an_hour(visit, reception):
    move(visit, reception)

    with pytest.raises(RuleViolation) as refusal:
        undo(appointment=visit, change=last_change(visit), now=timezone.now() + dt.timedelta(minutes=61), by=reception)

    assert refusal.value.code == "undo_too_late"


def test_visit_that_came_from_the_form_is_not_undone_into_nothing(visit, reception):
    with pytest.raises(RuleViolation) as refusal:
        undo(appointment=visit, change=last_change(visit), by=reception)

    assert refusal.value.code == "undo_of_an_older_change"


def test_vet_takes_back_no_move_that_ends_in_a_colleagues_lane(visit, reception):
    own = VetFactory()
    move(visit, reception, vet=own)

    with pytest.raises(RuleViolation) as refusal:
        undo(appointment=visit, change=last_change(visit), by=own.user)

    assert refusal.value.code == "booking_for_another_vet"
    assert place(visit)[0] == own.pk


def test_move_to_where_a_visit_is_already_changes_nothing(visit, reception):
    before = last_change(visit)

    moved = move(visit, reception, start=visit.date)

    assert (last_change(visit), moved.change) == (before, None)


def test_move_and_cancelling_name_the_change_that_they_made(visit, reception):
    moved = move(visit, reception)
    made = last_change(visit)
    cancelled = change_status(appointment=visit, to=AppointmentStatus.CANCELLED, reason="ill", by=reception)

    assert (moved.change, cancelled.change) == (made, last_change(visit))


def test_visit_keeps_a_start_that_has_passed_when_only_its_length_changes(reception):
    visit = AppointmentFactory(date=next_morning(10), ends_at=next_morning(10, 30))

    move(visit, reception, start=visit.date, minutes=60, now=visit.date + dt.timedelta(minutes=40))

    assert place(visit)[2] == 60


def test_visit_that_has_arrived_moves_within_its_day(visit, reception):
    now = next_morning(9)
    change_status(appointment=visit, to=AppointmentStatus.ARRIVED, now=now, by=reception)
    move(visit, reception, start=next_morning(15), now=now)

    with pytest.raises(RuleViolation) as refusal:
        move(visit, reception, start=next_morning(15, days=2), now=now)

    assert (refusal.value.code, place(visit)[1]) == ("visit_arrived_moves_within_its_day", next_morning(15))
