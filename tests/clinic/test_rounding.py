"""A changed price is the nearest whole number of steps on the side that was asked for."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rounding import STEPS, changed_cost

COSTS = st.decimals(0, "99999999.99", places=2)
RULES = {
    "cost": COSTS,
    "by": st.decimals("-99.99", "1000", places=2),
    "measure": st.sampled_from(["percent", "money"]),
    "step": st.sampled_from(STEPS),
}


@pytest.mark.parametrize(
    ("cost", "by", "measure", "step", "rounding", "becomes"),
    [
        ("1250", "7", "percent", "10", "nearest", "1340"),  # 1337.50
        ("100", "5", "percent", "10", "nearest", "110"),  # 105: a half goes up
        ("100", "5", "percent", "10", "down", "100"),
        ("101", "0", "percent", "10", "up", "110"),
        ("200", "-7.5", "percent", "1", "nearest", "185"),
        ("200", "-50", "money", "1", "nearest", "150"),
        ("199.99", "0.01", "money", "0.01", "up", "200"),
        ("0.05", "10", "percent", "0.01", "nearest", "0.06"),  # 0.055
        ("30", "-50", "money", "10", "nearest", "-20"),
        ("1000", "33.33", "percent", "0.5", "down", "1333"),  # 1333.30
    ],
)
def test_price_changes_by_per_cent_or_money_in_whole_steps(cost, by, measure, step, rounding, becomes):
    assert changed_cost(Decimal(cost), Decimal(by), measure, Decimal(step), rounding) == Decimal(becomes)


@given(**RULES)
def test_rounded_price_is_a_whole_number_of_steps_with_two_places(cost, by, measure, step):
    for rounding in ("nearest", "up", "down"):
        price = changed_cost(cost, by, measure, step, rounding)

        assert (price % step, price.as_tuple().exponent) == (0, -2)


@given(**RULES)
def test_price_rounded_down_or_up_is_less_than_a_step_away_on_its_side_and_the_nearest_is_one_of_them(
    cost, by, measure, step
):
    exact = cost * (100 + by) / 100 if measure == "percent" else cost + by

    down, near, up = (changed_cost(cost, by, measure, step, mode) for mode in ("down", "nearest", "up"))

    assert down <= exact < down + step
    assert up - step < exact <= up
    assert near == (up if up - exact <= exact - down else down)


@given(costs=st.tuples(COSTS, COSTS), by=RULES["by"], measure=RULES["measure"], step=RULES["step"])
def test_dearer_service_is_never_cheaper_after_the_same_change(costs, by, measure, step):
    cheap, dear = sorted(costs)

    assert changed_cost(cheap, by, measure, step, "nearest") <= changed_cost(dear, by, measure, step, "nearest")
