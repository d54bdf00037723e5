"""Likely duplicates: of an owner, of a newcomer who is being typed, and of the whole list."""

import uuid

import pytest
from django.db import connection

from clinic.duplicates import duplicates_of, duplicates_while_typing, likely_pairs
from clinic.models import Appointment, PetOwner
from tests.clinic.times import next_morning
from tests.factories import OwnerFactory, PetFactory, UserFactory, VetFactory

pytestmark = pytest.mark.django_db


def known(**owner) -> PetOwner:
    """Semyonova with a cat Mursik, and somebody who is like nobody."""
    PetFactory(pet_owner=OwnerFactory(last_name="Ostrovsky", first_name="Ilya"), name="Grom")
    person = OwnerFactory(**{"last_name": "Семёнова", "first_name": "Анна", "phone": "+79165550123"} | owner)
    PetFactory(pet_owner=person, name="Мурзик")
    return person


def typed(**changes):
    return [
        each.owner
        for each in duplicates_while_typing(
            **{"phone": "", "last_name": "", "first_name": "", "pet_name": ""} | changes
        )
    ]


@pytest.mark.parametrize("phone", ["+79165550123", "8 (916) 555-01-23", "9165550123"])
@pytest.mark.parametrize("column", ["phone", "secondary_phone"])
def test_same_phone_however_written_is_a_likeness(phone, column):
    person = known(**{"phone": "+79990000000", column: "+79165550123"})

    assert typed(phone=phone) == [person]


@pytest.mark.parametrize(
    ("last_name", "pet_name"),
    [("семенова", "мурзик"), ("СЕМЁНОВА", "Мурзик"), ("Семенов", "Мурзиk"), ("Семёнава", "Мурзик")],
)
def test_similar_name_and_pet_are_a_likeness(last_name, pet_name):
    person = known()

    assert typed(last_name=last_name, pet_name=pet_name) == [person]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"phone": "916"},
        {"phone": "cat"},
        {"last_name": "Семёнова"},
        {"last_name": "Семёнова", "pet_name": "Шарик"},
        {"last_name": "Петрова", "pet_name": "Мурзик"},
        {"last_name": "Се", "pet_name": "М"},
        {"last_name": "Семёнова", "first_name": "Ольга", "pet_name": "Мурзик"},
    ],
)
def test_too_little_or_something_else_is_no_likeness(changes):
    known()

    assert typed(**changes) == []


def test_merged_or_inactive_owner_is_no_likeness():
    known(is_active=False)

    assert typed(phone="+79165550123") == []


def test_owner_is_like_others_and_not_like_itself():
    person, other = known(), OwnerFactory(secondary_phone="+79165550123")
    namesake = PetFactory(pet_owner=OwnerFactory(last_name="Семенова", first_name="анна"), name="Мурзик").pet_owner

    assert [each.owner for each in duplicates_of(person)] == [other, namesake]


def test_pairs_of_the_whole_list_are_named_once():
    person = known()
    twin = OwnerFactory(last_name="Семенова", first_name="анна", phone="+79165550123")
    PetFactory(pet_owner=twin, name="мурзик")

    pairs = [(pair.first, pair.second) for pair in likely_pairs()]

    assert pairs == [(person, twin)]


def test_phone_and_names_are_looked_up_in_their_indexes():
    known()
    queries = [
        str(PetOwner.objects.filter(phone="+79165550123").query).replace("= +79165550123", "= '+79165550123'"),
        "SELECT id FROM pet_owner WHERE search_fold(last_name) % 'семенова'",
    ]

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plans = []
        for query in queries:
            cursor.execute("EXPLAIN " + query)
            plans.append(str(cursor.fetchall()))

    assert ["pet_owner_phone_trgm" in plans[0], "pet_owner_last_name_trgm" in plans[1]] == [True, True]


# -- Where they are shown -----------------------------------------------------------------------------------


def test_part_of_the_booking_form_offers_the_known_pet(client):
    person = known()
    client.force_login(UserFactory(role="reception"))

    page = client.get("/owners/likely/", {"phone": "8 916 555-01-23"}).text

    assert [text in page for text in (str(person), f'name="pet" value="{person.pets.get().pk}"', "<html")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("text", ["😀" * 70, "<b>", "%", "'", "9" * 400, "{{ 7 }}"])
def test_part_of_the_booking_form_answers_whatever_is_typed(client, text):
    client.force_login(UserFactory(role="reception"))

    answer = client.get("/owners/likely/", {"phone": text, "last_name": text, "first_name": text, "pet_name": text})

    assert (answer.status_code, answer.text.strip()) == (200, "")


def test_booking_form_that_comes_back_names_the_likeness(client):
    person = known()
    client.force_login(UserFactory(role="reception"))
    form = {
        "intent": "times",
        "pet": "new",
        "last_name": "Семенова\0",
        "pet_name": "Мурзик",
        "request_key": uuid.uuid4(),
    }

    answer = client.post("/book/", form)

    assert [each.owner for each in answer.context["likely"]] == [person]
    assert "Perhaps known already" in answer.text


def test_known_animal_chosen_beside_a_typed_newcomer_is_booked_and_nobody_is_registered(client):
    person, vet, start = known(), VetFactory(), next_morning()
    client.force_login(UserFactory(role="reception"))
    form = {"phone": "+79165550123", "last_name": "Семенова", "first_name": "Анна", "pet_name": "Мурзик"}
    form |= {"reason": "check_up", "day": start.date(), "slot": f"{vet.pk}@{start.isoformat()}"}
    form |= {"pet": person.pets.get().pk, "request_key": uuid.uuid4()}

    answer = client.post("/book/", form)

    assert (answer.status_code, Appointment.objects.get().pet, PetOwner.objects.count()) == (
        302,
        person.pets.get(),
        2,
    )


def test_manager_sees_duplicates_on_the_page_of_the_owner_and_in_the_list(client):
    person, other = known(), OwnerFactory(phone="+79165550123")
    client.force_login(UserFactory(role="manager"))

    pages = [client.get(f"/owners/{person.pk}/").text, client.get("/owners/duplicates/").text]

    assert [f"/owners/{person.pk}/merge/{other.pk}/" in page for page in pages] == [True, True]


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_duplicates_takes_the_same_queries_for_one_and_three(client, django_assert_num_queries, count):
    for number in range(count):
        for _copy in range(2):
            PetFactory(pet_owner=OwnerFactory(phone=f"+7916555000{number}"))
    client.force_login(UserFactory(role="manager"))

    with django_assert_num_queries(4):
        answer = client.get("/owners/duplicates/")

    assert len(answer.context["pairs"]) == count
