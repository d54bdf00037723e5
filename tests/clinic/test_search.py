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


def test_owner_without_a_pet_is_found():
    owner = OwnerFactory(last_name="Шмидт")

    assert find("шмидт").owners == [owner]
