"""The clinic's rules: what they let pass and what they refuse."""

import datetime as dt

import pytest

from clinic import rules
from clinic.models import Appointment, Branch, Pet, Veterinarian
from vetclinic.refusals import RuleViolation

NOW = dt.datetime(2030, 5, 6, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)


def code_of(check, *args) -> str | None:
    """The code of the refusal; None when the check lets it pass."""
    try:
        check(*args)
    except RuleViolation as violation:
        return violation.code
    return None


@pytest.mark.parametrize(
    ("pet", "code"),
    [
        (Pet(), None),
        (Pet(is_active=False), "pet_is_active"),
        (Pet(deceased_at=NOW.date()), "pet_has_died"),
    ],
)
def test_pet_comes_while_it_lives_and_is_in_the_list(pet, code):
    assert code_of(rules.check_pet_can_come, pet) == code


@pytest.mark.parametrize(
    ("vet", "code"),
    [
        (Veterinarian(branch=Branch()), None),
        (Veterinarian(branch=Branch(), is_active=False), "vet_works_here"),
        (Veterinarian(branch=None), "vet_works_here"),
    ],
)
def test_vet_is_booked_while_at_work_in_a_branch(vet, code):
    assert code_of(rules.check_vet_works_here, vet) == code


@pytest.mark.parametrize(
    ("start", "code"), [(NOW - MINUTE, None), (NOW, None), (NOW + MINUTE, "no_show_before_the_visit")]
)
def test_nobody_is_missing_before_the_visit_begins(start, code):
    assert code_of(rules.check_not_too_early_for_no_show, Appointment(date=start), NOW) == code


MOSCOW_DAY = Appointment(  # on 6 May in Moscow, where the day begins at 21:00 UTC
    date=NOW, ends_at=NOW + 30 * MINUTE, vet=Veterinarian(branch=Branch(time_zone="Europe/Moscow"))
)
BEFORE_MIDNIGHT = Appointment(
    date=NOW + dt.timedelta(hours=8, minutes=30),  # 23:30 in Moscow
    ends_at=NOW + dt.timedelta(hours=9),
    vet=MOSCOW_DAY.vet,
)


@pytest.mark.parametrize(
    ("visit", "now", "code"),
    [
        (MOSCOW_DAY, NOW - dt.timedelta(hours=14), None),  # one in the morning of its day
        (MOSCOW_DAY, NOW - dt.timedelta(hours=16), "visit_before_its_day"),  # eleven in the evening before
        (MOSCOW_DAY, NOW + dt.timedelta(days=9), None),
        (BEFORE_MIDNIGHT, NOW - 4 * DAY, "visit_before_its_day"),
    ],
)
def test_visit_begins_not_before_its_day_on_the_branchs_clock(visit, now, code):
    assert code_of(rules.check_day_has_come, visit, now) == code


@pytest.mark.parametrize(
    ("visit", "now", "code"),
    [
        (MOSCOW_DAY, NOW + dt.timedelta(hours=8), None),  # eleven in the evening of its day
        (MOSCOW_DAY, NOW + dt.timedelta(hours=10), "visit_after_its_day"),  # one in the morning after
        (BEFORE_MIDNIGHT, NOW + dt.timedelta(hours=10), None),  # late, but the same night
        (MOSCOW_DAY, NOW - DAY, None),
    ],
)
def test_nobody_arrives_after_the_day_of_the_visit(visit, now, code):
    assert code_of(rules.check_day_is_not_over, visit, now) == code


@pytest.mark.parametrize(("reason", "says_why"), [("ill", True), ("", False), (" ", False)])
def test_cancelling_says_why(reason, says_why):
    assert (code_of(rules.check_says_why, reason) is None) == says_why
