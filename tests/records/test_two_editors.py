"""The second of two who save is shown both texts, and settles each of them. Nothing typed is lost."""

import re

import pytest

from records import actions
from records.models import MedicalRecord
from records.settling import Difference
from tests.factories import AppointmentFactory
from vetclinic.audit.models import Change

pytestmark = pytest.mark.django_db
EMPTY = dict.fromkeys(("complaint", "diagnosis", "prescription", "notes"), "")
THEIRS = EMPTY | {"complaint": "limps", "diagnosis": "fracture"}
MINE = EMPTY | {"diagnosis": "sprain", "prescription": "rest\nfor a week", "version": 1}
CHOICES = re.compile(r'name="(\w+)_choice" value="(\w+)" checked')


@pytest.fixture
def visit():
    visit = AppointmentFactory()
    actions.start_visit(appointment=visit, by=visit.vet.user)
    return visit


@pytest.fixture
def vet_client(client, visit):
    client.force_login(visit.vet.user)
    return client


def stored(visit):
    return MedicalRecord.objects.filter(appointment=visit).values(*EMPTY, "version").get()


def save(visit, version=1, **texts):
    record = MedicalRecord.objects.get(appointment=visit)
    actions.save_record(record=record, version=version, **EMPTY | texts, by=visit.vet.user)


def test_each_text_is_chosen_beforehand_for_who_changed_it(vet_client, visit):
    save(visit, **THEIRS)

    answer = vet_client.post(f"/visits/{visit.pk}/", MINE)

    chosen = {"complaint": "theirs", "diagnosis": "mine", "prescription": "mine"}
    assert (answer.status_code, dict(CHOICES.findall(answer.text))) == (409, chosen)
    assert 'name="version" value="2"' in answer.text
    assert stored(visit) == THEIRS | {"version": 2}


@pytest.mark.parametrize(
    ("choice", "kept"),
    [
        ({}, "sprain"),
        ({"diagnosis_choice": "mine"}, "sprain"),
        ({"diagnosis_choice": "theirs"}, "fracture"),
        ({"diagnosis_choice": "edited", "diagnosis_edited": "fracture,\r\nnot a sprain"}, "fracture,\nnot a sprain"),
        ({"diagnosis_choice": "edited"}, ""),
        ({"diagnosis_choice": "nonsense", "diagnosis_edited": "x"}, "sprain"),
    ],
)
def test_second_editor_settles_each_text(vet_client, visit, choice, kept):
    save(visit, **THEIRS)
    vet_client.post(f"/visits/{visit.pk}/", MINE)

    answer = vet_client.post(f"/visits/{visit.pk}/", MINE | {"version": 2} | choice)

    assert answer.status_code == 302
    assert (stored(visit)["diagnosis"], stored(visit)["prescription"]) == (kept, "rest\nfor a week")


def test_third_save_between_is_shown_as_well_and_nothing_is_lost(vet_client, visit):
    save(visit, **THEIRS)
    vet_client.post(f"/visits/{visit.pk}/", MINE)
    save(visit, version=2, **THEIRS | {"diagnosis": "bruise"})

    settled = MINE | {"version": 2, "diagnosis_choice": "edited", "diagnosis_edited": "fracture or sprain"}
    answer = vet_client.post(f"/visits/{visit.pk}/", settled)

    assert answer.status_code == 409
    assert ("bruise" in answer.text, "fracture or sprain" in answer.text) == (True, True)


def test_text_that_was_chosen_away_is_still_in_the_log(vet_client, visit):
    save(visit, **THEIRS)

    vet_client.post(f"/visits/{visit.pk}/", MINE | {"version": 2})

    logged = Change.objects.filter(table="medical_record", operation="UPDATE").values_list(
        "after__diagnosis", flat=True
    )
    assert list(logged.order_by("id")) == ["fracture", "sprain"]


def test_texts_side_by_side_are_text_and_keep_their_lines(vet_client, visit):
    save(visit, diagnosis="<script>alert(1)</script>")

    answer = vet_client.post(f"/visits/{visit.pk}/", MINE | {"diagnosis": '"🐈"\nвторая'})

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    assert 'name="diagnosis" value="&quot;🐈&quot;\nвторая"' in answer.text


def test_edited_text_that_is_too_long_is_refused_and_still_there(vet_client, visit):
    save(visit, **THEIRS)
    long = {"version": 2, "diagnosis_choice": "edited", "diagnosis_edited": "x" * 20_001}

    answer = vet_client.post(f"/visits/{visit.pk}/", MINE | long)

    assert answer.status_code == 422
    assert ("x" * 20_001 in answer.text, 'id="id_diagnosis_error"' in answer.text) == (True, True)


def test_adding_a_treatment_over_a_newer_text_shows_both_too(vet_client, visit):
    save(visit, **THEIRS)

    answer = vet_client.post(f"/visits/{visit.pk}/treatments/", MINE)

    assert (answer.status_code, "Stored meanwhile" in answer.text) == (409, True)


@pytest.mark.parametrize(
    ("mine", "theirs", "both"), [("a", "b", "b\na"), ("", "b", "b"), ("a", "", "a"), ("a", "a, b", "a, b")]
)
def test_free_editing_begins_with_both_texts(mine, theirs, both):
    assert Difference("notes", "Notes", mine, theirs, untouched=False).both == both
