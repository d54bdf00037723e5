"""Which database a query goes to. One question: must this read see the primary?"""

from django.db import DEFAULT_DB_ALIAS

from vetclinic.replication.state import REPLICA, must_read_primary


class Router:
    """Writes and migrations go to the primary; a read goes to the standby unless it must not."""

    def db_for_read(self, model, **hints) -> str:
        return DEFAULT_DB_ALIAS if must_read_primary(model, hints.get("instance")) else REPLICA

    def db_for_write(self, model, **hints) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, a, b, **hints) -> bool:
        return True  # both databases hold the same rows

    def allow_migrate(self, db: str, app_label: str, **hints) -> bool:
        return db == DEFAULT_DB_ALIAS
