"""What the site's login may do: rows, and nothing about the tables. By attacks as that login, past all of Python."""

import psycopg
import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from clinic.models import PetOwner
from records.actions import sign_record, start_visit
from tests.factories import AppointmentFactory
from tests.servers import PAIR
from vetclinic.audit.rights import OUR_APPS

ATTACKS = [
    "TRUNCATE payment",
    "TRUNCATE invoice CASCADE",
    "TRUNCATE change_log",
    "INSERT INTO change_log (table_name, row_id, operation, login) VALUES ('pet', 1, 'INSERT', 'somebody')",
    "UPDATE change_log SET login = 'somebody'",
    "DELETE FROM change_log",
    "ALTER TABLE payment DISABLE TRIGGER USER",
    "ALTER TABLE change_log ALTER COLUMN login DROP NOT NULL",
    "ALTER TABLE appointment DROP CONSTRAINT appointment_vet_not_double_booked",
    "DROP TABLE payment",
    "DROP TRIGGER never_emptied ON payment",
    "CREATE TABLE another (id int)",
    "CREATE TEMPORARY TABLE invoice (id int, amount numeric)",
    "CREATE OR REPLACE FUNCTION keep_change(a text, b text, c jsonb, d jsonb) RETURNS void LANGUAGE sql AS 'SELECT'",
    "CREATE OR REPLACE FUNCTION _pgtrigger_should_ignore(a name) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "ALTER TABLE change_log OWNER TO vetclinic_site",
    "SET session_replication_role = replica",
    "SET ROLE vetclinic",
    "DELETE FROM django_migrations",
]


@pytest.fixture
def site(db):
    """A connection to the tests' database as the login that a clinic's web server has."""
    with psycopg.connect(PAIR.url("primary", connection.settings_dict["NAME"])) as connected:
        yield connected
        connected.rollback()


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_on_a_table_is_refused(site, attack):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        site.execute(attack)


def test_log_is_not_written_by_a_call_of_its_function(site):
    with pytest.raises(psycopg.errors.CheckViolation) as refusal:
        site.execute("SELECT keep_change('pet', 'INSERT', NULL, '{\"id\": 1}')")

    assert refusal.value.diag.constraint_name == "change_log_is_final"


def test_change_of_a_row_is_done_and_in_the_log(site):
    (owner,) = site.execute(
        "INSERT INTO pet_owner (first_name, last_name) VALUES ('Ann', 'Berg') RETURNING id"
    ).fetchone()

    logged = site.execute(
        "SELECT operation, login FROM change_log WHERE table_name = 'pet_owner' AND row_id = %s", [owner]
    ).fetchall()

    assert logged == [("INSERT", "vetclinic_site")]
    assert not PetOwner.objects.filter(pk=owner).exists()  # of another transaction


@pytest.mark.django_db
def test_session_cannot_ask_triggers_to_be_ignored():
    visit = AppointmentFactory()
    start_visit(appointment=visit, by=visit.vet.user)
    sign_record(record=visit.medical_record, by=visit.vet.user)

    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(tgname::text) FROM pg_trigger WHERE NOT tgisinternal")
        (triggers,) = cursor.fetchone()
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s::text[]::text, true)", [triggers])
        cursor.execute("UPDATE medical_record SET diagnosis = 'other' WHERE appointment_id = %s", [visit.pk])

    assert refusal.value.__cause__.diag.constraint_name == "medical_record_signed_never_changes"


@pytest.mark.django_db
def test_every_table_of_ours_refuses_to_be_emptied():
    tables = {model._meta.db_table for model in apps.get_models() if model._meta.app_label in OUR_APPS}

    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'never_emptied'")
        guarded = {table for (table,) in cursor.fetchall()}

    assert guarded == tables
