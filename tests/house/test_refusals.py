"""Every constraint and trigger that can refuse a row has its sentence, and every sentence its constraint."""

import re

import pytest
from django.apps import apps
from django.db import connection

from clinic.enums import AppointmentStatus, InvoiceStatus
from clinic.models import Status
from vetclinic.refusals import REFUSALS

OWN_APPS = ("access", "audit", "clinic", "records", "billing")
OWN_TABLES = [model._meta.db_table for label in OWN_APPS for model in apps.get_app_config(label).get_models()]
NAMED_IN_TRIGGERS = re.compile(r"CONSTRAINT = '(\w+)'")


def names_in_the_database() -> set[str]:
    """Named constraints (not keys, references and the keys of forms) and the names that triggers raise."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid::regclass::text = ANY(%s) AND contype IN ('c', 'x', 'u')"
            " AND conname !~ '(request_key|username|user_id|appointment_id|payment_id|_pkey)'",
            [OWN_TABLES],
        )
        names = {row[0] for row in cursor.fetchall()}
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE indisunique AND indpred IS NOT NULL"
            " AND indrelid::regclass::text = ANY(%s)",
            [OWN_TABLES],
        )
        names |= {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname LIKE 'pgtrigger%%' OR proname = 'refuse_to_empty'")
        return names | {name for row in cursor.fetchall() for name in NAMED_IN_TRIGGERS.findall(row[0])}


@pytest.mark.django_db
def test_every_refusal_of_the_database_has_its_sentence_and_no_other():
    assert {re.sub("_[0-9a-f]{8}_uniq$", "", name) for name in names_in_the_database()} == set(REFUSALS)


@pytest.mark.django_db
def test_statuses_in_the_table_are_those_of_the_code():
    rows = dict(Status.objects.values_list("id", "code"))

    expected = {status.value: status.name.lower() for enum in (AppointmentStatus, InvoiceStatus) for status in enum}
    assert rows == expected
