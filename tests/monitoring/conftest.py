"""What is watched is the same standby that tests of reading have to wait for."""

from tests.replication.conftest import catch_up, standby_is_trusted  # noqa: F401
