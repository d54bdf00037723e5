"""What the code and the database really have: models, constraints, triggers."""

import re

from django.apps import apps
from django.db import connection

APPS = ("access", "audit", "monitoring", "clinic", "records", "billing")
NAMED_BY_TRIGGER = re.compile(r"CONSTRAINT = '(\w+)'")


def own_models() -> list:
    """Each with a table of its own."""
    models = [model for app in APPS for model in apps.get_app_config(app).get_models(include_auto_created=True)]
    return [model for model in models if not model._meta.proxy]


def enforced_constraints() -> set[str]:
    """The names that the database itself can refuse a row with: constraints, unique indexes, triggers."""
    names = column("SELECT conname FROM pg_constraint WHERE contype IN ('c', 'u', 'x')")
    names |= column("SELECT indexrelid::regclass::text FROM pg_index WHERE indisunique")
    sources = column(
        "SELECT prosrc FROM pg_proc JOIN pg_trigger ON tgfoid = pg_proc.oid WHERE NOT tgisinternal AND tgenabled <> 'D'"
    )
    return names.union(*(NAMED_BY_TRIGGER.findall(source) for source in sources))


def column(query: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {value for (value,) in cursor.fetchall()}
