from django.apps import AppConfig
from django.db import connections
from django.db.backends.signals import connection_created
from django.db.models.signals import pre_migrate


class ReplicationConfig(AppConfig):
    name = "vetclinic.replication"

    def ready(self):
        pre_migrate.connect(_take_time, dispatch_uid="migrations take the time that they need")
        connection_created.connect(_watch_over, dispatch_uid="requests do not wait for a server that was cut off")


def _take_time(*, using: str, **_more) -> None:
    """A page's limit is none for a migration: an index of a large clinic takes minutes. That for locks stays: who waits
    for one makes all others wait.
    """
    with connections[using].cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")


def _watch_over(*, connection, **_more) -> None:
    from vetclinic.replication.watch import watch_over

    watch_over(connection.alias, connection.connection)
