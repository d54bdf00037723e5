"""The button that finishes a visit: text saved, record signed, invoice drafted, in one act."""

from uuid import uuid4

import pytest

from billing.models import Invoice
from clinic.enums import AppointmentStatus
from records.actions import add_treatment, start_visit
from records.models import MedicalRecord
from tests.factories import AppointmentFactory, PetFactory, ServiceFactory, UserFactory

pytestmark = pytest.mark.django_db
TEXT = {"complaint": "limps", "diagnosis": "sprain", "prescription": "rest", "notes": "", "version": 1}


def started(*prices, **details):
    visit = AppointmentFactory(**details)
    start_visit(appointment=visit, by=visit.vet.user)
    for price in prices:
        add_treatment(appointment=visit, service=ServiceFactory(cost=price), by=visit.vet.user)
    return visit


def finish(client, visit, **changes):
    client.force_login(visit.vet.user)
    return client.post(f"/visits/{visit.pk}/finish/", TEXT | changes)


def test_finishing_saves_the_text_signs_it_and_drafts_the_invoice(client):
    visit = started(100)

    answer = finish(client, visit)

    record = MedicalRecord.objects.select_related("appointment").get(appointment=visit)
    assert (answer.status_code, answer.url) == (302, f"/visits/{visit.pk}/")
    assert (record.diagnosis, record.is_signed) == ("sprain", True)
    assert record.appointment.state == AppointmentStatus.COMPLETED
    assert Invoice.objects.get(record=record).amount == 100


def test_finishing_bills_a_service_that_was_chosen_but_not_added(client):
    visit = started(100)

    answer = finish(client, visit, service=ServiceFactory(cost=30).pk, quantity="2", request_key=uuid4())

    assert answer.status_code == 302
    assert Invoice.objects.get().amount == 160


def test_finishing_with_a_wrong_quantity_of_a_chosen_service_signs_nothing(client):
    visit = started(100)

    answer = finish(client, visit, service=ServiceFactory().pk, quantity="0", request_key=uuid4())

    assert (answer.status_code, "above zero" in answer.content.decode()) == (422, True)
    assert not MedicalRecord.objects.get(appointment=visit).is_signed


def test_finishing_without_treatments_makes_no_invoice(client):
    answer = finish(client, started())

    assert answer.status_code == 302
    assert not Invoice.objects.exists()


def test_finishing_with_a_stale_text_keeps_the_typed_one_and_signs_nothing(client):
    visit = started(100)
    MedicalRecord.objects.filter(appointment=visit).update(version=2, diagnosis="fracture")

    answer = finish(client, visit)

    page = answer.content.decode()
    assert (answer.status_code, "sprain" in page, "fracture" in page) == (409, True, True)
    assert not MedicalRecord.objects.get(appointment=visit).is_signed


def test_finishing_a_visit_that_cannot_be_billed_leaves_it_open_with_the_text_saved(client):
    visit = started(100, pet=PetFactory(pet_owner=None))

    answer = finish(client, visit)

    record = MedicalRecord.objects.select_related("appointment").get(appointment=visit)
    assert answer.status_code == 409
    assert "no owner yet" in answer.content.decode()
    assert (record.is_signed, record.diagnosis) == (False, "sprain")
    assert record.appointment.state == AppointmentStatus.IN_PROGRESS


def test_finishing_twice_bills_once(client):
    visit = started(100)

    codes = [finish(client, visit).status_code for _time in range(2)]

    assert codes == [302, 409]
    assert Invoice.objects.count() == 1


@pytest.mark.parametrize(("role", "code"), [("vet", 404), ("reception", 403), ("manager", 403), ("admin", 403)])
def test_finishing_a_visit_of_another_vet_is_not_possible(client, role, code):
    visit = started(100)
    client.force_login(UserFactory(role=role))

    answer = client.post(f"/visits/{visit.pk}/finish/", TEXT)

    assert answer.status_code == code
    assert not Invoice.objects.exists()


def test_finishing_by_a_link_is_refused(client):
    visit = started(100)
    client.force_login(visit.vet.user)

    assert client.get(f"/visits/{visit.pk}/finish/").status_code == 405
