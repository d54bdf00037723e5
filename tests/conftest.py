"""Fixtures that every test may use. The servers are started by tests/servers.py."""

import logging

import pytest

from tests.servers import PAIR
from vetclinic.audit.kept import forget_all
from vetclinic.replication import probe


@pytest.fixture(scope="session")
def pair():
    """The suite's own primary and standby."""
    return PAIR


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    """What watches the primary has a connection of its own: it must let go of the database before that is dropped, and
    has no place to say so any more.
    """
    yield
    logging.getLogger("vetclinic.replication").disabled = True
    probe.connect = _refuse
    PAIR.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vetclinic probe'")


def _refuse(_alias: str):
    raise OSError("the tests are over")


@pytest.fixture(autouse=True)
def plain_static(settings):
    """Addresses of static files without their hashes: those need collectstatic, which the served clinics of e2e do."""
    storage = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": storage}


@pytest.fixture(autouse=True)
def nothing_is_kept():
    """Tables are emptied between tests without a word in the log of changes."""
    forget_all()


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Tests make hundreds of people; the slow hash that guards real ones would take most of the suite's time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
