"""What tells that something has changed: also when a transaction ends after many that began later."""

from contextlib import closing

import pytest
from django.db import connection, connections

from clinic.models import PetOwner
from tests.factories import BranchFactory, OwnerFactory
from vetclinic.audit.newest import newest_changes

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True, databases=["default"])
MANY = 300


def test_change_that_ends_after_many_later_ones_is_noticed():
    owner = OwnerFactory()
    with closing(connections["default"].copy()) as other, other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE pet_owner SET address = 'late' WHERE id = %s", [owner.pk])
        PetOwner.objects.bulk_create(OwnerFactory.build_batch(MANY))
        before = newest_changes("default")
        cursor.execute("COMMIT")

    assert newest_changes("default") != before


def test_change_that_ends_last_is_noticed_though_an_earlier_transaction_wrote_after_it():
    """The earlier one has the newest number then, and the later one ends without a newer one."""
    owners = [OwnerFactory(), OwnerFactory(), OwnerFactory()]
    change = "UPDATE pet_owner SET address = 'late' WHERE id = %s"
    with closing(connections["default"].copy()) as early, closing(connections["default"].copy()) as late:
        first, second = early.cursor(), late.cursor()
        first.execute("BEGIN")
        first.execute(change, [owners[0].pk])
        second.execute("BEGIN")
        second.execute(change, [owners[1].pk])
        first.execute(change, [owners[2].pk])
        first.execute("COMMIT")
        before = newest_changes("default")
        second.execute("COMMIT")

    assert newest_changes("default") != before


def test_change_of_other_tables_is_noticed_only_while_it_is_under_way():
    owner = OwnerFactory()
    seen = [newest_changes("default", ["payment", "branch"])]
    with closing(connections["default"].copy()) as other, other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE pet_owner SET address = 'late' WHERE id = %s", [owner.pk])
        seen.append(newest_changes("default", ["payment", "branch"]))
        cursor.execute("COMMIT")
    seen.append(newest_changes("default", ["payment", "branch"]))
    BranchFactory()

    assert (seen[0] == seen[2] != seen[1], newest_changes("default", ["payment", "branch"]) in seen) == (True, False)


def test_each_change_is_noticed_and_nothing_else():
    """Not even what is written elsewhere, once it is written."""
    owner = OwnerFactory()
    before = newest_changes("default")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")
    unchanged = newest_changes("default")
    PetOwner.objects.filter(pk=owner.pk).update(address="new")

    assert (unchanged == before, newest_changes("default") == before) == (True, False)
