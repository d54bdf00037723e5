"""A weight without a visit: noted and taken back on the animal's page."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.utils import timezone

from records.models import Measurement
from tests.factories import AppointmentFactory, MeasurementFactory, PetFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def pet():
    today = timezone.localdate()
    return PetFactory(birth_date=today - dt.timedelta(days=400), deceased_at=None)


@pytest.fixture
def reception(client):
    client.force_login(UserFactory(role="reception"))
    return client


def typed(**changes):
    return {"weight": "4,5", "day": "", "request_key": str(uuid.uuid4())} | changes


def test_weight_is_noted_today_by_whom(reception, pet):
    reception.post(f"/pets/{pet.pk}/weight/", typed())

    row = Measurement.objects.get()
    assert (row.pet, row.appointment, row.value, row.unit) == (pet, None, Decimal("4.5"), "kg")
    assert row.taken_by.role == "reception"
    assert timezone.now() - row.taken_at < dt.timedelta(minutes=1)


def test_weight_of_an_earlier_day_stands_at_its_noon(reception, pet):
    day = timezone.localdate() - dt.timedelta(days=3)

    reception.post(f"/pets/{pet.pk}/weight/", typed(day=day.isoformat()))

    taken = timezone.localtime(Measurement.objects.get().taken_at)
    assert (taken.date(), taken.hour) == (day, 12)


def test_form_sent_twice_notes_one_weight(reception, pet):
    form = typed()

    codes = [reception.post(f"/pets/{pet.pk}/weight/", form).status_code for _time in range(2)]

    assert (codes, Measurement.objects.count()) == ([302, 302], 1)


@pytest.mark.parametrize("weight", ["", "-1", "0", "1000000000", "abc", "4.0001", "9" * 200, "🐈", "<b>4</b>"])
def test_bad_weight_is_refused_with_what_was_typed(reception, pet, weight):
    answer = reception.post(f"/pets/{pet.pk}/weight/", typed(weight=weight))

    assert answer.status_code == 422
    assert answer.context["weight_form"].errors.keys() == {"weight"}
    assert answer.context["weight_form"]["weight"].value() == weight
    assert not Measurement.objects.exists()


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "tomorrow", "2026-02-30"])
def test_weight_of_an_impossible_day_is_refused(reception, pet, day):
    answer = reception.post(f"/pets/{pet.pk}/weight/", typed(day=day))

    assert answer.status_code == 422
    assert answer.context["weight_form"].errors.keys() == {"day"}
    assert not Measurement.objects.exists()


def test_dead_animal_is_not_weighed_after_its_death(reception, pet):
    pet.deceased_at = timezone.localdate() - dt.timedelta(days=2)
    pet.save()

    after = reception.post(f"/pets/{pet.pk}/weight/", typed())
    on_the_day = reception.post(f"/pets/{pet.pk}/weight/", typed(day=pet.deceased_at.isoformat()))

    assert (after.status_code, on_the_day.status_code, Measurement.objects.count()) == (422, 302, 1)


def test_mistyped_weight_is_taken_back_once(reception, pet):
    weight = MeasurementFactory(pet=pet)

    codes = [reception.post(f"/pets/{pet.pk}/weight/{weight.pk}/remove/").status_code for _time in range(2)]

    assert (codes, Measurement.objects.count()) == ([302, 302], 0)


def test_weight_of_a_visit_is_not_taken_back_here(reception):
    weight = MeasurementFactory(appointment=AppointmentFactory())

    reception.post(f"/pets/{weight.pet_id}/weight/{weight.pk}/remove/")

    assert Measurement.objects.get() == weight


def test_weight_of_another_animal_stays(reception, pet):
    weight = MeasurementFactory()

    reception.post(f"/pets/{pet.pk}/weight/{weight.pk}/remove/")

    assert Measurement.objects.get() == weight
