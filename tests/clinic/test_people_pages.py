"""Correcting owners and animals: what is typed is checked, kept when refused, and saved column by column."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from clinic.models import Pet, PetOwner
from tests.factories import OwnerFactory, PetFactory, UserFactory

pytestmark = pytest.mark.django_db

OWNER = {"last_name": "Nilsson", "first_name": "Åsa", "phone": "+46 70 123 45 67", "secondary_phone": "", "email": ""}
PET = {"name": "Rex", "species": "dog", "breed": "", "birth_date": "", "gender": "", "color": "", "description": ""}


@pytest.fixture
def reception(client):
    client.force_login(UserFactory(role="reception"))
    return client


def test_corrected_owner_is_saved_with_the_phone_in_one_form(reception):
    owner = OwnerFactory()

    answer = reception.post(f"/owners/{owner.pk}/edit/", OWNER)

    saved = PetOwner.objects.get()
    assert (answer.status_code, saved.last_name, saved.phone) == (302, "Nilsson", "+46701234567")


def test_two_people_who_correct_different_columns_keep_both(reception):
    """The second form was opened before the first was saved, and still shows the old address."""
    owner = OwnerFactory(**OWNER | {"phone": "+46701234567"}, address="Old Street 1")
    PetOwner.objects.update(last_name="Berg")

    reception.post(f"/owners/{owner.pk}/edit/", OWNER | {"last_name": "Berg", "address": "New Street 2"})

    assert PetOwner.objects.values_list("last_name", "address").get() == ("Berg", "New Street 2")


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"last_name": ""}, "This field is required."),
        ({"last_name": "x" * 151}, "at most 150 characters (it has 151)"),
        ({"first_name": "ж" * 151}, "at most 150 characters (it has 151)"),
        ({"phone": "cat"}, "phone"),
        ({"phone": "+7 916 1"}, "phone"),
        ({"secondary_phone": "1" * 40}, "phone"),
        ({"email": "nowhere"}, "Enter a valid email address."),
        ({"email": f"{'x' * 95}@y.example"}, "at most 100 characters"),
        ({"address": "x" * 256}, "at most 255 characters (it has 256)"),
    ],
)
def test_bad_owner_is_told_by_its_field_and_nothing_typed_is_lost(reception, bad, message):
    owner = OwnerFactory(last_name="Before")
    typed = OWNER | {"address": "Кедровая 5 🐈 {{ 7 }} <b>"} | bad

    answer = reception.post(f"/owners/{owner.pk}/edit/", typed)

    form = answer.context["form"]
    assert (answer.status_code, list(form.errors)) == (422, list(bad))
    assert message in str(form.errors)
    assert {name: form[name].value() for name in typed} == typed
    assert PetOwner.objects.get().last_name == "Before"


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "x" * 51}, "at most 50 characters (it has 51)"),
        ({"species": "x" * 51}, "at most 50 characters"),
        ({"breed": "🐈" * 51}, "at most 50 characters"),
        ({"color": "x" * 51}, "at most 50 characters"),
        ({"gender": "many"}, "Select a valid choice."),
        ({"birth_date": "9999-12-31"}, "A date of birth lies between 1950 and today."),
        ({"birth_date": "1949-12-31"}, "A date of birth lies between 1950 and today."),
        ({"birth_date": "31.02.2024"}, "Enter a valid date."),
    ],
)
@pytest.mark.parametrize("way", ["edit", "add"])
def test_bad_pet_is_told_by_its_field_and_nothing_typed_is_lost(reception, way, bad, message):
    pet = PetFactory(name="Before")
    path = f"/pets/{pet.pk}/edit/" if way == "edit" else f"/owners/{pet.pet_owner_id}/pets/new/"
    typed = PET | {"description": "Bites 🐈 {{ 7 }} <b>"} | bad

    answer = reception.post(path, typed)

    form = answer.context["form"]
    assert (answer.status_code, list(form.errors)) == (422, list(bad))
    assert message in str(form.errors)
    assert {name: form[name].value() for name in typed} == typed
    assert [pet.name for pet in Pet.objects.all()] == ["Before"]


def test_names_at_their_limits_are_saved_whole(reception):
    owner, pet = OwnerFactory(), PetFactory()
    today = timezone.localdate()

    reception.post(f"/owners/{owner.pk}/edit/", OWNER | {"last_name": "ж" * 150, "address": "🐈" * 255})
    reception.post(f"/pets/{pet.pk}/edit/", PET | {"name": "🐈" * 50, "birth_date": today.isoformat()})

    assert PetOwner.objects.filter(pk=owner.pk).values_list("last_name", "address").get() == ("ж" * 150, "🐈" * 255)
    assert Pet.objects.values_list("name", "birth_date").get() == ("🐈" * 50, today)


def test_animal_typed_by_hand_is_shown_and_not_run(reception):
    pet = PetFactory(name="Before")

    reception.post(f"/pets/{pet.pk}/edit/", PET | {"name": "<b>{{ 7|add:7 }}</b>"})

    page = reception.get(f"/pets/{pet.pk}/").text
    assert ("&lt;b&gt;{{ 7|add:7 }}&lt;/b&gt;" in page, "<b>{{" in page) == (True, False)


def test_form_of_a_new_animal_sent_twice_makes_one(reception):
    owner = OwnerFactory()
    path = f"/owners/{owner.pk}/pets/new/"
    key = str(reception.get(path).context["key"]["request_key"].value())

    answers = [reception.post(path, PET | {"request_key": key}) for _time in range(2)]

    assert answers[0].url == answers[1].url
    assert Pet.objects.count() == 1


def test_birth_date_of_today_is_the_clinics_today(reception):
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    pet = PetFactory()

    assert reception.post(f"/pets/{pet.pk}/edit/", PET | {"birth_date": tomorrow.isoformat()}).status_code == 422


@pytest.mark.parametrize(("typed", "stored"), [("Собака", "dog"), ("собака", "dog"), ("dog", "dog"), ("ёжик", "ёжик")])
def test_species_is_written_in_the_words_of_the_page_and_stored_by_its_key(reception, typed, stored):
    pet = PetFactory(species="cat")
    russian = {"headers": {"accept-language": "ru"}}

    page = reception.get(f"/pets/{pet.pk}/edit/", **russian)
    reception.post(f"/pets/{pet.pk}/edit/", PET | {"species": typed}, **russian)

    assert 'value="кошка"' in page.text
    assert Pet.objects.get().species == stored


def test_search_marks_who_has_died_and_offers_no_visit_for_it(client):
    client.force_login(UserFactory(role="reception"))
    day = timezone.localdate() - dt.timedelta(days=30)
    dead, living = PetFactory(name="Rex", deceased_at=day), PetFactory(name="Rex")

    page = client.get("/search/?q=rex").text

    assert f"died on {day:%-d %b %Y}" in page
    assert [f"/book/?pet={pet.pk}" in page for pet in (dead, living)] == [False, True]


def test_search_box_of_the_top_bar_shows_its_own_search_alone(client):
    client.force_login(UserFactory(role="manager"))
    owner = OwnerFactory()

    pages = [client.get(path).text for path in ("/search/?q=zebra", f"/owners/{owner.pk}/merge/?q=zebra")]

    boxes = [re.search(r'<input type="search" name="q" value="([^"]*)"', page)[1] for page in pages]
    assert boxes == ["zebra", ""]
