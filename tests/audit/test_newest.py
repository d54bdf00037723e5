"""What tells that something has changed: also when a transaction ends after many that began later."""

from contextlib import closing

import pytest
from django.db import connection, connections

from clinic.models import PetOwner
from tests.factories import OwnerFactory
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


def test_each_change_is_noticed_and_nothing_else():
    """Not even what is written elsewhere, once it is written."""
    owner = OwnerFactory()
    before = newest_changes("default")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")
    unchanged = newest_changes("default")
    PetOwner.objects.filter(pk=owner.pk).update(address="new")

    assert (unchanged == before, newest_changes("default") == before) == (True, False)
