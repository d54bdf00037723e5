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


def test_forms_and_backups_go_on_with_a_promoted_standby_and_the_old_primary_follows():
    assert "the old primary follows" in promotion.promotion()


def test_nothing_is_lost_when_the_primary_is_stopped_before_the_promotion():
    assert "none of" in promotion.switch()


def test_clinic_moves_to_a_restored_server():
    assert "forms work" in promotion.moved()
