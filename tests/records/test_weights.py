"""The curve of weights: a tenth in thirty days, and lengths that fit the picture."""

import datetime as dt
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.models import Measurement
from records.weights import HEIGHT, LEFT, RIGHT, WIDTH, Weight, curve, great_change
from tests.factories import AppointmentFactory, MeasurementFactory, PetFactory
from vetclinic.ui.scales import round_steps

NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
KILOGRAMS = st.decimals("0.005", "1999", places=3)


def weighed(*pairs):
    """(days from NOON, kilograms)"""
    return [Weight(NOON + dt.timedelta(days=days), Decimal(str(kg))) for days, kg in pairs]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], None),
        ([(0, 5)], None),
        ([(0, 5), (10, 5)], None),
        ([(0, 10), (30, 11)], None),  # exactly a tenth is not over it
        ([(0, 10), (30, "11.01")], (10, 30)),
        ([(0, 10), (30, "8.9")], (-11, 30)),
        ([(0, 10), (31, 20)], None),
        ([(0, 10), (5, 20), (40, 20)], None),  # what happened longer ago
        ([(0, 10), (10, 12), (20, "11.5")], (15, 20)),  # from the one that differs most
        ([(0, "0.02"), (1, "0.03")], (50, 1)),
    ],
)
def test_change_over_a_tenth_in_thirty_days_shows(pairs, expected):
    change = great_change(weighed(*pairs))

    assert (change and (change.percent, change.days)) == expected


@pytest.mark.parametrize("month", [3, 10])
def test_clock_change_makes_thirty_days_neither_longer_nor_shorter(month):
    zone = ZoneInfo("Europe/Berlin")  # its clocks change on the last Sundays of March and October
    first = dt.datetime(2026, month, 10, 12, tzinfo=zone).astimezone(dt.UTC)
    edge = first + dt.timedelta(days=30)

    inside = great_change([Weight(first, Decimal(10)), Weight(edge, Decimal(12))])
    outside = great_change([Weight(first, Decimal(10)), Weight(edge + dt.timedelta(seconds=1), Decimal(12))])

    assert (inside and inside.percent, outside) == (20, None)


def test_one_weight_is_a_dot_in_the_middle():
    drawn = curve(weighed((0, 5)))

    (dot,) = drawn.dots
    assert dot.x == round(LEFT + (WIDTH - LEFT - RIGHT) / 2, 1)
    assert 0 < dot.y < HEIGHT
    assert len(drawn.days) == 1


def test_no_weight_has_no_curve():
    assert curve([]) is None


def test_equal_weights_are_a_straight_line_inside_the_picture():
    drawn = curve(weighed((0, 5), (1, 5), (2, 5)))

    assert len({dot.y for dot in drawn.dots}) == 1
    assert drawn.ticks[-1][1] < drawn.dots[0].y < drawn.ticks[0][1]


def test_several_weights_of_one_moment_stand_above_each_other():
    drawn = curve(weighed((0, 5), (0, 6)))

    assert drawn.dots[0].x == drawn.dots[1].x
    assert drawn.dots[0].y > drawn.dots[1].y


def test_five_hundred_weights_are_a_line_with_a_mark_at_its_end():
    drawn = curve(weighed(*((day, 5 + day / 100) for day in range(500))))

    assert (len(drawn.dots), len(drawn.drawn)) == (500, 1)
    assert drawn.drawn == drawn.dots[-1:]


@given(st.lists(KILOGRAMS, min_size=1, max_size=30), st.integers(1, 900))
def test_every_dot_lies_between_the_axes_and_higher_means_heavier(kilograms, gap):
    drawn = curve(weighed(*((place * gap, kg) for place, kg in enumerate(kilograms))))

    assert all(LEFT <= dot.x <= WIDTH - RIGHT and 0 <= dot.y <= HEIGHT for dot in drawn.dots)
    assert 2 <= len(drawn.ticks) <= 8
    by_weight = sorted(drawn.dots, key=lambda dot: dot.weight.kg)
    assert [dot.y for dot in by_weight] == sorted((dot.y for dot in drawn.dots), reverse=True)


@pytest.mark.parametrize(
    ("kilograms", "labels"),
    [((26.9, 27.3), ["26.9", "27.0", "27.1", "27.2", "27.3"]), ((4, 9), ["4", "5", "6", "7", "8", "9"])],
)
def test_labels_of_the_axis_have_the_same_decimals(kilograms, labels):
    drawn = curve(weighed(*enumerate(kilograms)))

    assert [label for label, _y in drawn.ticks] == labels


@given(KILOGRAMS, KILOGRAMS)
def test_steps_are_round_and_reach_around_both_ends(one, two):
    low, high = sorted((one, two))

    steps = round_steps(low, high)

    assert steps[0] <= low
    assert high <= steps[-1]
    assert len(steps) <= 8
    assert {(after - before).normalize().as_tuple().digits for before, after in pairwise(steps)} <= {
        (1,),
        (2,),
        (5,),
    }


@pytest.mark.django_db
def test_page_of_the_animal_has_curve_table_and_question(client):
    pet, visit = PetFactory(), AppointmentFactory()
    now = dt.datetime.now(dt.UTC)
    for days, kg in ((20, "5.2"), (10, "5"), (0, "4.5")):
        MeasurementFactory(pet=pet, value=Decimal(kg), taken_at=now - dt.timedelta(days=days))
    MeasurementFactory(value=Decimal(99))
    client.force_login(visit.vet.user)

    page = client.get(f"/pets/{pet.pk}/").text

    assert "weight \u221213 % in 20 days" in page
    assert page.count("<circle") == 3
    assert "5.2</td>" in page
    assert ">99<" not in page
    assert Measurement.objects.count() == 4
