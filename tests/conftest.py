"""Fixtures that every test may use. The servers are started by tests/servers.py."""

import logging

import pytest

from tests.servers import PAIR


@pytest.fixture(scope="session")
def pair():
    """The suite's own primary and standby."""
    return PAIR


@pytest.fixture(autouse=True)
def plain_static(settings):
    """Addresses of static files without their hashes: those need collectstatic, which the served clinics of e2e do."""
    storage = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": storage}


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Tests make hundreds of people; the slow hash that guards real ones would take most of the suite's time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure():
    """The servers stop after this; what watches them has no place to say so any more."""
    logging.getLogger("vetclinic.replication").disabled = True
