"""The clinic's rules: what they let pass and what they refuse."""

import datetime as dt

import pytest
from django.utils import timezone

from clinic import rules
from clinic.models import Appointment, Branch, Pet, Service, Veterinarian
from records.actions import add_treatment, start_visit
from tests.factories import AppointmentFactory, ServiceFactory
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


@pytest.mark.parametrize(("ahead", "code"), [(0, None), (1, None), (-1, "price_starts_today_or_later")])
def test_price_starts_today_or_later(ahead, code):
    assert code_of(rules.check_price_can_start, Service(), timezone.localdate() + ahead * DAY) == code


def test_price_that_has_ended_by_then_has_no_successor():
    since = timezone.localdate() + DAY

    assert code_of(rules.check_price_can_start, Service(valid_to=since), since) == "price_has_ended"


@pytest.mark.django_db
@pytest.mark.parametrize(("days_before", "code"), [(1, None), (0, "price_is_used_today")])
def test_price_that_was_used_on_its_first_day_runs_until_the_next(days_before, code):
    since, visit = timezone.localdate(), AppointmentFactory()
    service = ServiceFactory(valid_from=since - days_before * DAY)
    start_visit(appointment=visit, by=visit.vet.user)
    add_treatment(appointment=visit, service=service, by=visit.vet.user)

    assert code_of(rules.check_can_reprice, service, since) == code


@pytest.mark.django_db
def test_price_that_nobody_used_yet_changes_on_its_first_day():
    since = timezone.localdate()

    assert code_of(rules.check_can_reprice, ServiceFactory(valid_from=since), since) is None
