"""Whether this web server lives, and whether it can do its work."""

import contextlib

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.db.migrations.executor import MigrationExecutor

from vetclinic.replication import probe
from vetclinic.replication.watch import watch

_nothing_pending = False  # once all is applied it stays so: this process runs the code that it began with


def what_is_wrong() -> list[str]:
    """Words for programs; none if pages can be written. A standby that is away is no reason: the primary has it all."""
    try:
        with contextlib.closing(probe.connect(DEFAULT_DB_ALIAS)) as connection:
            answer = probe.ask(connection, "SELECT json_build_object('in_recovery', pg_is_in_recovery())")
    except (psycopg.Error, OSError):
        return ["primary_away"]
    if answer["in_recovery"]:
        return ["primary_is_a_standby"]
    pending = pending_migrations()
    return ["primary_away"] if pending is None else ["migrations_pending"] if pending else []


def state_of_standbys() -> dict[str, str]:
    """Of each standby that this web server reads "fit" or why it is left alone, without asking it."""
    return {alias: str(watch(alias).verdict.reason) for alias in settings.STANDBYS}


def pending_migrations() -> list[str] | None:
    """The migrations of this version that the primary lacks; None if it does not answer."""
    global _nothing_pending
    if _nothing_pending:
        return []
    try:
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (DatabaseError, InterfaceError):
        connections[DEFAULT_DB_ALIAS].close()
        return None
    _nothing_pending = not plan
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]
