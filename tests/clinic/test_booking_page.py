"""The booking form: newcomers and known animals, every kind of bad input, nothing lost of what was typed."""

import uuid

import pytest
from django.test import Client

from clinic.models import Appointment, Pet, PetOwner
from tests.clinic.times import next_morning
from tests.factories import BranchFactory, OwnerFactory, PetFactory, UserFactory, VetFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def reception():
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(role="reception"))
    return client


def newcomer(**changes):
    """A whole form of a new owner with a new cat, tomorrow at ten."""
    start = next_morning()
    vet = changes.pop("vet_object", None) or VetFactory()
    form = {
        "phone": "8 (916) 123-45-67",
        "last_name": "Moss",
        "first_name": "Ida",
        "pet_name": "Rex",
        "species": "cat",
        "pet": "new",
        "reason": "check_up",
        "day": start.date().isoformat(),
        "slot": f"{vet.pk}@{start.isoformat()}",
        "request_key": str(uuid.uuid4()),
    }
    return form | changes


def test_newcomer_is_registered_and_booked_in_one_go(reception):
    answer = reception.post("/book/", newcomer())

    assert answer.status_code == 302
    visit = Appointment.objects.get()
    assert (visit.pet.name, visit.pet.pet_owner.phone) == ("Rex", "+79161234567")


def test_form_sent_twice_makes_one_owner_one_pet_one_visit(reception):
    form = newcomer()

    codes = [reception.post("/book/", form | {"another_person": "on"}).status_code for _time in range(2)]

    assert codes == [302, 302]
    assert (PetOwner.objects.count(), Pet.objects.count(), Appointment.objects.count()) == (1, 1, 1)


def test_known_phone_asks_before_it_makes_a_second_owner(reception):
    OwnerFactory(phone="+79161234567", last_name="Known")

    answer = reception.post("/book/", newcomer())

    assert answer.status_code == 422
    assert "Known" in answer.content.decode()
    assert PetOwner.objects.count() == 1


def test_ownerless_pet_gets_its_owner_with_the_booking(reception):
    pet = PetFactory(pet_owner=None)

    answer = reception.post("/book/", newcomer(pet=pet.pk))

    assert answer.status_code == 302
    pet.refresh_from_db()
    assert pet.pet_owner.last_name == "Moss"


def test_what_was_typed_of_a_newcomer_does_not_hinder_an_animal_that_was_found(reception):
    pet = PetFactory()

    answer = reception.post("/book/", newcomer(pet=pet.pk, phone="12", birth_date="tomorrow", species="unicorn"))

    assert (answer.status_code, Appointment.objects.get().pet) == (302, pet)


@pytest.mark.parametrize(
    ("field", "limit"),
    [("last_name", 150), ("first_name", 150), ("pet_name", 50), ("breed", 50), ("address", 255), ("reason_text", 255)],
)
def test_text_at_its_limit_is_booked_and_one_past_it_is_refused_by_the_field(reception, field, limit):
    vet = VetFactory()
    over = reception.post("/book/", newcomer(vet_object=vet, **{field: "ж" * (limit + 1)}))
    at = reception.post("/book/", newcomer(vet_object=vet, **{field: "ж" * limit}))

    assert (over.status_code, at.status_code) == (422, 302)
    assert f'id="id_{field}_error"' in over.content.decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"phone": "12"},
        {"phone": "😀"},
        {"last_name": ""},
        {"pet_name": ""},
        {"pet_name": "Re\x00x"},
        {"reason": "dancing"},
        {"day": "tomorrow"},
        {"slot": ""},
        {"slot": "99999999999999@2026-01-01T10:00+00:00"},
        {"slot": "x@y"},
        {"birth_date": "9999-01-01"},
        {"birth_date": "0001-01-01"},
        {"notes": "x" * 5001},
        {"request_key": "no-key"},
        {"pet": "99999999999999", "pet_name": ""},
    ],
)
def test_bad_input_is_refused_and_the_rest_is_kept(reception, changes):
    answer = reception.post("/book/", newcomer(**changes, address="Mill Street 7"))

    assert answer.status_code == 422
    assert "Mill Street 7" in answer.content.decode()
    assert Appointment.objects.count() == 0


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "{{ 7|add:7 }}", "{% now 'Y' %}", "Ёжик 😀 «Пух»"])
def test_markup_and_emoji_are_text(reception, text):
    reception.post("/book/", newcomer(pet_name=text))

    page = reception.get(f"/board/?day={next_morning().date()}").content.decode()

    assert Pet.objects.get().name == text
    assert "<script>alert(1)" not in page


@pytest.mark.parametrize(
    "query", ["q=%F0%9F%98%80", "q=" + "x" * 3000, "slot=x@y&vet=9999999999999&pet=-1&day=9999-99-99", "pet=1e400"]
)
def test_booking_page_shows_whatever_the_address_says(reception, query):
    assert reception.get(f"/book/?{query}").status_code == 200


@pytest.mark.parametrize(
    "query", ["", "day=zz", "day=9999-12-31", "day=0001-01-01", "state=x&branch=99999999999999", "branch=x"]
)
def test_board_shows_a_day_whatever_the_address_says(reception, query):
    VetFactory()

    assert reception.get(f"/board/?{query}").status_code == 200


def test_looking_for_times_keeps_what_was_typed_and_books_nothing(reception):
    answer = reception.post("/book/", newcomer(intent="times", last_name="Moss-Kept"))

    assert answer.status_code == 200
    assert "Moss-Kept" in answer.content.decode()
    assert Appointment.objects.count() == 0


def test_vet_books_for_own_visits_only():
    own, other = VetFactory(), VetFactory()
    client = Client()
    client.force_login(own.user)

    codes = [client.post("/book/", newcomer(vet_object=vet, another_person="on")).status_code for vet in (other, own)]

    assert codes == [422, 302]


@pytest.mark.parametrize("pet", ["", "x", "99999999", "٣"])
def test_booking_without_saying_who_comes_is_refused_by_the_search(reception, pet):
    answer = reception.post("/book/", newcomer(pet=pet))

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["q"])


def test_species_of_a_new_animal_is_not_guessed(reception):
    page = reception.get("/book/?pet=new").text
    answer = reception.post("/book/", newcomer(species=""))

    assert 'name="species" value="cat" checked' not in page
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["species"])
    assert "Choose the species" in answer.text


def test_another_person_is_offered_when_the_phone_is_known_and_not_when_it_is_missing(reception):
    OwnerFactory(phone="+79161234567")

    pages = [reception.post("/book/", newcomer(phone=phone)).text for phone in ("", "8 916 123-45-67")]

    assert ['name="another_person"' in page for page in pages] == [False, True]


def test_animal_that_has_died_is_not_found_for_a_visit(reception):
    owner = OwnerFactory(last_name="Moss")
    PetFactory(pet_owner=owner, name="Ash", deceased_at=next_morning(days=-30).date())
    living = PetFactory(pet_owner=owner, name="Olive")

    pages = [reception.get(f"/book/{path}") for path in ("?q=moss", "hits/?q=moss", f"?owner={owner.pk}")]

    assert [page.context["found"].pets for page in pages] == [[living]] * 3


def test_owner_whose_animals_have_died_is_found_to_add_another(reception):
    owner = PetFactory(deceased_at=next_morning(days=-30).date(), pet_owner=OwnerFactory(last_name="Moss")).pet_owner

    assert reception.get("/book/?q=moss").context["found"].owners == [owner]


@pytest.mark.parametrize(("typed", "field"), [("8 916 123", "phone"), ("Moss", "last_name")])
def test_what_was_searched_for_begins_the_newcomer(reception, typed, field):
    page = reception.post("/book/", {"intent": "pick", "pet": "new", "q": typed})

    assert page.context["form"][field].value() == typed


def test_search_that_goes_on_takes_its_beginning_along_to_the_newcomer(reception):
    page = reception.post("/book/", {"intent": "search", "q": "Mosswood", "last_name": "Moss"})

    assert page.context["form"]["last_name"].value() == "Mosswood"


def test_name_of_a_newcomer_that_was_mended_stays(reception):
    page = reception.post("/book/", {"intent": "times", "pet": "new", "q": "Mosswood", "last_name": "Moss"})

    assert page.context["form"]["last_name"].value() == "Moss"


def test_newcomer_whose_phone_is_known_is_warned_of_at_once(reception):
    owner = OwnerFactory(phone="+79161234567")

    page = reception.post("/book/", {"intent": "pick", "pet": "new", "q": "89161234567"})

    assert [each.owner for each in page.context["likely"]] == [owner]


def test_hits_mark_what_was_searched_for_and_end_with_somebody_new(reception):
    PetFactory(name="Rex", pet_owner=OwnerFactory(phone="+79161234567"))

    page = reception.get("/book/hits/?q=4567").text

    assert "<mark>45-67</mark>" in page
    assert page.rindex('value="new"') > page.rindex("<mark>")


def test_chosen_animal_stays_chosen_while_times_are_looked_for_and_can_be_changed(reception):
    pet = PetFactory(name="Rex")

    kept = reception.post("/book/", {"intent": "times", "pet": pet.pk, "q": "rex"})
    changed = reception.post("/book/", {"intent": "change", "pet": pet.pk, "q": "rex"})

    assert (kept.context["pet"], changed.context["pet"]) == (pet, None)
    assert changed.context["found"].pets == [pet]


def test_booked_visit_leads_to_the_board_of_its_branch(reception):
    VetFactory()
    berlin = VetFactory(branch=BranchFactory(time_zone="Europe/Berlin"))

    answer = reception.post("/book/", newcomer(slot=f"{berlin.pk}@{next_morning(13).isoformat()}"))

    visit = Appointment.objects.get()
    assert answer.url == f"/board/?day={next_morning().date()}&branch={berlin.branch_id}#visit-{visit.pk}"


def test_times_of_a_branch_are_shown_on_its_clock_with_its_name(reception):
    VetFactory()
    berlin = VetFactory(branch=BranchFactory(name="Berlin", time_zone="Europe/Berlin"))

    page = reception.get("/book/", {"vet": berlin.pk, "day": next_morning().date()}).text

    assert "09:00 <small>" in page
    assert f"{berlin.last_name}, Berlin" in page
