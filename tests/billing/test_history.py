"""An animal's whole life on one page: what belongs to it, who sees what of it, searching in it."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.utils import timezone

from billing.history import Visit
from clinic.custody import hand_over_pet
from records.addenda import append_addendum
from records.models import Attachment, Measurement, MedicalRecord
from tests.billing.bills import draft
from tests.factories import AppointmentFactory, OwnerFactory, PetFactory, UserFactory, VetFactory

pytestmark = pytest.mark.django_db
EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
def pet():
    return PetFactory()


def past_visit(pet, *, days=3, **record):
    date = timezone.now() - dt.timedelta(days=days)
    visit = AppointmentFactory(pet=pet, date=date, ends_at=date + dt.timedelta(minutes=30), reason="check-up")
    MedicalRecord.objects.create(appointment=visit, author=visit.vet, **record)
    return visit


def weigh(pet, kg="4.2", days=1):
    at = timezone.now() - dt.timedelta(days=days)
    return Measurement.objects.create(pet=pet, kind="weight", value=Decimal(kg), unit="kg", taken_at=at)


def add_file(pet, name="blood.pdf"):
    return Attachment.objects.create(
        pet=pet, kind="lab", name=name, content_type="application/pdf", size=1, sha256="0" * 64,
        storage_key=f"00/{uuid.uuid4().hex}", uploaded_by=UserFactory(),
    )  # fmt: skip


def look(client, pet, role="vet", **query):
    client.force_login(UserFactory(role=role))
    return client.get(f"/pets/{pet.pk}/", query)


def titles(answer) -> list[str]:
    """What stands in the timeline, newest first: a visit by its diagnosis, all else by its kind."""
    return [each.diagnosis if isinstance(each, Visit) else each.kind for each in answer.context["history"].entries]


def test_everything_of_the_animal_stands_in_order_of_time(client, pet):
    past_visit(pet, days=5, diagnosis="otitis")
    weigh(pet, days=3)
    past_visit(pet, days=2, diagnosis="healed")
    add_file(pet)
    past_visit(PetFactory(), days=1, diagnosis="of another")

    assert titles(look(client, pet)) == ["file", "healed", "weight", "otitis"]


def test_visit_shows_its_measurements_texts_treatments_and_addenda(client, pet):
    invoice = draft("100", pet=pet, quantity=Decimal(2))
    visit, by = invoice.record.appointment, invoice.record.appointment.vet.user
    append_addendum(record=invoice.record, text="The owner rang", by=by)

    page = look(client, pet).text

    assert [text in page for text in (f"{invoice.lines.get().name} × 2", "The owner rang", str(visit.vet))] == [
        True
    ] * 3


def test_measurement_of_a_visit_stands_in_the_visit(client, pet):
    visit = past_visit(pet, diagnosis="otitis")
    Measurement.objects.create(pet=pet, appointment=visit, kind="temperature", value=Decimal("38.5"), unit="°C")

    answer = look(client, pet)

    assert titles(answer) == ["otitis"]
    assert "Temperature: 38.5 °C" in answer.text


@pytest.mark.parametrize(("kind", "shown"), [("visit", ["otitis"]), ("file", ["file"]), ("weight", ["weight"])])
def test_one_kind_is_shown_alone(client, pet, kind, shown):
    past_visit(pet, diagnosis="otitis")
    weigh(pet)
    add_file(pet)

    assert titles(look(client, pet, kind=kind)) == shown


@pytest.mark.parametrize("words", ["ОТИТ", "ушёл", "ушел", "капли"])
def test_search_finds_text_of_the_record_in_any_case_and_with_either_yo(client, pet, words):
    past_visit(pet, diagnosis="Отит", prescription="Капли. Боль ушёл", days=2)
    past_visit(pet, diagnosis="ринит")

    assert titles(look(client, pet, q=words)) == ["Отит"]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Лечебный корм", "корма"),
        ("Цистит", "циститом"),
        ("После цистита", "цистит"),
        ("Курс таблеток", "таблетка"),
        ("Chronic vomiting", "vomited"),
        ("Лечебный корм 0.5 кг", "кормом 0.5"),
    ],
)
def test_search_in_a_history_finds_words_in_every_case(client, pet, written, asked):
    past_visit(pet, diagnosis=written, days=2)
    past_visit(pet, diagnosis="Здоров", prescription="Кормить как раньше, vomer")

    assert titles(look(client, pet, q=asked)) == [written]


@pytest.mark.parametrize(("role", "count"), [("vet", 1), ("reception", 0)])
def test_search_finds_addenda_for_those_who_read_records(client, pet, role, count):
    invoice = draft("100", pet=pet)
    append_addendum(record=invoice.record, text="Biopsy: benign", by=invoice.record.appointment.vet.user)

    assert len(look(client, pet, role=role, q="BIOPSY").context["history"].entries) == count


def test_search_finds_files_by_name_and_services(client, pet):
    add_file(pet, name="Biochemistry.pdf")
    invoice = draft("100", pet=pet)

    assert titles(look(client, pet, q="biochem")) == ["file"]
    assert len(look(client, pet, q=invoice.lines.get().name).context["history"].entries) == 1


@pytest.mark.parametrize("words", ["%", "_", "\\", "' OR 1=1", EVIL, "\u0442" * 500])
def test_search_for_signs_finds_nothing_and_is_a_page(client, pet, words):
    past_visit(pet, diagnosis="otitis")

    answer = look(client, pet, q=words)

    assert (answer.status_code, titles(answer)) == (200, [])
    assert EVIL not in answer.text


def test_reception_neither_sees_nor_finds_what_the_record_says(client, pet):
    past_visit(pet, diagnosis="otitis", notes="bites")
    add_file(pet)

    answer, found = look(client, pet, role="reception"), look(client, pet, role="reception", q="otitis")

    assert "otitis" not in answer.text
    assert (len(answer.context["history"].entries), found.context["history"].entries) == (1, [])


def test_typed_text_is_shown_as_text(client):
    pet = PetFactory(name=EVIL)
    past_visit(pet, diagnosis=EVIL, complaint=EVIL, prescription=EVIL, notes=EVIL)
    add_file(pet, name=EVIL)

    assert EVIL not in look(client, pet).text


def test_who_edits_reaches_the_change_of_owner_and_the_death(client, pet):
    page = look(client, pet, role="reception").text

    assert [f"/pets/{pet.pk}/{part}/" in page for part in ("owner", "death")] == [True, True]


def test_card_names_the_owners_until_now_and_the_other_animals_of_this_one(client):
    pet = PetFactory(pet_owner=OwnerFactory(last_name="Before"))
    sibling = PetFactory(pet_owner=OwnerFactory(last_name="Now"), name="Murka", species="goat")
    hand_over_pet(pet=pet, to=sibling.pet_owner, was=pet.pet_owner_id, by=UserFactory(role="reception"))

    family = look(client, pet).context["family"]

    assert [(each.id, each.name, each.species_name) for each in family.siblings] == [(sibling.pk, "Murka", "goat")]
    assert [each.name.split()[0] for each in family.owners] == ["Now", "Before"]


def test_years_lead_to_their_entries(client, pet):
    past_visit(pet, days=800)
    past_visit(pet, days=3)

    answer = look(client, pet, role="vet")

    years = answer.context["history"].years
    assert len(years) == 2
    assert all(f'href="#y{year}"' in answer.text and f'id="y{year}"' in answer.text for year in years)


def test_vet_of_no_branch_has_a_history_too(client, pet):
    past = timezone.now() - dt.timedelta(days=1)
    vet = VetFactory(branch=None)
    AppointmentFactory(pet=pet, vet=vet, date=past, ends_at=past + dt.timedelta(minutes=30), reason="check-up")

    assert len(look(client, pet).context["history"].entries) == 1
