"""The lists of visits, owners and pets: what they show, how many queries they take, what bad input does, their CSV."""

import datetime as dt
import logging
from urllib.parse import quote

import pytest
from django.utils import timezone

from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Pet, PetOwner
from tests.factories import AppointmentFactory, BranchFactory, OwnerFactory, PetFactory, UserFactory, VetFactory
from tests.spreadsheets import cells

pytestmark = pytest.mark.django_db

LISTS = ["appointments", "owners", "pets"]


@pytest.fixture
def manager(client):
    client.force_login(UserFactory(role="manager", username="anna"))
    return client


def listed(client, address: str) -> list[int]:
    return [row.pk for row in client.get(address).context["page"]]


def years_ago(years: int) -> dt.date:
    return timezone.localdate() - dt.timedelta(days=years * 365.25 + 10)


def make_rows(count: int) -> None:
    """`count` owners, each with a pet and a visit of today."""
    vet = VetFactory()
    owners = PetOwner.objects.bulk_create(OwnerFactory.build() for _number in range(count))
    pets = Pet.objects.bulk_create(PetFactory.build(pet_owner=owner) for owner in owners)
    Appointment.objects.bulk_create(
        AppointmentFactory.build(pet=pet, vet=vet, status_id=AppointmentStatus.CANCELLED) for pet in pets
    )


@pytest.mark.parametrize("count", [1, 300])
@pytest.mark.parametrize(("name", "queries"), [("appointments", 5), ("owners", 4), ("pets", 3)])
def test_list_takes_the_same_queries_for_one_row_and_three_hundred(
    manager, django_assert_num_queries, name, queries, count
):
    make_rows(count)
    manager.get(f"/{name}/")  # the session is cached from here on

    with django_assert_num_queries(queries):
        manager.get(f"/{name}/")


def test_visits_are_those_from_today_on(manager):
    now = timezone.now()
    AppointmentFactory(date=now - dt.timedelta(days=2))
    later, today = AppointmentFactory(date=now + dt.timedelta(days=3)), AppointmentFactory(date=now)

    found = listed(manager, "/appointments/")

    assert found == [today.pk, later.pk]


def test_vet_begins_with_the_visits_of_the_own_branch(client):
    vet = VetFactory()
    mine, others = AppointmentFactory(vet=vet), AppointmentFactory()
    client.force_login(vet.user)

    found = [listed(client, address) for address in ("/appointments/", "/appointments/?branch=")]

    assert found == [[mine.pk], [mine.pk, others.pk]]


def test_day_of_a_visit_is_that_of_the_branchs_clock(manager):
    vet = VetFactory(branch=BranchFactory(time_zone="Asia/Vladivostok"))
    night = AppointmentFactory(vet=vet, date=dt.datetime(2026, 3, 1, 15, tzinfo=dt.UTC))  # 2 March there

    found = [
        listed(manager, f"/appointments/?branch={vet.branch_id}&since={day}&until={day}")
        for day in ("2026-03-01", "2026-03-02")
    ]

    assert found == [[], [night.pk]]


def test_time_of_a_visit_is_that_of_the_branchs_clock(manager):
    vet = VetFactory(branch=BranchFactory(time_zone="Asia/Vladivostok"))
    AppointmentFactory(vet=vet, date=dt.datetime(2026, 3, 1, 15, tzinfo=dt.UTC))

    assert "2 Mar 2026, 01:00</a>" in manager.get("/appointments/?since=2026-03-01").text


@pytest.mark.parametrize("text", ["мурз", "АЛЁХИНА", "мурзик алехин", "123-45-67", "чих"])
def test_visit_is_found_by_pet_owner_phone_or_reason(manager, text):
    owner = OwnerFactory(last_name="Алехина", phone="+79161234567")
    wanted = AppointmentFactory(pet=PetFactory(name="Мурзик", pet_owner=owner), reason="Чихает")
    AppointmentFactory()

    found = listed(manager, f"/appointments/?text={quote(text)}")

    assert found == [wanted.pk]


def test_visits_of_a_vet_in_a_state(manager):
    vet = VetFactory()
    wanted = AppointmentFactory(vet=vet, status_id=AppointmentStatus.CANCELLED)
    AppointmentFactory(vet=vet)
    AppointmentFactory(status_id=AppointmentStatus.CANCELLED)

    found = listed(manager, f"/appointments/?vet={vet.pk}&state={AppointmentStatus.CANCELLED}")

    assert found == [wanted.pk]


def test_owners_are_filtered(manager):
    with_pet, without = PetFactory(pet_owner=OwnerFactory(last_name="Alder")).pet_owner, OwnerFactory(last_name="Beech")
    left = OwnerFactory(last_name="Cedar", is_active=False)

    queries = ("", "?pets=with", "?pets=without", "?active=no", "?active=", "?text=beec", f"?text={with_pet.phone}")
    found = [listed(manager, f"/owners/{quote(query, safe='?=&')}") for query in queries]

    a, b, c = with_pet.pk, without.pk, left.pk
    assert found == [[a, b], [a], [b], [c], [a, b, c], [b], [a]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Goat", "Old", "Young"]),
        ("?life=died", ["Dead"]),
        ("?life=inactive", ["Gone"]),
        ("?life=", ["Dead", "Goat", "Gone", "Old", "Young"]),
        ("?species=dog", ["Old"]),
        ("?species=other", ["Goat"]),
        ("?breed=UG", ["Old"]),
        ("?gender=female", ["Young"]),
        ("?age_from=5", ["Old"]),
        ("?age_to=4", ["Young"]),
        ("?age_from=12&age_to=12", ["Old"]),
        ("?owner=without", ["Goat"]),
        ("?text=alder", ["Young"]),
    ],
)
def test_pets_are_filtered(manager, query, names):
    PetFactory(name="Old", species="dog", breed="Pug", birth_date=years_ago(12))
    PetFactory(name="Young", gender="female", birth_date=years_ago(2), pet_owner=OwnerFactory(last_name="Alder"))
    PetFactory(name="Goat", species="goat", pet_owner=None)
    PetFactory(name="Dead", deceased_at=timezone.localdate(), is_active=False)
    PetFactory(name="Gone", is_active=False)

    page = manager.get(f"/pets/{query}").context["page"]

    assert [pet.name for pet in page] == names


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("name", ["Елка", "Ёлка", "ёлочка"]),
        ("-name", ["ёлочка", "Ёлка", "Елка"]),
        ("born", ["ёлочка", "Елка", "Ёлка"]),
        ("-born", ["Ёлка", "Елка", "ёлочка"]),
        ("added", ["Елка", "Ёлка", "ёлочка"]),
    ],
)
def test_pets_are_sorted(manager, order, names):
    PetFactory(name="Елка", birth_date="2020-01-01")
    PetFactory(name="Ёлка", birth_date=None)
    PetFactory(name="ёлочка", birth_date="2015-01-01")

    page = manager.get(f"/pets/?order={order}").context["page"]

    assert [pet.name for pet in page] == names


@pytest.mark.parametrize(
    ("query", "head"),
    [
        ("", '<th scope="col" class="" aria-sort="ascending"><a href="?order=-name&amp;life=">'),
        ("order=-name", '<th scope="col" class="" aria-sort="descending"><a href="?order=name&amp;life=">'),
        ("order=born", '<th scope="col" class=""><a href="?order=name&amp;life=">'),
    ],
)
def test_head_of_a_column_sorts_and_keeps_the_filter(manager, query, head):
    content = manager.get(f"/pets/?order=&after=zz&life=&{query}").content.decode()

    assert head in content


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("appointments/?since=0001-01-01", "since"),
        ("appointments/?until=9999-12-31", "until"),
        ("appointments/?since=zz", "since"),
        ("appointments/?vet=999999999", "vet"),
        ("appointments/?vet=99999999999999999999", "vet"),
        ("appointments/?branch=zz", "branch"),
        ("appointments/?state=99", "state"),
        ("appointments/?text=" + "x" * 101, "text"),
        ("owners/?pets=some", "pets"),
        ("owners/?text=" + "x" * 3000, "text"),
        ("pets/?age_from=-1", "age_from"),
        ("pets/?age_to=99999999999999999999", "age_to"),
        ("pets/?age_from=1e9", "age_from"),
        ("pets/?species=unicorn", "species"),
        ("pets/?life=undead", "life"),
    ],
)
def test_bad_field_has_its_message_and_the_list_stays(manager, query, field):
    AppointmentFactory()

    answer = manager.get(f"/{query}")

    assert answer.status_code == 200
    assert list(answer.context["filter"].form.errors) == [field]
    assert len(answer.context["page"].rows) == 1


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("text", ["🐈‍⬛", "%_\\", "<script>alert(1)</script>", "' OR 1=1 --", "-", "  ", "ё" * 100])
def test_odd_text_is_looked_for_and_shown_as_text(manager, name, text):
    AppointmentFactory()

    answer = manager.get(f"/{name}/", {"text": text})

    assert answer.status_code == 200
    assert answer.context["filter"].form.errors == {}
    assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_nul_is_refused(manager, name):
    answer = manager.get(f"/{name}/?text=%00")

    assert answer.status_code == 400


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "query", ["order=zz", "order=--name", "after=zz", "before=zz", "after=" + "A" * 3000, "order="]
)
def test_place_or_order_that_is_none_shows_the_first_page(manager, name, query):
    make_rows(60)

    found = listed(manager, f"/{name}/?{query}")

    assert found == listed(manager, f"/{name}/")


@pytest.mark.parametrize("name", LISTS)
def test_csv_is_for_managers_alone(client, name):
    answers = {}
    for role in ("reception", "vet", "manager", "admin"):
        client.force_login(UserFactory(role=role))
        answers[role] = client.get(f"/{name}/export/").status_code

    assert answers == {"reception": 403, "vet": 403, "manager": 200, "admin": 403}


@pytest.mark.parametrize("role", ["reception", "manager"])
@pytest.mark.parametrize("name", LISTS)
def test_link_to_the_csv_is_shown_to_who_may_take_it(client, name, role):
    client.force_login(UserFactory(role=role))

    content = client.get(f"/{name}/?text=x").content.decode()

    assert (f'href="/{name}/export/?text=x"' in content) == (role == "manager")


def test_csv_of_owners_has_the_filtered_rows(manager):
    OwnerFactory(last_name="=HYPERLINK(1)", first_name="Ann", phone="+79161234567", address='a, "b"')
    OwnerFactory(last_name="Left", is_active=False)

    rows = cells(manager.get("/owners/export/?text=ann"))

    assert rows == [
        ["Last name", "First name", "Phone", "Second phone", "E-mail", "Address", "Active"],
        ["=HYPERLINK(1)", "Ann", "+79161234567", "", "", 'a, "b"', "yes"],
    ]


def test_csv_of_pets_and_visits_is_in_the_language_of_the_page(manager):
    vet = VetFactory(first_name="Ida", last_name="Oak", branch=BranchFactory(time_zone="Asia/Vladivostok"))
    pet = PetFactory(name="Leo", pet_owner=OwnerFactory(last_name="Alder", first_name="Ann", phone="+1"), gender="male")
    AppointmentFactory(pet=pet, vet=vet, date=dt.datetime(2026, 3, 1, 15, tzinfo=dt.UTC), reason="cough")
    manager.cookies["django_language"] = "ru"

    addresses = ("/pets/export/", "/appointments/export/?since=2026-03-01")
    rows = [cells(manager.get(address), ";")[1] for address in addresses]

    assert rows == [
        ["Leo", "кошка", "", "самец", "", "", "Alder Ann", "+1"],
        [
            "2026-03-02 01:00",
            "2026-03-02 01:30",
            "Leo",
            "кошка",
            "Alder Ann",
            "+1",
            "Oak Ida",
            "cough",
            "Запланирован",
        ],
    ]


def test_csv_of_a_bad_filter_leads_to_the_list_that_says_so(manager):
    answer = manager.get("/pets/export/?age_from=-1&breed=pug")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/pets/?age_from=-1&breed=pug"


def test_csv_is_written_down_with_who_took_how_many(manager, caplog):
    make_rows(3)

    with caplog.at_level(logging.INFO, logger="vetclinic.exports"):
        cells(manager.get("/owners/export/"))

    assert [record.getMessage() for record in caplog.records] == ["anna exported owners: 3 rows"]
