"""Offered texts: templates for the animal's species, what it had before; and how admins keep the templates."""

import re

import pytest

from records import actions
from records.filling import filled
from records.models import MedicalRecord, RecordTemplate
from tests.factories import AppointmentFactory, PetFactory, UserFactory
from vetclinic.access.roles import Role

pytestmark = pytest.mark.django_db
ADMIN = "/admin/records/recordtemplate/"
TEXT = {"complaint": "", "diagnosis": "", "prescription": "", "notes": "", "version": 1}


@pytest.fixture
def visit():
    visit = AppointmentFactory()
    actions.start_visit(appointment=visit, by=visit.vet.user)
    return visit


@pytest.fixture
def vet_client(client, visit):
    client.force_login(visit.vet.user)
    return client


@pytest.fixture
def admin(client):
    client.force_login(UserFactory(role="admin"))
    return client


@pytest.fixture
def template():
    return RecordTemplate.objects.create(title="Otitis", diagnosis="Otitis externa.", prescription="Drops.\nClean.")


def texts(visit):
    return MedicalRecord.objects.filter(appointment=visit).values("diagnosis", "prescription").get()


def typed(**changes):
    form = {"title": "Otitis", "diagnosis": "", "complaint": "", "prescription": "", "notes": "", "species": ""}
    return form | {"is_active": "on"} | changes


# -- On the visit's page ----------------------------------------------------------------------------------


def test_page_offers_templates_of_the_species_and_of_all_that_are_in_use(vet_client, visit):
    for title, species, is_active in (
        ("Everyone", "", True),
        ("Feline", "cat", True),
        ("Canine", "dog", True),
        ("Retired", "", False),
    ):
        RecordTemplate.objects.create(title=title, species=species, is_active=is_active, notes="x")

    page = vet_client.get(f"/visits/{visit.pk}/")

    assert re.findall(r'name="template"[^>]*>(\w+)<', page.text) == ["Everyone", "Feline"]


def test_chip_without_javascript_fills_empty_texts_and_adds_to_lists(vet_client, visit, template):
    form = TEXT | {"diagnosis": "both ears", "prescription": "Rest.", "template": template.pk}

    answer = vet_client.post(f"/visits/{visit.pk}/fill/", form)

    assert (answer.status_code, answer.url) == (302, f"/visits/{visit.pk}/")
    assert texts(visit) == {"diagnosis": "both ears", "prescription": "Rest.\nDrops.\nClean."}


def test_chip_clicked_twice_adds_once(vet_client, visit, template):
    vet_client.post(f"/visits/{visit.pk}/fill/", TEXT | {"template": template.pk})
    again = TEXT | texts(visit) | {"prescription": "Drops.\r\nClean.", "version": 2, "template": template.pk}

    vet_client.post(f"/visits/{visit.pk}/fill/", again)

    assert texts(visit)["prescription"] == "Drops.\nClean."


def test_chip_over_a_newer_text_shows_both_and_loses_nothing(vet_client, visit, template):
    record = MedicalRecord.objects.get(appointment=visit)
    actions.save_record(record=record, **TEXT | {"diagnosis": "eczema"}, by=visit.vet.user)

    answer = vet_client.post(f"/visits/{visit.pk}/fill/", TEXT | {"template": template.pk})

    assert (answer.status_code, texts(visit)["diagnosis"]) == (409, "eczema")
    assert ("eczema" in answer.text, "Otitis externa." in answer.text) == (True, True)


@pytest.mark.parametrize("template", ["", "x", "-1", "0", "999999", "9" * 30, "１", "1\x00"])
def test_chip_of_no_template_saves_what_is_typed(vet_client, visit, template):
    answer = vet_client.post(f"/visits/{visit.pk}/fill/", TEXT | {"diagnosis": "typed", "template": template})

    assert (answer.status_code, texts(visit)["diagnosis"]) == (302, "typed")


def test_template_out_of_use_fills_nothing(vet_client, visit, template):
    RecordTemplate.objects.update(is_active=False)

    vet_client.post(f"/visits/{visit.pk}/fill/", TEXT | {"template": template.pk})

    assert texts(visit)["diagnosis"] == ""


def test_page_offers_what_this_animal_had_before_each_once_newest_first(vet_client, visit):
    for days, diagnosis, pet in (
        (30, "otitis", visit.pet),
        (20, "cystitis", visit.pet),
        (10, "otitis", visit.pet),
        (5, "", visit.pet),
        (4, "x" * 301, visit.pet),
        (3, "asthma", PetFactory()),
    ):
        start = visit.date - visit.date.resolution * 86_400_000_000 * days
        earlier = AppointmentFactory(pet=pet, date=start)
        record = actions.start_visit(appointment=earlier, by=earlier.vet.user)
        actions.save_record(record=record, **TEXT | {"diagnosis": diagnosis}, by=earlier.vet.user)

    page = vet_client.get(f"/visits/{visit.pk}/")

    assert re.findall(r'name="earlier"[^>]*>(\w+)<', page.text) == ["otitis", "cystitis"]


def test_earlier_diagnosis_without_javascript_goes_into_the_empty_field(vet_client, visit):
    vet_client.post(f"/visits/{visit.pk}/fill/", TEXT | {"earlier": "otitis"})

    assert texts(visit)["diagnosis"] == "otitis"


def test_offered_text_leaves_what_is_typed():
    typed = {"complaint": "itch", "diagnosis": " ", "prescription": "Drops.", "notes": "see file"}
    offered = {"complaint": "usual", "diagnosis": "otitis", "prescription": "Drops.", "notes": ""}

    assert filled(typed, offered) == typed | {"diagnosis": "otitis"}


# -- In Django admin --------------------------------------------------------------------------------------


def test_admin_adds_and_retires_a_template(admin):
    added = admin.post(f"{ADMIN}add/", typed(diagnosis="Отит 🐈 <b>"))
    template = RecordTemplate.objects.get()
    changed = admin.post(f"{ADMIN}{template.pk}/change/", typed(diagnosis="Отит", is_active=""))

    template.refresh_from_db()
    assert (added.status_code, changed.status_code) == (302, 302)
    assert (template.diagnosis, template.is_active) == ("Отит", False)


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.ADMIN])
def test_nobody_else_edits_templates(client, role):
    client.force_login(UserFactory(role=role))

    answer = client.post(f"{ADMIN}add/", typed(diagnosis="x"))

    assert answer.status_code in (302, 403)
    assert not RecordTemplate.objects.exists()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"title": ""}, "This field is required."),
        ({"title": "x" * 41}, "at most 40 characters"),
        ({"diagnosis": ""}, "Write at least one of the texts."),
        ({"species": "dragon"}, "Select a valid choice."),
        ({"notes": "a\x00b"}, "Null characters are not allowed."),
        ({"title": "Taken"}, "There is a template of this title already."),
    ],
)
def test_bad_template_is_told_and_not_stored(admin, bad, message):
    RecordTemplate.objects.create(title="Taken", notes="x")

    answer = admin.post(f"{ADMIN}add/", typed(diagnosis="typed") | bad)

    assert (answer.status_code, message in answer.text) == (200, True)
    assert RecordTemplate.objects.count() == 1


def test_template_is_not_deleted(admin, template):
    assert admin.post(f"{ADMIN}{template.pk}/delete/", {"post": "yes"}).status_code == 403
