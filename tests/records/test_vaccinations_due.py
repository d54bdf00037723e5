"""Who is due: which animals the list names, its filters, its pages, its CSV, how many queries it takes."""

import datetime as dt
import logging

import pytest
from django.utils import timezone

from clinic.models import Pet, PetOwner
from records.actions import start_visit
from records.models import VaccinationLetter
from records.vaccinating import give_dose
from tests.factories import (
    AppointmentFactory,
    OwnerFactory,
    PetFactory,
    UserFactory,
    VaccinationFactory,
    VaccineKindFactory,
)
from tests.spreadsheets import cells

pytestmark = pytest.mark.django_db
LIST, EXPORT = "/vaccinations/due/", "/vaccinations/due/export/"
QUERIES = 6  # who, rows, their number, and the choices of kind, vet and branch; the session is cached


@pytest.fixture
def manager(client):
    client.force_login(UserFactory(role="manager", username="anna"))
    return client


def due_in(days: int, **details):
    """A dose given elsewhere whose next one is due in so many days."""
    return VaccinationFactory(valid_until=timezone.localdate() + dt.timedelta(days=days), **details)


def listed(client, query: str = "") -> list[int]:
    return [row.pk for row in client.get(LIST + query).context["page"]]


@pytest.mark.parametrize(
    ("query", "days"), [("", [-400, -1, 0, 30]), ("?when=overdue", [-400, -1]), ("?when=soon", [0, 30])]
)
def test_list_shows_what_is_due_by_the_day(manager, query, days):
    doses = {day: due_in(day, given_on=dt.date(2020, 1, 1)) for day in (31, 30, 0, -1, -400)}

    assert listed(manager, query) == [doses[day].pk for day in days]


@pytest.mark.parametrize(
    "details",
    [
        {"pet__deceased_at": dt.date(2100, 1, 1)},
        {"pet__is_active": False},
        {"pet__pet_owner": None},
        {"pet__pet_owner__is_active": False},
        {"kind__is_active": False},
    ],
    ids=str,
)
def test_animal_that_nobody_is_to_call_about_is_not_listed(manager, details):
    due_in(10, **details)
    other = due_in(10)

    assert listed(manager) == [other.pk]


def test_animal_with_a_newer_dose_is_not_listed(manager):
    dose = due_in(10)
    VaccinationFactory(pet=dose.pet, kind=dose.kind, given_on=timezone.localdate())

    assert listed(manager) == []


def test_list_is_filtered_by_kind_species_vet_and_branch(manager):
    dog, goat = due_in(1, pet__species="dog"), due_in(2, pet__species="goat")
    visit = AppointmentFactory()
    start_visit(appointment=visit, by=visit.vet.user)
    until = timezone.localdate() + dt.timedelta(days=3)
    here = give_dose(appointment=visit, kind=VaccineKindFactory(), valid_until=until, by=visit.vet.user)

    queries = (f"?kind={dog.kind_id}", "?species=dog", "?species=other", f"?vet={visit.vet_id}")
    found = [listed(manager, query) for query in (*queries, f"?branch={visit.vet.branch_id}", "?order=-due")]

    assert found == [[dog.pk], [dog.pk], [goat.pk], [here.pk], [here.pk], [here.pk, goat.pk, dog.pk]]


def test_field_typed_wrong_gets_its_message_and_filters_nothing(manager):
    dose = due_in(1)

    for query in ("?kind=x", "?kind=-1", "?vet=99999999999999", "?branch=🐈", "?when=never", "?species=<b>"):
        answer = manager.get(LIST + query)
        assert (answer.status_code, "Select a valid choice" in answer.content.decode()) == (200, True)
        assert [row.pk for row in answer.context["page"]] == [dose.pk]


def test_pages_go_on_by_the_day_without_losing_anybody(manager):
    doses = [due_in(number % 7) for number in range(120)]

    found, query = [], "?"
    while query:
        page = manager.get(LIST + query).context["page"]
        found += [row.pk for row in page]
        query = page.next and f"?after={page.next}"

    assert found == [dose.pk for dose in sorted(doses, key=lambda dose: (dose.valid_until, dose.pk))]


def test_row_says_whom_to_call_and_whether_somebody_comes_or_was_written_to(manager):
    comes, written = due_in(1), due_in(2)
    tomorrow = timezone.now() + dt.timedelta(days=1)
    AppointmentFactory(pet=comes.pet, date=tomorrow)
    VaccinationLetter.objects.create(
        pet=written.pet, due_on=written.valid_until, due_at=tomorrow, state="sent", sent_at=timezone.now()
    )

    page = manager.get(LIST).content.decode()

    assert f'href="tel:{comes.pet.pet_owner.phone}"' in page
    assert (page.count("comes on"), page.count("letter of")) == (1, 1)


@pytest.mark.parametrize("count", [1, 300])
def test_list_takes_the_same_queries_for_one_row_and_three_hundred(manager, django_assert_num_queries, count):
    make_rows(count)
    manager.get(LIST)  # the session is cached from here on

    with django_assert_num_queries(QUERIES):
        manager.get(LIST)


def make_rows(count: int) -> None:
    kind = VaccineKindFactory()
    owners = PetOwner.objects.bulk_create(OwnerFactory.build() for _number in range(count))
    for pet in Pet.objects.bulk_create(PetFactory.build(pet_owner=owner) for owner in owners):
        due_in(5, pet=pet, kind=kind)


def test_csv_has_every_row(manager, caplog):
    dose = due_in(3, pet__name="=1+1", pet__species="dog", pet__pet_owner__last_name="@Иванова")
    owner = dose.pet.pet_owner

    with caplog.at_level(logging.INFO, logger="vetclinic.exports"):
        lines = cells(manager.get(EXPORT))

    assert lines[0][:3] == ["Due", "Vaccine", "Pet"]
    assert lines[1:] == [
        [
            dose.valid_until.isoformat(), dose.kind.name, "=1+1", "dog", str(owner), owner.phone, "", "",
            dose.given_on.isoformat(), "", "",
        ]
    ]  # fmt: skip
    assert caplog.messages == ["anna exported vaccinations-due: 1 rows"]


def test_csv_of_a_field_typed_wrong_leads_back_to_the_list(manager):
    answer = manager.get(f"{EXPORT}?kind=x")

    assert (answer.status_code, answer.headers["Location"]) == (302, f"{LIST}?kind=x")
