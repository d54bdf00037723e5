"""When the next dose is due: counted as PostgreSQL counts, and kept right by the database whatever happens to doses."""

import datetime as dt
import threading

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from records.actions import sign_record, start_visit
from records.models import MedicalRecord, Vaccination, VaccinationDue
from records.models.vaccination_due import FILL
from records.models.vaccine_kind import LONGEST, later
from records.vaccinating import give_dose
from records.vaccinations import LASTS, Last, doses_of, lasts_of
from tests.factories import AppointmentFactory, PetFactory, VaccinationFactory, VaccineKindFactory

pytestmark = pytest.mark.django_db
TODAY = dt.date(2024, 11, 23)
DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))
FROM_DOSES = """
    SELECT DISTINCT ON (pet_id, kind_id) id, pet_id, kind_id, valid_until FROM vaccination
    ORDER BY pet_id, kind_id, given_on DESC
"""


def due_rows() -> list[tuple]:
    return sorted(VaccinationDue.objects.values_list("pk", "pet", "kind", "due_on"))


def from_doses() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(FROM_DOSES)
        return sorted(cursor.fetchall())


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=DAYS, every=st.integers(1, LONGEST), unit=st.sampled_from(["day", "month"]))
@example(day=dt.date(2024, 2, 29), every=12, unit="month")
@example(day=dt.date(2024, 2, 29), every=48, unit="month")
@example(day=dt.date(2026, 1, 31), every=1, unit="month")
@example(day=dt.date(2026, 8, 31), every=6, unit="month")
@example(day=dt.date(2026, 12, 31), every=2, unit="month")
def test_next_day_is_the_one_that_postgresql_finds(day, every, unit):
    with connection.cursor() as cursor:
        cursor.execute("SELECT (%s::date + %s::interval)::date", [day, f"{every} {unit}s"])
        expected = cursor.fetchone()[0]

    assert later(day, every, unit) == expected


@pytest.mark.parametrize(
    ("day", "every", "unit", "expected"),
    [
        (dt.date(2024, 2, 29), 12, "month", dt.date(2025, 2, 28)),
        (dt.date(2026, 1, 31), 1, "month", dt.date(2026, 2, 28)),
        (dt.date(2026, 12, 15), 1, "month", dt.date(2027, 1, 15)),
        (dt.date(2026, 12, 15), 21, "day", dt.date(2027, 1, 5)),
    ],
)
def test_next_day_of_an_interval(day, every, unit, expected):
    assert later(day, every, unit) == expected


ACTS = st.lists(
    st.tuples(st.sampled_from(["give", "extend", "move", "remove"]), st.integers(0, 3), st.integers(0, 40)),
    min_size=1,
    max_size=15,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
@example(acts=[("give", 2, 0), ("move", 2, 0)])
def test_due_rows_follow_from_the_last_doses_whatever_happens(acts):
    with transaction.atomic():
        pairs = [
            (pet, kind) for kind in (VaccineKindFactory(), VaccineKindFactory()) for pet in (PetFactory(), PetFactory())
        ]

        for act, which, ago in acts:
            (pet, kind), day = pairs[which], TODAY - dt.timedelta(days=ago)
            there = Vaccination.objects.filter(pet=pet, kind=kind)
            on_day = there.filter(given_on=day)
            if act == "give" and not on_day.exists():
                VaccinationFactory(pet=pet, kind=kind, given_on=day)
            elif act == "extend":
                there.update(valid_until=TODAY + dt.timedelta(days=ago + 1))
            elif act == "move" and not Vaccination.objects.filter(pet=pet, kind=pairs[0][1], given_on=day).exists():
                on_day.update(kind=pairs[0][1])
            elif act == "remove":
                on_day.delete()

        assert due_rows() == from_doses()
        transaction.set_rollback(True)


def test_dose_that_was_given_earlier_than_the_last_one_changes_nothing_due():
    dose = VaccinationFactory(given_on=TODAY, valid_until=dt.date(2025, 11, 23))

    VaccinationFactory(pet=dose.pet, kind=dose.kind, given_on=dt.date(2020, 1, 1), valid_until=dt.date(2029, 1, 1))

    assert due_rows() == [(dose.pk, dose.pet_id, dose.kind_id, dt.date(2025, 11, 23))]


def test_due_rows_are_filled_for_doses_that_were_loaded_past_the_triggers():
    VaccinationFactory()
    VaccinationFactory()
    before = due_rows()
    VaccinationDue.objects.all().delete()

    with connection.cursor() as cursor:
        cursor.execute(FILL)

    assert due_rows() == before != []


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_doses_noted_at_once_leave_the_newest_due():
    pet, kind, barrier = PetFactory(), VaccineKindFactory(), threading.Barrier(8)

    def note(ago: int) -> None:
        barrier.wait()
        VaccinationFactory(pet=pet, kind=kind, given_on=TODAY - dt.timedelta(days=ago))
        connections.close_all()

    threads = [threading.Thread(target=note, args=(ago,)) for ago in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [due_on for *_keys, due_on in due_rows()] == [kind.valid_until(TODAY)]
    assert due_rows() == from_doses()


def test_signed_dose_stays_final_while_a_newer_one_takes_its_place_in_the_list():
    visit, kind = AppointmentFactory(), VaccineKindFactory()
    start_visit(appointment=visit, by=visit.vet.user)
    give_dose(appointment=visit, kind=kind, now=visit.date - dt.timedelta(days=5), by=visit.vet.user)
    sign_record(record=MedicalRecord.objects.get(), by=visit.vet.user)
    before = Vaccination.objects.values().get()

    newer = VaccinationFactory(pet=visit.pet, kind=kind, given_on=before["given_on"] + dt.timedelta(days=1))

    assert Vaccination.objects.values().get(pk=before["id"]) == before
    assert due_rows() == [(newer.pk, visit.pet_id, kind.pk, newer.valid_until)]


def last_doses(pet) -> list[Last]:
    with connection.cursor() as cursor:
        cursor.execute(LASTS, {"pet": pet.pk, "species": pet.species})
        return lasts_of(cursor.fetchone()[0], pet.species, TODAY)


@pytest.mark.parametrize(("days", "state"), [(-1, "overdue"), (0, "soon"), (30, "soon"), (31, "protected")])
def test_state_of_the_last_dose_is_told_by_the_day(days, state):
    dose = VaccinationFactory(given_on=dt.date(2024, 1, 1), valid_until=TODAY + dt.timedelta(days=days))

    assert [each.state for each in doses_of(dose.pet, TODAY)] == [state]
    assert [each.state for each in last_doses(dose.pet)] == [state]


def test_only_the_last_dose_of_each_kind_is_due():
    first = VaccinationFactory(given_on=dt.date(2022, 1, 1))
    last = VaccinationFactory(pet=first.pet, kind=first.kind, given_on=dt.date(2023, 1, 1))
    other = VaccinationFactory(pet=first.pet, given_on=dt.date(2021, 1, 1))

    doses = doses_of(first.pet, TODAY)

    assert [(each.id, each.is_last, each.state) for each in doses] == [
        (last.pk, True, "overdue"),
        (first.pk, False, ""),
        (other.pk, True, "overdue"),
    ]


def test_nothing_is_due_of_a_dead_animal_or_a_kind_that_is_out_of_use():
    dead = VaccinationFactory(pet__deceased_at=timezone.localdate())
    out_of_use = VaccinationFactory(kind__is_active=False)

    assert [each.state for dose in (dead, out_of_use) for each in doses_of(dose.pet, TODAY)] == ["", ""]


def test_kinds_offered_are_those_in_use_for_the_species():
    pet = PetFactory(species="dog")
    for name, details in {
        "all": {},
        "dogs": {"species": "dog"},
        "cats": {"species": "cat"},
        "old": {"is_active": False},
    }.items():
        VaccineKindFactory(name=name, **details)

    assert [(each.name, each.is_offered) for each in last_doses(pet)] == [("all", True), ("dogs", True)]
