"""A chip is one animal's: typed in any usual writing, shown, printed, and found by its digits."""

import uuid

import pytest
from django.test import Client

from clinic.models import Pet
from clinic.search import find
from tests.factories import OwnerFactory, PetFactory, UserFactory
from vetclinic.refusals import RuleViolation

pytestmark = pytest.mark.django_db

CHIP = "643094100123456"


@pytest.fixture
def reception():
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(role="reception"))
    return client


def save(client, pet, **changes):
    form = {"name": pet.name, "species": pet.species, "is_neutered": "unknown"} | changes
    return client.post(f"/pets/{pet.pk}/edit/", form)


@pytest.mark.parametrize("typed", [CHIP, "643 0941 0012 3456", "643-094100123456", " 643094100123456 "])
def test_chip_in_any_usual_writing_is_stored_as_its_digits(reception, typed):
    pet = PetFactory()

    answer = save(reception, pet, microchip=typed)

    assert (answer.status_code, Pet.objects.get().microchip) == (302, CHIP)


@pytest.mark.parametrize("typed", ["12345678", "6430941001234567", "64309410012345X", "٦٤٣٠٩٤١٠٠١٢٣٤٥٦", "😀", "-"])
def test_what_is_no_chip_is_refused_by_the_field(reception, typed):
    page = save(reception, PetFactory(), microchip=typed)

    assert (page.status_code, list(page.context["form"].errors)) == (422, ["microchip"])
    assert Pet.objects.get().microchip == ""


def test_chip_of_another_animal_is_refused_and_names_it(reception):
    PetFactory(name="Rex", microchip=CHIP, pet_owner=OwnerFactory(last_name="Moss"))
    owner = OwnerFactory()
    form = {"name": "Olive", "microchip": CHIP, "is_neutered": "unknown", "request_key": uuid.uuid4()}

    page = reception.post(f"/owners/{owner.pk}/pets/new/", form)

    assert (page.status_code, "Rex" in page.text, Pet.objects.count()) == (422, True, 1)


def test_chip_that_was_given_away_meanwhile_is_told_as_a_refusal(reception, monkeypatch):
    def refuse(**_wanted):
        raise RuleViolation("pet_microchip_of_one_animal", "Another animal has this chip.", "microchip")

    monkeypatch.setattr("clinic.actions.change_pet", refuse)

    page = save(reception, PetFactory(), microchip=CHIP)

    assert (page.status_code, list(page.context["form"].errors)) == (409, ["microchip"])


def test_animals_without_a_chip_are_many():
    PetFactory(microchip="")
    PetFactory(microchip="")

    assert Pet.objects.filter(microchip="").count() == 2


@pytest.mark.parametrize(("neutered", "said"), [("true", ["neutered"]), ("false", ["not neutered"]), ("unknown", [])])
def test_page_of_the_animal_shows_the_chip_and_whether_it_is_neutered(reception, neutered, said):
    pet = PetFactory()
    save(reception, pet, microchip=CHIP, is_neutered=neutered)

    page = reception.get(f"/pets/{pet.pk}/").text

    assert CHIP in page
    assert [words for words in ("not neutered", "neutered") if f"· {words}" in page] == said


@pytest.mark.parametrize("digits", ["643094", "123456", "094100123", CHIP, "643 094 100 123 456"])
def test_animal_is_found_by_six_digits_of_its_chip(digits):
    PetFactory(microchip="112098100999999")
    pet = PetFactory(microchip=CHIP)

    assert find(digits).pets == [pet]


def test_few_digits_are_looked_for_in_phones_alone():
    PetFactory(microchip=CHIP, pet_owner=OwnerFactory(phone="+79160000000"))

    assert not find("1234")
