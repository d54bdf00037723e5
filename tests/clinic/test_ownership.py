"""An animal changes hands: the history is kept by the database, whoever writes."""

import uuid

import pytest
from django.db import connection

from clinic import custody
from clinic.merging import merge_owners
from clinic.models import Appointment, PetOwner, PetOwnership
from tests.factories import AppointmentFactory, OwnerFactory, PetFactory, UserFactory
from vetclinic.refusals import RuleViolation

pytestmark = pytest.mark.django_db


@pytest.fixture
def reception(client):
    client.force_login(UserFactory(role="reception"))
    return client


def history(pet) -> list[tuple]:
    """(owner, whether it has begun, whether it has ended) in order."""
    rows = PetOwnership.objects.filter(pet=pet).order_by("pk")
    return [(row.pet_owner_id, row.from_at is not None, row.until_at is not None) for row in rows]


def test_new_pet_begins_its_history():
    pet = PetFactory()

    assert history(pet) == [(pet.pet_owner_id, True, False)]


def test_change_of_owner_closes_one_stretch_and_opens_the_next():
    pet, new = PetFactory(), OwnerFactory()
    old = pet.pet_owner_id

    custody.hand_over_pet(pet=pet, to=new, was=old, by=UserFactory())

    assert history(pet) == [(old, True, True), (new.pk, True, False)]
    first, second = PetOwnership.objects.order_by("pk")
    assert first.until_at == second.from_at


def test_change_made_by_sql_is_kept_too():
    pet, new = PetFactory(), OwnerFactory()
    old = pet.pet_owner_id

    with connection.cursor() as cursor:
        cursor.execute("UPDATE pet SET pet_owner_id = %s", [new.pk])

    assert history(pet) == [(old, True, True), (new.pk, True, False)]


def test_first_change_of_a_pet_loaded_in_bulk_writes_both_stretches():
    pet, new = PetFactory(), OwnerFactory()
    PetOwnership.objects.all().delete()
    old = pet.pet_owner_id

    custody.hand_over_pet(pet=pet, to=new, was=old, by=UserFactory())

    assert history(pet) == [(old, False, True), (new.pk, True, False)]


def test_pet_goes_to_nobody_known_and_back():
    pet, by = PetFactory(), UserFactory()
    old = pet.pet_owner

    custody.hand_over_pet(pet=pet, to=None, was=old.pk, by=by)
    custody.hand_over_pet(pet=pet, to=old, was=None, by=by)

    assert history(pet) == [(old.pk, True, True), (old.pk, True, False)]


def test_coming_visit_stays_with_the_animal():
    visit = AppointmentFactory()

    custody.hand_over_pet(pet=visit.pet, to=OwnerFactory(), was=visit.pet.pet_owner_id, by=UserFactory())

    assert Appointment.objects.get().pet == visit.pet


def test_same_change_twice_is_one():
    pet, new = PetFactory(), OwnerFactory()
    old = pet.pet_owner_id

    for _time in range(2):
        custody.hand_over_pet(pet=pet, to=new, was=old, by=UserFactory())

    assert len(history(pet)) == 2


def test_change_over_the_change_of_another_is_refused():
    pet, by = PetFactory(), UserFactory()
    old = pet.pet_owner_id
    custody.hand_over_pet(pet=pet, to=OwnerFactory(), was=old, by=by)

    with pytest.raises(RuleViolation) as refusal:
        custody.hand_over_pet(pet=pet, to=OwnerFactory(), was=old, by=by)

    assert refusal.value.code == "owner_changed_meanwhile"


def test_merged_or_inactive_owner_gets_no_pet():
    pet, merged, gone = PetFactory(), OwnerFactory(), OwnerFactory(is_active=False)
    merge_owners(source=merged, target=OwnerFactory(), by=UserFactory())
    codes = []

    for owner in (merged, gone):
        with pytest.raises(RuleViolation) as refusal:
            custody.hand_over_pet(pet=pet, to=owner, was=pet.pet_owner_id, by=UserFactory())
        codes.append(refusal.value.code)

    assert codes == ["pet_owner_is_not_merged", "owner_is_active"]


# -- The page -----------------------------------------------------------------------------------------------


def test_new_owner_is_found_by_phone_and_gets_the_animal(reception):
    pet, new = PetFactory(), OwnerFactory(phone="+79165550123")
    path = f"/pets/{pet.pk}/owner/"

    found = reception.get(path, {"q": "0123"}).context["found"]
    answer = reception.post(path, {"owner": new.pk, "was": pet.pet_owner_id})

    pet.refresh_from_db()
    assert (found, answer.status_code, pet.pet_owner) == ([new], 302, new)


def test_history_of_owners_stands_on_the_page_of_the_pet(reception):
    pet, new = PetFactory(), OwnerFactory(last_name="Nilsson")

    before = reception.get(f"/pets/{pet.pk}/").context["family"].owners
    reception.post(f"/pets/{pet.pk}/owner/", {"owner": new.pk, "was": pet.pet_owner_id})
    after = reception.get(f"/pets/{pet.pk}/").context["family"].owners

    assert before == []
    assert [each.id for each in after] == [new.pk, pet.pet_owner_id]


def test_new_person_is_registered_and_gets_the_animal(reception):
    pet = PetFactory()
    form = {"intent": "new", "phone": "8 916 123-45-67", "last_name": "Moss", "first_name": "Ida"}
    form |= {"was": pet.pet_owner_id, "request_key": uuid.uuid4()}

    codes = [reception.post(f"/pets/{pet.pk}/owner/", form | {"another_person": "on"}).status_code for _time in "12"]

    pet.refresh_from_db()
    assert (codes, pet.pet_owner.phone, PetOwner.objects.count()) == ([302, 302], "+79161234567", 2)


@pytest.mark.parametrize("owner", ["", "x", "0", "-1", "😀", "9" * 19, "2147483648", "999999", "<b>", "1\0"])
def test_owner_that_is_none_is_refused_in_words(reception, owner):
    pet = PetFactory()

    answer = reception.post(f"/pets/{pet.pk}/owner/", {"owner": owner, "was": pet.pet_owner_id, "q": "Kept <b>\0"})

    assert (answer.status_code, "owner" in answer.context["form"].errors) == (422, True)
    assert "Kept &lt;b&gt;" in answer.text


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"phone": ""}, "phone"),
        ({"phone": "cat"}, "phone"),
        ({"last_name": "x" * 151}, "last_name"),
        ({"first_name": ""}, "first_name"),
        ({"phone": "+79165550123"}, "phone"),
    ],
)
def test_bad_new_person_is_told_by_the_field_and_nothing_typed_is_lost(reception, bad, field):
    OwnerFactory(phone="+79165550123")
    pet = PetFactory()
    typed = {"phone": "+79161234567", "last_name": "Ёж 🐈", "first_name": "Ida"} | bad

    answer = reception.post(
        f"/pets/{pet.pk}/owner/", typed | {"intent": "new", "was": pet.pet_owner_id, "request_key": uuid.uuid4()}
    )

    form = answer.context["person"]
    assert (answer.status_code, list(form.errors)) == (422, [field])
    assert {name: form[name].value() for name in typed} == typed


@pytest.mark.parametrize("was", ["", "zz", "999999", "9" * 20])
def test_page_that_shows_another_owner_is_answered_with_the_present_one(reception, was):
    pet, new = PetFactory(), OwnerFactory()

    answer = reception.post(f"/pets/{pet.pk}/owner/", {"owner": new.pk, "was": was})

    assert answer.status_code == 409
    assert f'name="was" value="{pet.pet_owner_id}"' in answer.text
    pet.refresh_from_db()
    assert pet.pet_owner != new
