"""The drills of the reading side that are quick: on servers and a web server of their own."""

import pytest

from deploy.drills import frozen, reads

pytestmark = pytest.mark.drill


@pytest.mark.parametrize(
    "drill",
    [
        reads.fresh_reads,
        reads.two_standbys,
        reads.standby_killed,
        reads.share_of_reads,
        reads.primary_away,
        frozen.primary_frozen,
    ],
)
def test_drill_of_reads_succeeds(drill):
    print(f"drill {drill.__name__}: ok {drill()}")  # noqa: T201 (seen with -s)
