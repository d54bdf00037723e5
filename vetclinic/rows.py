"""Whether there is a row: asked so often that Django's writing of the statement would be most of the work."""

from django.db import connection, models


def has_row(model: type[models.Model], condition: str, *values) -> bool:
    """Whether the primary has a row of this kind. `condition` is SQL of our own, with %s for each value."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {model._meta.db_table} WHERE {condition} LIMIT 1", values)  # noqa: S608
        return cursor.fetchone() is not None
