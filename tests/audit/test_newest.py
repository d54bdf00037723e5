"""What tells that something has changed: also when a transaction ends after many that began later."""

import datetime as dt
from contextlib import closing, contextmanager

import pytest
from django.db import connection, connections, transaction

from clinic.models import PetOwner
from tests.factories import OwnerFactory
from vetclinic.audit.newest import MOST, Changed, changes_since

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True, databases=["default"])
MANY = 300


def test_change_that_ends_after_many_later_ones_is_noticed():
    owner = OwnerFactory()
    with begun() as late:
        readdress(late, owner)
        PetOwner.objects.bulk_create(OwnerFactory.build_batch(MANY))
        before = newest()
        late.execute("COMMIT")

    assert newest() != before


def test_each_change_is_noticed_and_nothing_else():
    """Not even what is written elsewhere, once it is written."""
    owner = OwnerFactory()
    before = newest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")
    unchanged = newest()
    PetOwner.objects.filter(pk=owner.pk).update(address="new")

    assert (unchanged == before, newest() == before) == (True, False)


def test_change_that_ends_after_a_later_row_of_an_earlier_transaction_is_noticed():
    """The earlier one writes its last row after the later one: so the later has the greater number, and ends last."""
    first, second, third = OwnerFactory.create_batch(3)
    with begun() as earlier, begun() as later:
        readdress(earlier, first)
        readdress(later, second)
        readdress(earlier, third)
        earlier.execute("COMMIT")
        before = newest()
        later.execute("COMMIT")

    assert newest() != before


def test_changes_since_a_moment_are_told_when_they_are_there():
    """Also that of a transaction which had written before that moment, but not ended."""
    owners = OwnerFactory.create_batch(3)
    with begun() as late:
        readdress(late, owners[0])
        readdress(connection.cursor(), owners[1])
        _all, then, nothing_known = changes_since("default", None)
        readdress(connection.cursor(), owners[2])
        _all, now, meanwhile = changes_since("default", then)
        late.execute("COMMIT")
    at_last = changes_since("default", now).changes

    assert nothing_known is None
    assert owners[2].pk in rows_of(meanwhile)
    assert owners[0].pk not in rows_of(meanwhile)
    assert owners[0].pk in rows_of(at_last)


def test_changes_are_told_with_what_was_there_but_for_the_tables_left_out():
    owner = OwnerFactory(address="old")
    then = changes_since("default", None).now
    readdress(connection.cursor(), owner)

    changes = changes_since("default", then).changes
    others = changes_since("default", then, without=["pet_owner"]).changes

    assert changes == [Changed("pet_owner", owner.pk, "UPDATE", {"address": "old"}, {"address": "new"})]
    assert others == []


def test_too_many_changes_and_those_of_another_server_are_not_told():
    then = changes_since("default", None).now
    another = then._replace(server=then.server - dt.timedelta(hours=1))
    of_another = changes_since("default", another).changes
    PetOwner.objects.bulk_create(OwnerFactory.build_batch(MOST + 1))

    assert (of_another, changes_since("default", then).changes) == (None, None)


def test_transaction_that_has_written_is_told_of_no_moment():
    """What it reads may be rolled back: nobody is to keep that."""
    owner = OwnerFactory()
    with transaction.atomic():
        before = changes_since("default", None).now
        readdress(connection.cursor(), owner)
        after = changes_since("default", None).now

    assert (before is None, after is None) == (False, True)


def test_numbers_that_came_with_an_export_of_an_older_server_hide_nothing(pair):
    """They are greater than any that this server has given out."""
    pair.sql(
        "INSERT INTO change_log (table_name, row_id, operation, login, transaction)"
        " VALUES ('pet_owner', 1, 'INSERT', 'export', 10::bigint ^ 12)",
        database=connection.settings_dict["NAME"],
    )
    owner = OwnerFactory()
    then, before = changes_since("default", None).now, newest()
    readdress(connection.cursor(), owner)

    assert newest() != before
    assert rows_of(changes_since("default", then).changes) == [owner.pk]


def newest() -> tuple:
    return changes_since("default", None).newest


@contextmanager
def begun():
    """A transaction of another connection."""
    with closing(connections["default"].copy()) as other, other.cursor() as cursor:
        cursor.execute("BEGIN")
        yield cursor


def readdress(cursor, owner) -> None:
    cursor.execute("UPDATE pet_owner SET address = 'new' WHERE id = %s", [owner.pk])


def rows_of(changes) -> list[int]:
    return [change.row_id for change in changes]
