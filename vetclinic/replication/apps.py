from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import pre_migrate


class ReplicationConfig(AppConfig):
    name = "vetclinic.replication"

    def ready(self):
        pre_migrate.connect(_take_time, dispatch_uid="migrations take the time that they need")


def _take_time(*, using: str, **_more) -> None:
    """A page's limit is none for a migration: an index of a large clinic takes minutes. That for locks stays: who waits
    for one makes all others wait.
    """
    with connections[using].cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
