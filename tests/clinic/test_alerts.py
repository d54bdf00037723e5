"""Alerts of animals: noted once, always in sight, ended and never deleted."""

import uuid

import pytest

from clinic.alerts import alerts_of, end_alert, note_alert
from clinic.models import PetAlert
from tests.factories import AppointmentFactory, PetAlertFactory, PetFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def pet():
    return PetFactory()


@pytest.fixture
def reception(client):
    client.force_login(UserFactory(role="reception"))
    return client


def typed(**changes):
    return {"kind": "allergy", "text": "amoxicillin", "request_key": str(uuid.uuid4())} | changes


def test_alerts_stand_with_the_most_dangerous_first(pet):
    for kind in ("other", "bites", "allergy", "chronic"):
        PetAlertFactory(pet=pet, kind=kind)
    PetAlertFactory()

    assert [alert.kind for alert in alerts_of(pet.pk)] == ["allergy", "bites", "chronic", "other"]


def test_ended_alert_stays_with_its_first_end(pet):
    alert = PetAlertFactory(pet=pet)

    first, again = (end_alert(alert=alert, by=UserFactory()).ended_at for _time in range(2))

    assert alerts_of(pet.pk) == []
    assert PetAlert.objects.get().ended_at == first == again


def test_same_alert_noted_again_while_it_holds_is_one(pet):
    first, again = (note_alert(pet=pet, kind="allergy", text=text, by=UserFactory()) for text in ("Nuts", "nuts"))

    end_alert(alert=first, by=UserFactory())
    later = note_alert(pet=pet, kind="allergy", text="nuts", by=UserFactory())

    assert first == again != later


def test_reception_notes_an_alert_and_ends_it(reception, pet):
    reception.post(f"/pets/{pet.pk}/alerts/", typed())
    alert = PetAlert.objects.get()
    reception.post(f"/pets/{pet.pk}/alerts/{alert.pk}/end/")

    alert.refresh_from_db()
    assert (alert.pet, alert.text, alert.noted_by.role, alert.ended_at is None) == (
        pet,
        "amoxicillin",
        "reception",
        False,
    )


def test_form_sent_twice_notes_once(reception, pet):
    form = typed()

    codes = [reception.post(f"/pets/{pet.pk}/alerts/", form).status_code for _time in range(2)]

    assert (codes, PetAlert.objects.count()) == ([302, 302], 1)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"text": ""}, "only “bites” speaks for itself"),
        ({"text": "x" * 121}, "at most 120 characters"),
        ({"text": "a\x00b"}, "Null characters are not allowed."),
        ({"kind": "mood"}, "Select a valid choice"),
        ({"request_key": "7"}, "valid UUID"),
    ],
)
def test_bad_alert_is_refused_with_what_was_typed(reception, pet, changes, fault):
    answer = reception.post(f"/pets/{pet.pk}/alerts/", typed(**changes))

    assert answer.status_code in (400, 422)
    assert answer.status_code == 400 or fault in str(answer.context["form"].errors)
    assert not PetAlert.objects.exists()


def test_bites_needs_no_words(reception, pet):
    reception.post(f"/pets/{pet.pk}/alerts/", typed(kind="bites", text=""))

    assert str(PetAlert.objects.get()) == "Bites"


def test_alert_of_another_animal_is_not_found(reception, pet):
    alert = PetAlertFactory()

    assert reception.post(f"/pets/{pet.pk}/alerts/{alert.pk}/end/").status_code == 404


@pytest.mark.parametrize("address", ["/pets/{}/", "/pets/{}/alerts/", "/book/?pet={}", "/pets/{}/weight/"])
def test_alert_is_in_sight_on_pages_of_the_animal(reception, pet, address):
    PetAlertFactory(pet=pet, text="<b>nuts</b> 🥜")
    end_alert(alert=PetAlertFactory(pet=pet, text="over and done"), by=UserFactory())

    page = reception.get(address.format(pet.pk)).text

    assert "Allergy: &lt;b&gt;nuts&lt;/b&gt; 🥜" in page
    assert page.count("chip alert allergy") == 1


def test_alert_is_in_sight_in_the_visit(client, pet):
    visit = AppointmentFactory(pet=pet)
    PetAlertFactory(pet=pet, kind="bites", text="at night")
    client.force_login(visit.vet.user)

    assert "Bites: at night" in client.get(f"/visits/{visit.pk}/").text
