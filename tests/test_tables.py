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


# Table, column → the table that it points to. One to one: the column is unique, or unique among the rows that count.
LINKS = {
    ("pet", "pet_owner_id"): "pet_owner",
    ("veterinarian", "specialization_id"): "specialization",
    ("appointment", "pet_id"): "pet",
    ("appointment", "vet_id"): "veterinarian",
    ("appointment", "status_id"): "status",
    ("treatment", "appointment_id"): "appointment",
    ("treatment", "service_id"): "service",
    ("medical_record", "appointment_id"): "appointment",
    ("invoice", "pet_owner_id"): "pet_owner",
    ("invoice", "record_id"): "medical_record",
    ("invoice", "status_id"): "status",
}
# A record has at most one invoice that is not void: a void one stays, and another is made in its place.
ONE_TO_ONE = {("medical_record", "appointment_id"): "", ("invoice", "record_id"): "(NOT (status_id = 15))"}
FOREIGN_KEYS = """
    SELECT link.conrelid::regclass::text, attname, link.confrelid::regclass::text
    FROM pg_constraint AS link
    JOIN pg_attribute ON attrelid = link.conrelid AND attnum = link.conkey[1]
    JOIN pg_constraint AS key ON key.conrelid = link.confrelid AND key.contype = 'p' AND key.conkey = link.confkey
    WHERE link.contype = 'f' AND link.convalidated AND cardinality(link.conkey) = 1
"""
UNIQUE = """
    SELECT indrelid::regclass::text, attname, COALESCE(pg_get_expr(indpred, indrelid), '')
    FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
    WHERE indisunique AND indisvalid AND NOT indisprimary AND indnkeyatts = 1
"""
PRIMARY_KEYS = """
    SELECT conrelid::regclass::text, array_agg(attname::text)
    FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
    WHERE contype = 'p' AND connamespace = 'public'::regnamespace GROUP BY conrelid
"""


def rows(query: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


@pytest.mark.django_db
@pytest.mark.parametrize("table", BRIEF)
def test_table_has_the_key_of_the_brief(table):
    assert dict(rows(PRIMARY_KEYS))[table] == ["id"]


@pytest.mark.django_db
@pytest.mark.parametrize("link", LINKS, ids=".".join)
def test_column_points_where_the_brief_says(link):
    assert {(table, column): target for table, column, target in rows(FOREIGN_KEYS)}[link] == LINKS[link]


def test_every_reference_of_the_brief_is_looked_at():
    named = {(table, word) for table, words in BRIEF.items() for word in words.split() if word.endswith("_id")}

    assert named == set(LINKS)


@pytest.mark.django_db
@pytest.mark.parametrize("link", LINKS, ids=".".join)
def test_link_is_one_to_one_where_the_brief_says_and_to_many_elsewhere(link):
    unique = {(table, column): among for table, column, among in rows(UNIQUE)}

    assert unique.get(link) == ONE_TO_ONE.get(link)
