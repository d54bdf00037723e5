"""Which rows hang on an owner: found by the foreign keys of the database itself, so that no table is forgotten."""

import psycopg
from psycopg import sql

# The change log is the database's own history and stays what it is.
LINKS = """
    SELECT conrelid::regclass::text, a.attname, confrelid::regclass::text
    FROM pg_constraint JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]
    WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""
KEY = """
    SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
    WHERE indisprimary AND indrelid = %s::regclass
"""
COLUMNS = """
    SELECT array_agg(attname ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""


def key_of(connection: psycopg.Connection, table: str) -> sql.Identifier:
    """The column of a table's primary key."""
    return sql.Identifier(connection.execute(KEY, [table]).fetchone()[0])


def rows_of_owner(connection: psycopg.Connection, owner: int) -> dict[str, list[dict]]:
    """table → rows as JSON with their columns: the owner, and every row that points, by any path, to it."""
    links = connection.execute(LINKS).fetchall()
    ids: dict[str, set] = {"pet_owner": {owner}}
    waiting = [("pet_owner", {owner})]
    while waiting:
        parent, keys = waiting.pop(0)
        for child, column, target in links:
            if target != parent:
                continue
            question = sql.SQL("SELECT {} FROM {} WHERE {} = ANY(%s)").format(
                key_of(connection, child), sql.Identifier(child), sql.Identifier(column)
            )
            found = {key for (key,) in connection.execute(question, [list(keys)]).fetchall()} - ids.get(child, set())
            if found:
                ids.setdefault(child, set()).update(found)
                waiting.append((child, found))
    return {table: _rows(connection, table, keys) for table, keys in ids.items()}


def _rows(connection: psycopg.Connection, table: str, keys: set) -> list[dict]:
    columns = connection.execute(COLUMNS, [table]).fetchone()[0]
    question = sql.SQL("SELECT row_to_json(t)::text FROM {} t WHERE {key} = ANY(%s) ORDER BY {key}")
    rows = connection.execute(
        question.format(sql.Identifier(table), key=key_of(connection, table)), [list(keys)]
    ).fetchall()
    return [{"columns": columns, "json": row} for (row,) in rows]
