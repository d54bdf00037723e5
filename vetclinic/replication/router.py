"""Which database a query goes to. One question: must this read see the primary?"""

from django.db import DEFAULT_DB_ALIAS

from vetclinic.replication import state
from vetclinic.replication.watch import not_away


class Router:
    """Writes and migrations go to the primary; a read goes to a standby unless it must not. Nobody waits for a primary
    that is known to be away: in front of it, a few forms would hold every thread.
    """

    def db_for_read(self, model, **hints) -> str:
        return not_away(state.server_of_read(model, hints.get("instance")))

    def db_for_write(self, model, **hints) -> str:
        reads = state.current.get()
        if reads is not None:
            reads.wrote = True
        return not_away(DEFAULT_DB_ALIAS)

    def allow_relation(self, a, b, **hints) -> bool:
        return True  # all databases hold the same rows

    def allow_migrate(self, db: str, app_label: str, **hints) -> bool:
        return db == DEFAULT_DB_ALIAS
