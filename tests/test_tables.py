"""The ten tables of the owner's document, exact: names, types, lengths, and what is required."""

import pytest
from django.db import connection

BRIEF = {
    "pet_owner": "id integer* first_name varchar(150)* last_name varchar(150)* phone varchar(15) "
    "secondary_phone varchar(15) email varchar(100) address varchar(255)",
    "pet": "id integer* pet_owner_id integer name varchar(50)* species varchar(50) breed varchar(50) birth_date date "
    "gender varchar(10) color varchar(50) description text",
    "specialization": "id integer* name varchar(50)* description text",
    "veterinarian": "id integer* specialization_id integer* first_name varchar(150)* last_name varchar(150)* "
    "external_phone varchar(15) internal_phone varchar(15) email varchar(100)",
    "service": "id integer* name varchar(100)* description text cost numeric(10,2)* valid_to date* is_active boolean*",
    "status": "id integer* name varchar(50)* type varchar(20)*",
    "appointment": "id integer* pet_id integer* vet_id integer* date timestamptz* reason varchar(255)* "
    "status_id integer* notes text",
    "treatment": "id integer* appointment_id integer* service_id integer* date date description text",
    "medical_record": "id integer* appointment_id integer* diagnosis text prescription text notes text "
    "created_at timestamptz*",
    "invoice": "id integer* pet_owner_id integer* record_id integer* date date amount numeric(10,2)* status_id integer*",
}
COLUMNS = """
    SELECT column_name, CASE udt_name
             WHEN 'int4' THEN 'integer' WHEN 'bool' THEN 'boolean'
             WHEN 'varchar' THEN 'varchar(' || character_maximum_length || ')'
             WHEN 'numeric' THEN 'numeric(' || numeric_precision || ',' || numeric_scale || ')'
             ELSE udt_name END, is_nullable = 'NO'
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s
"""


@pytest.mark.django_db
@pytest.mark.parametrize("table", BRIEF)
def test_table_has_every_column_of_the_brief(table):
    words = BRIEF[table].split()
    expected = dict(zip(words[::2], words[1::2], strict=True))

    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [table])
        found = {name: (kind, required) for name, kind, required in cursor.fetchall()}

    for name, kind in expected.items():
        assert found[name][0] == kind.rstrip("*"), name
        assert not kind.endswith("*") or found[name][1], f"{name} must be required"
