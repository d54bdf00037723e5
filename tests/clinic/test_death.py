"""The death of an animal: its coming visits are cancelled in the same act, and no other can be booked."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from clinic import actions, custody
from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Pet
from tests.clinic.times import next_morning
from tests.factories import AppointmentFactory, PetFactory, UserFactory, VetFactory
from vetclinic.refusals import RuleViolation

pytestmark = pytest.mark.django_db
HALF_AN_HOUR = dt.timedelta(minutes=30)


@pytest.fixture
def reception(client):
    client.force_login(UserFactory(role="reception"))
    return client


def visit_at(start, **more):
    return AppointmentFactory(date=start, ends_at=start + HALF_AN_HOUR, **more)


def die(pet, died_on=None, **more):
    return custody.record_death(pet=pet, died_on=died_on or timezone.localdate(), by=UserFactory(role="vet"), **more)


def test_death_cancels_coming_visits_with_the_reason_and_no_others():
    pet = PetFactory()
    coming = [visit_at(next_morning(days=day), pet=pet) for day in (1, 2)]
    actions.change_status(appointment=coming[1], to=AppointmentStatus.CONFIRMED, by=UserFactory())
    waiting = AppointmentFactory(pet=pet)
    actions.change_status(appointment=waiting, to=AppointmentStatus.ARRIVED, by=UserFactory())
    last_week = visit_at(next_morning(days=-7), pet=pet)
    other = visit_at(next_morning())

    cancelled = die(pet)

    found = dict(Appointment.objects.values_list("pk", "status"))
    assert cancelled == 2
    assert [found[visit.pk] for visit in (*coming, waiting, last_week, other)] == [6, 6, 3, 1, 1]
    assert Appointment.objects.get(pk=coming[0].pk).cancelled_reason == "The animal has died."


def test_death_noted_late_cancels_visits_missed_since():
    pet = PetFactory()
    missed = visit_at(next_morning(days=-1), pet=pet)

    die(pet, timezone.localdate() - dt.timedelta(days=3))

    missed.refresh_from_db()
    assert missed.state == AppointmentStatus.CANCELLED


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (dt.date(2020, 5, 3), "death_before_birth"),
        (dt.date(1, 1, 1), "death_before_birth"),
        (dt.date(2024, 6, 2), "death_in_the_future"),
        (dt.date(9999, 12, 31), "death_in_the_future"),
    ],
)
def test_death_outside_of_the_life_is_refused(day, code):
    pet = PetFactory(birth_date=dt.date(2020, 5, 4))

    with pytest.raises(RuleViolation) as refusal:
        die(pet, day, today=dt.date(2024, 6, 1))

    assert (refusal.value.code, refusal.value.field) == (code, "died_on")


def test_second_death_is_refused():
    pet = PetFactory(deceased_at=timezone.localdate() - dt.timedelta(days=1))

    with pytest.raises(RuleViolation) as refusal:
        die(pet)

    assert refusal.value.code == "pet_has_died_already"


def test_refused_death_cancels_nothing():
    visit = visit_at(next_morning())

    with pytest.raises(RuleViolation):
        die(visit.pet, dt.date(9999, 1, 1))

    visit.refresh_from_db()
    assert visit.state == AppointmentStatus.SCHEDULED


def test_dead_animals_visit_cannot_be_put_back():
    visit = visit_at(next_morning())
    die(visit.pet)

    with pytest.raises(RuleViolation) as refusal:
        actions.change_status(appointment=visit, to=AppointmentStatus.SCHEDULED, by=UserFactory())

    assert refusal.value.code == "appointment_pet_lives"


def test_database_refuses_a_visit_of_the_dead_but_keeps_the_history():
    pet = PetFactory()
    past = visit_at(next_morning(days=-3), pet=pet)
    die(pet)

    with pytest.raises(IntegrityError), transaction.atomic():
        visit_at(next_morning(), pet=pet)

    assert Appointment.objects.get() == past


def test_corrected_death_lets_the_animal_come_and_revives_no_visit():
    visit = visit_at(next_morning())
    die(visit.pet)

    custody.correct_death(pet=visit.pet, by=UserFactory())

    visit.refresh_from_db()
    assert (Pet.objects.get().deceased_at, visit.state) == (None, AppointmentStatus.CANCELLED)
    assert visit_at(next_morning(11), pet=visit.pet).pk


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_booking_and_death_at_once_leave_no_visit_expected():
    by = UserFactory(role="reception")
    for _time in range(5):
        pet, vet, barrier = PetFactory(), VetFactory(), threading.Barrier(2)

        def book(pet=pet, vet=vet, barrier=barrier):
            barrier.wait()
            try:
                actions.book_appointment(vet=vet, pet=pet, start=next_morning(), minutes=30, reason="cough", by=by)
            except RuleViolation:
                pass
            finally:
                connections.close_all()

        thread = threading.Thread(target=book)
        thread.start()
        barrier.wait()
        custody.record_death(pet=pet, died_on=timezone.localdate(), by=by)
        thread.join()

        assert Appointment.objects.filter(pet=pet, status=AppointmentStatus.SCHEDULED).count() == 0


# -- The page -----------------------------------------------------------------------------------------------


def test_page_names_the_visits_and_noting_twice_is_one_death(reception):
    visit = visit_at(next_morning())
    path = f"/pets/{visit.pet_id}/death/"
    today = timezone.localdate().isoformat()

    shown = reception.get(path).context["visits"]
    codes = [reception.post(path, {"died_on": today}).status_code for _time in range(2)]

    assert ([each for each, _starts in shown], codes) == ([visit], [302, 302])
    page = reception.get(f"/pets/{visit.pet_id}/")
    assert ("will be reminded" in page.text, f"/book/?pet={visit.pet_id}" in page.text) == (True, False)


@pytest.mark.parametrize("typed", ["", "yesterday", "31.02.2024", "9999-12-31", "0001-01-01", "😀", "<b>"])
def test_bad_day_of_death_is_told_by_its_field_and_kept(reception, typed):
    pet = PetFactory(birth_date=dt.date(2020, 5, 4))

    answer = reception.post(f"/pets/{pet.pk}/death/", {"died_on": typed})

    form = answer.context["form"]
    assert (answer.status_code, list(form.errors), form["died_on"].value()) == (422, ["died_on"], typed)
    assert Pet.objects.get().deceased_at is None


def test_another_day_for_a_dead_animal_is_refused_as_a_conflict(reception):
    pet = PetFactory(deceased_at=timezone.localdate() - dt.timedelta(days=9))

    answer = reception.post(f"/pets/{pet.pk}/death/", {"died_on": timezone.localdate().isoformat()})

    assert answer.status_code == 409


def test_mistake_is_corrected_with_one_button(reception):
    pet = PetFactory(deceased_at=timezone.localdate())

    answer = reception.post(f"/pets/{pet.pk}/death/undo/", follow=True)

    assert f"/book/?pet={pet.pk}" in answer.text
