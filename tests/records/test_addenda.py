"""Addenda: under a signed record, by the vet of the visit, for good. And the signed record itself: nothing changes it."""

import re
import uuid

import pytest
from django.contrib import admin
from django.db import IntegrityError, connection, transaction

from records import actions
from records.addenda import append_addendum
from records.models import MedicalRecord, RecordAddendum, RecordDraft, Treatment
from tests.factories import AppointmentFactory, ServiceFactory, UserFactory, VetFactory
from vetclinic.audit.models import Change
from vetclinic.refusals import RuleViolation

pytestmark = pytest.mark.django_db
TEXT = {"complaint": "limps", "diagnosis": "sprain", "prescription": "rest", "notes": "", "version": 1}


@pytest.fixture
def record():
    visit = AppointmentFactory()
    record = actions.start_visit(appointment=visit, by=visit.vet.user)
    actions.save_record(record=record, **TEXT, by=visit.vet.user)
    actions.add_treatment(appointment=visit, service=ServiceFactory(), by=visit.vet.user)
    return record


@pytest.fixture
def signed(record):
    return actions.sign_record(record=record, by=record.appointment.vet.user)


@pytest.fixture
def vet_client(client, record):
    client.force_login(record.appointment.vet.user)
    return client


def address(record, rest="addenda/"):
    return f"/visits/{record.appointment_id}/{rest}"


def written(**changes):
    return {"addendum": "No growth.", "request_key": str(uuid.uuid4())} | changes


# -- Addenda ----------------------------------------------------------------------------------------------


def test_addendum_stands_under_the_record_with_author_and_time(vet_client, signed):
    answer = vet_client.post(address(signed), written(addendum="Culture:\r\n<b>no growth</b> 🐈"))

    addendum = RecordAddendum.objects.get()
    page = vet_client.get(address(signed, "")).text
    assert (answer.status_code, answer.url) == (302, address(signed, "#addenda"))
    assert (addendum.text, addendum.author) == ("Culture:\n<b>no growth</b> 🐈", signed.appointment.vet)
    assert "Culture:<br>&lt;b&gt;no growth&lt;/b&gt; 🐈" in page
    assert re.search(rf"{addendum.author} · <time datetime=", page)


def test_addendum_form_sent_twice_adds_once(vet_client, signed):
    form = written()

    codes = [vet_client.post(address(signed), form).status_code for _time in range(2)]

    assert (codes, RecordAddendum.objects.count()) == ([302, 302], 1)


@pytest.mark.parametrize("text", ["", "   \r\n\t", "a\x00b", "x" * 20_001])
def test_bad_addendum_is_told_by_its_field_and_not_stored(vet_client, signed, text):
    answer = vet_client.post(address(signed), written(addendum=text))

    assert (answer.status_code, 'id="id_addendum_error"' in answer.text) == (422, True)
    assert not RecordAddendum.objects.exists()


@pytest.mark.parametrize("key", ["", "me", "9" * 99])
def test_addendum_without_a_key_is_refused_and_loses_nothing(vet_client, signed, key):
    answer = vet_client.post(address(signed), written(request_key=key))

    assert (answer.status_code, "No growth." in answer.text) == (422, True)


def test_addendum_under_an_open_record_is_refused(vet_client, record):
    answer = vet_client.post(address(record), written())

    assert (answer.status_code, "Addenda stand under a signed record." in answer.text) == (409, True)
    assert not RecordAddendum.objects.exists()


def test_addendum_under_the_record_of_another_vet_is_refused(signed):
    with pytest.raises(RuleViolation) as refusal:
        append_addendum(record=signed, text="x", by=VetFactory().user)

    assert refusal.value.code == "record_of_another_vet"


def test_manager_reads_addenda_and_has_no_form(client, signed):
    append_addendum(record=signed, text="No growth.", by=signed.appointment.vet.user)
    client.force_login(UserFactory(role="manager"))

    page = client.get(address(signed, "")).text

    assert ("No growth." in page, "<textarea" in page) == (True, False)


def test_addendum_is_in_the_log_with_who_wrote_it(signed):
    addendum = append_addendum(record=signed, text="No growth.", by=signed.appointment.vet.user)

    change = Change.objects.get(table="record_addendum", row_id=addendum.pk)
    assert (change.by, change.after["text"]) == (signed.appointment.vet.user, "No growth.")


# -- Signed: no page, no admin, no SQL --------------------------------------------------------------------

SQL = [
    "UPDATE medical_record SET notes = 'x'",
    "UPDATE medical_record SET complaint = '', version = version + 1",
    "UPDATE medical_record SET signed_at = NULL",
    "UPDATE medical_record SET signed_at = now() + interval '1 day'",
    "UPDATE medical_record SET author_id = (SELECT max(id) FROM veterinarian)",
    "UPDATE medical_record SET appointment_id = (SELECT max(id) FROM appointment)",
    "DELETE FROM medical_record",
    "UPDATE treatment SET quantity = 2",
    "UPDATE treatment SET appointment_id = (SELECT max(id) FROM appointment)",
    "DELETE FROM treatment",
    "INSERT INTO treatment (appointment_id, service_id, unit_price) SELECT appointment_id, service_id, 1 FROM treatment",
    "UPDATE record_addendum SET text = 'x'",
    "DELETE FROM record_addendum",
]
PAGES = ["", "treatments/", "treatments/{treatment}/remove/", "fill/", "start/", "finish/", "draft/", "draft/discard/"]


def everything():
    """The signed record and what belongs to it, as rows."""
    return [list(model.objects.order_by("pk").values()) for model in (MedicalRecord, Treatment, RecordAddendum)]


@pytest.mark.parametrize("statement", SQL)
def test_no_sql_of_the_application_changes_a_signed_record(signed, statement):
    append_addendum(record=signed, text="No growth.", by=signed.appointment.vet.user)
    AppointmentFactory()
    before = everything()

    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
        cursor.execute(statement)

    assert refusal.value.__cause__.sqlstate == "23514"
    assert everything() == before


@pytest.mark.parametrize("rest", PAGES)
def test_no_page_changes_a_signed_record(vet_client, signed, rest):
    before = everything()
    template = {"template": "", "earlier": "x", "window": str(uuid.uuid4()), "request_key": str(uuid.uuid4())}
    form = TEXT | template | {"diagnosis": "other", "version": 2, "service": ServiceFactory().pk, "quantity": 1}

    answer = vet_client.post(address(signed, rest.format(treatment=Treatment.objects.get().pk)), form)

    assert answer.status_code in (200, 302, 409)
    assert everything() == before


def test_admin_knows_neither_records_nor_what_belongs_to_them():
    known = set(admin.site._registry)

    assert known & {MedicalRecord, Treatment, RecordAddendum, RecordDraft} == set()


@pytest.mark.parametrize("name", ["medicalrecord", "recordaddendum", "treatment", "recorddraft"])
def test_admin_has_no_address_for_a_record(client, signed, name):
    client.force_login(UserFactory(role="admin"))

    assert client.get(f"/admin/records/{name}/{signed.pk}/change/").status_code == 404
