"""The log of changes: kept by the database for every writer, with who acted, and final."""

import pgtrigger
import pytest
from django.apps import apps
from django.db import connection

from clinic.actions import change_owner, change_status
from clinic.enums import AppointmentStatus
from clinic.models import PetOwner
from tests.factories import PASSWORD, AppointmentFactory, OwnerFactory, UserFactory
from vetclinic.audit.models import Change

pytestmark = pytest.mark.django_db

# Lists, rows that never change, counters of numbers, and tables that are a history themselves.
NOT_KEPT = {
    "status",
    "breed",
    "imported_row",
    "invoice_line",
    "credit_line",
    "invoice_counter",
    "pet_ownership",
    "owner_merge",
    "reminder",
    "record_word",  # follows from the records
    "vaccination_due",  # follows from the doses
    "vaccination_letter",  # is a history itself
    "income_closing",  # derived from what is kept, and made anew
    "income_sum",
    "record_draft",  # written while somebody types; what is saved of it is kept as the record
}


def of(row) -> list[Change]:
    return list(Change.objects.filter(table=row._meta.db_table, row_id=row.pk).order_by("id"))


def test_action_is_noted_with_what_changed_and_who_acted():
    owner, person = OwnerFactory(last_name="Berg"), UserFactory()

    change_owner(owner=owner, last_name="Nilsson", by=person)

    change = of(owner)[-1]
    assert (change.operation, change.by) == ("UPDATE", person)
    assert (change.before, change.after) == ({"last_name": "Berg"}, {"last_name": "Nilsson"})


def test_change_in_psql_is_noted_as_nobodys():
    owner = OwnerFactory(last_name="Berg")

    with connection.cursor() as cursor:
        cursor.execute("UPDATE pet_owner SET last_name = 'Nilsson' WHERE id = %s", [owner.pk])

    change = of(owner)[-1]
    assert (change.before, change.by, change.login) == ({"last_name": "Berg"}, None, "vetclinic")


def test_new_and_deleted_row_are_noted_whole():
    owner = OwnerFactory(last_name="Berg")
    pk = owner.pk
    owner.delete()

    first, last = Change.objects.filter(table="pet_owner", row_id=pk).order_by("id")
    assert (first.operation, first.before, first.after["last_name"]) == ("INSERT", None, "Berg")
    assert (last.operation, last.before["last_name"], last.after) == ("DELETE", "Berg", None)


def test_update_that_changes_nothing_leaves_no_trace():
    owner = OwnerFactory()

    PetOwner.objects.filter(pk=owner.pk).update(last_name=owner.last_name)

    assert [change.operation for change in of(owner)] == ["INSERT"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_who_acted_is_forgotten_with_the_transaction():
    visit, person = AppointmentFactory(), UserFactory()
    change_status(appointment=visit, to=AppointmentStatus.CONFIRMED, by=person)

    visit.notes = "later, by nobody"
    visit.save(update_fields=["notes"])

    assert [change.by for change in of(visit)][-2:] == [person, None]


def test_sign_in_is_noted(client):
    """There is no other log of who came in, and this one is final."""
    person = UserFactory()

    client.post("/login/", {"username": person.username, "password": PASSWORD})

    change = of(person)[-1]
    assert (change.operation, list(change.after)) == ("UPDATE", ["last_login"])


def test_every_table_of_the_clinic_is_kept_or_named_here():
    models = [model for label in ("clinic", "records", "billing") for model in apps.get_app_config(label).get_models()]

    kept = {model._meta.db_table for model, trigger in pgtrigger.registered() if trigger.name == "kept"}

    assert {model._meta.db_table for model in models} - kept == NOT_KEPT
