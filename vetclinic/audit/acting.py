"""Tells the database who acts, so that it can note it beside every change."""

from django.db import DEFAULT_DB_ALIAS, connections


def act_as(user) -> None:
    """Until the end of the transaction, changes are `user`'s. Nobody signed in (None): nobody's."""
    pk = getattr(user, "pk", None)
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT set_config('vetclinic.by', %s, true)", ["" if pk is None else str(pk)])
