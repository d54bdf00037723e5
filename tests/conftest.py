"""Fixtures that every test may use. The servers are started by tests/servers.py."""

import pytest

from tests.servers import PAIR


@pytest.fixture(scope="session")
def pair():
    """The suite's own primary and standby."""
    return PAIR
