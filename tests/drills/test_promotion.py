"""The drills of promotions, each with servers of its own: afterwards they are not what they were."""

import pytest

from deploy.drills import promotion
from tests.drills.test_backup import check_programs

pytestmark = pytest.mark.drill


@pytest.fixture(scope="module", autouse=True)
def programs():
    check_programs()


def test_backups_go_on_after_a_promotion_by_hand():
    assert "the log goes on" in promotion.promotion_by_hand()
