"""What the tables of a database hold, for comparing two of them row by row."""

import psycopg
from psycopg import sql

NAMES = """
    SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1
"""
# A sum does not depend on the order of rows; a row as text is the same on every server of one version.
CONTENT = "SELECT count(*), COALESCE(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM public.{} t"
FIXED = "SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'postgres'; SET extra_float_digits = 1"


def content(connection: psycopg.Connection) -> dict[str, list]:
    """table → number of rows, checksum of all rows."""
    connection.execute(FIXED)
    names = [name for (name,) in connection.execute(NAMES).fetchall()]
    return {name: list(connection.execute(sql.SQL(CONTENT).format(sql.Identifier(name))).fetchone()) for name in names}


def differences(expected: dict[str, list], found: dict[str, list]) -> list[str]:
    """The tables that differ, each with both counts."""
    return [
        f"{name}: {expected.get(name, ['no table'])[0]} → {found.get(name, ['no table'])[0]}"
        for name in sorted({*expected, *found})
        if list(expected.get(name, [])) != list(found.get(name, []))
    ]
