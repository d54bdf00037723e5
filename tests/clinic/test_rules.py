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
