"""In which order actions lock: the vets, the animal, then rows. Whoever waits for a vet or an animal holds no row yet."""

import threading
from contextlib import closing, contextmanager

import pytest
from django.db import OperationalError, connections

from clinic import actions, custody
from clinic.enums import AppointmentStatus
from clinic.models import Appointment
from tests.clinic.times import next_morning
from tests.factories import AppointmentFactory, OwnerFactory, PetFactory, UserFactory, VetFactory
from vetclinic.audit.models import Change
from vetclinic.locks import Lock
from vetclinic.refusals import ATTEMPTS, RuleViolation, action

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
LOCKED = "SELECT id FROM {} WHERE id = %s FOR UPDATE NOWAIT"


@contextmanager
def waiting_for(kind, number, act):
    """While somebody else holds the lock, `act` waits for it. Gives a cursor of yet another connection."""

    def run():
        try:
            act()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    holder, other = (connections["default"].copy() for _connection in range(2))
    with closing(holder), closing(other), holder.cursor() as holding, other.cursor() as cursor:
        holding.execute("BEGIN")
        holding.execute("SELECT pg_advisory_xact_lock(%s, %s)", [kind, number])
        thread.start()
        while not cursor.execute(WAITING).fetchone()[0]:
            assert thread.is_alive(), "it did not wait"
        try:
            yield cursor
        finally:
            holding.execute("ROLLBACK")
            thread.join()


def cancelled():
    visit = AppointmentFactory(date=next_morning(), status_id=AppointmentStatus.CANCELLED)
    return visit, lambda: actions.change_status(
        appointment=visit, to=AppointmentStatus.SCHEDULED, by=UserFactory(role="reception")
    )


def moved():
    visit, vet = AppointmentFactory(date=next_morning()), VetFactory()
    return visit, lambda: actions.move_appointment(
        appointment=visit, vet=vet, start=next_morning(15), minutes=30, by=UserFactory(role="reception")
    )


def taken_back():
    visit, by = AppointmentFactory(date=next_morning()), UserFactory(role="reception")
    actions.move_appointment(appointment=visit, vet=VetFactory(), start=next_morning(15), minutes=30, by=by)
    change = Change.objects.filter(table="appointment", row_id=visit.pk).latest("id")
    return visit, lambda: actions.undo(appointment=visit, change=change, by=by)


def buried():
    visit = AppointmentFactory(date=next_morning())
    return visit, lambda: custody.record_death(
        pet=visit.pet, died_on=next_morning(days=0).date(), by=UserFactory(role="reception")
    )


@pytest.mark.parametrize(
    ("prepare", "kind"),
    [
        (cancelled, Lock.VET), (cancelled, Lock.PET), (moved, Lock.VET), (moved, Lock.PET), (taken_back, Lock.VET),
        (taken_back, Lock.PET), (buried, Lock.PET),
    ],
)  # fmt: skip
def test_who_waits_for_a_vet_or_an_animal_holds_no_row_of_a_visit(prepare, kind):
    visit, act = prepare()
    number = Appointment.objects.get().vet_id if kind == Lock.VET else visit.pet_id

    with waiting_for(kind, number, act) as cursor:
        assert cursor.execute(LOCKED.format("appointment"), [visit.pk]).fetchone() == (visit.pk,)


def test_who_waits_to_book_for_an_animal_without_an_owner_does_not_hold_its_row():
    pet, vet = PetFactory(pet_owner=None), VetFactory()
    owner = {"first_name": "Ida", "last_name": "Moss", "phone": "+79161234567"}
    visit = {"vet": vet, "start": next_morning(), "minutes": 30, "reason": "cough"}

    def act():
        actions.book_for_newcomer(owner=owner, pet=pet, visit=visit, by=UserFactory(role="reception"))

    with waiting_for(Lock.PET, pet.pk, act) as cursor:
        assert cursor.execute(LOCKED.format("pet"), [pet.pk]).fetchone() == (pet.pk,)


def test_visit_that_went_to_another_vet_meanwhile_is_not_put_back():
    """The lock was that of the vet whom the page showed."""
    visit, by = AppointmentFactory(date=next_morning()), UserFactory(role="reception")
    shown = Appointment.objects.get()
    actions.move_appointment(appointment=visit, vet=VetFactory(), start=next_morning(15), minutes=30, by=by)
    actions.change_status(appointment=visit, to=AppointmentStatus.CANCELLED, reason="ill", by=by)

    with pytest.raises(RuleViolation) as refusal:
        actions.change_status(appointment=shown, to=AppointmentStatus.SCHEDULED, by=by)

    assert refusal.value.code == "visit_changed_meanwhile"


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
def test_victim_of_a_deadlock_tries_again_and_is_told_when_that_does_not_help(sqlstate):
    tries = []

    @action
    def act():
        OwnerFactory()
        tries.append(1)
        error = OperationalError("deadlock detected")
        error.__cause__ = type("Cause", (Exception,), {"sqlstate": sqlstate})()
        raise error

    with pytest.raises(RuleViolation) as refusal:
        act()

    assert (refusal.value.code, len(tries)) == ("busy", ATTEMPTS)
