"""The migrations make exactly what the models say."""

import pytest
from django.core.management import call_command
from django.db import connection


@pytest.mark.django_db
def test_models_have_no_change_without_a_migration():
    call_command("makemigrations", "--check", "--dry-run", verbosity=1)


@pytest.mark.django_db
def test_migrations_take_the_time_that_they_need():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '15s'")

        call_command("migrate", verbosity=0)

        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() != ("0",)
