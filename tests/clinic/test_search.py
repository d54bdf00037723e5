"""Search: digits of a phone in a row, names in any case, ё = е, with a typing error."""

import pytest

from clinic.search import find
from tests.factories import OwnerFactory, PetFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def fluffy():
    """A pet whose owner has a name with ё and a known phone; and another that must not be found."""
    PetFactory(name="Барон", pet_owner=OwnerFactory(last_name="Титова", first_name="Вера", phone="+79990001122"))
    owner = OwnerFactory(last_name="Ковалёва", first_name="Мария", phone="+79162044567")
    return PetFactory(name="Зефир", pet_owner=owner)


@pytest.mark.parametrize(
    "text",
    [
        "4567",
        "916204",
        "8 916 204-45-67",
        "+7 (916) 204",
        "зеф",
        "ЗЕФИР",
        "ковалева",
        "Ковалёва",
        "Коваленва",
        "зефир ковал",
        "ма",
    ],
)
def test_pet_is_found_by_what_is_heard_on_the_phone(fluffy, text):
    assert find(text).pets == [fluffy]


@pytest.mark.parametrize("text", ["", "я", "%%%", "____", "\\", "зефир титова", "9999999", "😀😀"])
def test_nothing_is_found_by_what_does_not_match(fluffy, text):
    assert not find(text)


@pytest.mark.parametrize(
    ("name", "slips"),
    [
        ("Хан", ["хон", "хна", "ханн"]),
        ("Мура", ["кура", "мрра", "мруа", "умра", "мурра", "ммура", "мур", "мра", "мурв"]),
        ("Шустрик", ["шусртик", "шутсрик", "щустрик", "шустирк", "шустркк", "шустри", "устрик"]),
    ],
)
def test_one_slip_of_the_hand_in_a_name_of_any_length_finds_it(name, slips):
    pet, _other = PetFactory(name=name), PetFactory(name="Бегемот")

    assert {slip: find(slip).pets for slip in slips} == {slip: [pet] for slip in slips}


@pytest.mark.parametrize("text", ["мура!", "м_ра", "м%ра", r"му\ра", "м.ра", "(мура", "[мура]"])
def test_signs_in_a_misspelt_name_are_signs(text):
    PetFactory(name="Бегемот")

    assert not find(text)


def test_misspelt_name_beside_another_word_is_found():
    pet = PetFactory(name="Мура", pet_owner=OwnerFactory(last_name="Ковалёва"))
    PetFactory(name="Мура", pet_owner=OwnerFactory(last_name="Титова"))

    assert find("мрра ковалева").pets == [pet]


def test_owner_without_a_pet_is_found():
    owner = OwnerFactory(last_name="Шмидт")

    assert find("шмидт").owners == [owner]


def test_name_typed_in_the_wrong_layout_is_found():
    pet = PetFactory(name="Барсик")

    assert find("<fhcbr").pets == [pet]


def test_two_words_with_a_slip_in_each_are_found():
    pet = PetFactory(name="Барсик", pet_owner=OwnerFactory(last_name="Ковалёва"))
    PetFactory(name="Барсик", pet_owner=OwnerFactory(last_name="Тихомирова"))

    assert find("ковалева барсек").pets == [pet]


def test_phone_that_ends_so_comes_before_one_that_has_the_digits_inside():
    inside = PetFactory(pet_owner=OwnerFactory(phone="+79161234500"))
    ends = PetFactory(pet_owner=OwnerFactory(phone="+79160001234"))

    assert find("1234").pets == [ends, inside]


@pytest.mark.parametrize("text", ["%%%", "___", "\\\\", "a%", "'; --", "%(like)s", "🐈🐈", "\u0660\u0661\u0662\u0663"])
def test_signs_that_mean_something_to_sql_find_nobody_else(text):
    PetFactory(name="Rex")

    assert not find(text)


def test_more_than_are_shown_is_said():
    for number in range(21):
        PetFactory(name=f"Rex{number}")

    found = find("rex")

    assert (len(found.pets), found.more) == (20, True)
