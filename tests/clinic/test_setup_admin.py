"""Vets and branches in Django admin: no change of theirs moves a booked visit silently."""

import datetime as dt
import re

import pytest

from clinic.models import Appointment, Branch, Veterinarian
from tests.clinic.times import next_morning
from tests.factories import AppointmentFactory, BranchFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    client.force_login(UserFactory(role="admin"))
    return client


@pytest.fixture
def visit():
    start = next_morning(10)
    return AppointmentFactory(date=start, ends_at=start + dt.timedelta(minutes=30))


def typed(vet, **changes):
    form = {"first_name": vet.first_name, "last_name": vet.last_name, "specialization": vet.specialization_id}
    return form | {"user": vet.user_id, "branch": vet.branch_id, "is_active": "on"} | changes


def save(client, vet, **changes):
    return client.post(f"/admin/clinic/veterinarian/{vet.pk}/change/", typed(vet, **changes))


def seal_in(answer) -> str:
    return re.search(r'name="accepted" value="(\w+)"', answer.text)[1]


def test_vet_with_coming_visits_leaves_only_when_they_have_been_seen(admin, visit):
    refused = save(admin, visit.vet, is_active="")
    before = Veterinarian.objects.get().is_active
    accepted = save(admin, visit.vet, is_active="", accepted=seal_in(refused))

    assert (refused.status_code, before, str(visit.pet) in refused.text) == (200, True, True)
    assert (accepted.status_code, Veterinarian.objects.get().is_active) == (302, False)


def test_visit_booked_after_the_list_was_seen_is_asked_about_again(admin, visit):
    seal = seal_in(save(admin, visit.vet, is_active=""))
    AppointmentFactory(vet=visit.vet, date=next_morning(15), ends_at=next_morning(16))

    save(admin, visit.vet, is_active="", accepted=seal)

    assert Veterinarian.objects.get().is_active


@pytest.mark.parametrize("changes", [{"first_name": "Vera"}, {"email": "vera@example.com"}])
def test_change_that_moves_no_visit_is_saved_at_once(admin, visit, changes):
    assert save(admin, visit.vet, **changes).status_code == 302


def test_vet_without_coming_visits_leaves_at_once(admin):
    vet = AppointmentFactory(date=next_morning(days=-3)).vet

    assert save(admin, vet, is_active="").status_code == 302


def test_vet_who_goes_to_a_branch_with_another_clock_asks_about_visits_outside_of_its_hours(admin, visit):
    """Ten in Moscow is four in the morning in London in summer, and seven in winter: before nine in any case."""
    london = BranchFactory(time_zone="Europe/London")

    refused = save(admin, visit.vet, branch=london.pk)

    assert (refused.status_code, Veterinarian.objects.get().branch) == (200, visit.vet.branch)
    assert save(admin, visit.vet, branch=london.pk, accepted=seal_in(refused)).status_code == 302


def test_another_time_zone_of_a_branch_shows_what_becomes_of_the_visits_times(admin, visit):
    branch = visit.vet.branch
    form = {"name": branch.name, "time_zone": "Asia/Omsk"}

    refused = admin.post(f"/admin/clinic/branch/{branch.pk}/change/", form)
    before = Branch.objects.get().time_zone
    accepted = admin.post(f"/admin/clinic/branch/{branch.pk}/change/", form | {"accepted": seal_in(refused)})

    assert (before, "10:00 → 13:00" in refused.text) == ("Europe/Moscow", True)
    assert (accepted.status_code, Branch.objects.get().time_zone) == (302, "Asia/Omsk")
    assert Appointment.objects.get().date == visit.date


def test_new_name_of_a_branch_and_a_new_branch_ask_nothing(admin, visit):
    branch = visit.vet.branch
    form = {"name": "North", "time_zone": branch.time_zone}

    answers = [
        admin.post(f"/admin/clinic/branch/{branch.pk}/change/", form),
        admin.post("/admin/clinic/branch/add/", {"name": "South", "time_zone": "Asia/Omsk"}),
        admin.post("/admin/clinic/veterinarian/add/", typed(visit.vet, user="", last_name="New")),
    ]

    assert [answer.status_code for answer in answers] == [302, 302, 302]
