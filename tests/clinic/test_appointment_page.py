"""A visit's page: the steps that can be taken now, and cancelling for a reason."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from clinic.enums import AppointmentStatus
from clinic.models import Appointment
from tests.clinic.times import next_morning
from tests.factories import AppointmentFactory, BranchFactory, UserFactory, VetFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def reception():
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(role="reception"))
    return client


def visit_at(start, **details):
    return AppointmentFactory(date=start, ends_at=start + dt.timedelta(minutes=30), **details)


def steps(client, visit):
    return client.get(f"/appointments/{visit.pk}/").context["steps"]


def test_visit_of_another_day_offers_no_arrival_and_no_absence(reception):
    assert steps(reception, visit_at(next_morning(days=2))) == ["confirm"]


def test_visit_of_today_that_has_begun_offers_arrival_and_absence(reception):
    visit = visit_at(timezone.now() - dt.timedelta(minutes=10))

    assert steps(reception, visit) == ["confirm", "arrive", "no-show"]


def test_visit_of_a_day_that_is_over_offers_no_arrival(reception):
    assert steps(reception, visit_at(next_morning(days=-2))) == ["confirm", "no-show"]


@pytest.mark.parametrize("reason", ["", "   ", "ж" * 256])
def test_cancelling_without_a_reason_or_with_a_long_one_is_refused_by_the_field(reception, reason):
    visit = visit_at(next_morning())

    page = reception.post(f"/appointments/{visit.pk}/cancel/", {"reason": reason})

    visit.refresh_from_db()
    assert (page.status_code, visit.state) == (422, AppointmentStatus.SCHEDULED)
    assert 'id="id_reason_error"' in page.text


def test_reason_at_its_limit_is_kept_whole(reception):
    visit = visit_at(next_morning())

    reception.post(f"/appointments/{visit.pk}/cancel/", {"reason": "ж" * 255})

    assert Appointment.objects.get().cancelled_reason == "ж" * 255


def test_reason_that_was_typed_stays_when_the_visit_cannot_be_cancelled_any_more(reception):
    visit = visit_at(timezone.now(), status_id=AppointmentStatus.IN_PROGRESS)

    page = reception.post(f"/appointments/{visit.pk}/cancel/", {"reason": "the cat ran away"})

    assert (page.status_code, "the cat ran away" in page.text) == (409, True)


def test_way_back_to_the_board_names_the_branch_and_the_visit(reception):
    VetFactory()
    visit = visit_at(next_morning(10), vet=VetFactory(branch=BranchFactory(time_zone="Europe/Berlin")))

    page = reception.get(f"/appointments/{visit.pk}/").text

    assert f'href="/board/?day={visit.date:%Y-%m-%d}&amp;branch={visit.vet.branch_id}#visit-{visit.pk}"' in page


def test_times_of_a_visit_are_those_of_its_branch(reception):
    start = next_morning(10)  # 08:00 or 09:00 in Berlin
    visit = visit_at(start, vet=VetFactory(branch=BranchFactory(time_zone="Europe/Berlin")), arrived_at=start)

    page = reception.get(f"/appointments/{visit.pk}/").text

    local = f"{start.astimezone(visit.vet.zone):%H:%M}"
    assert (f"{local}–" in page, f"<dd>{local}</dd>" in page, "10:00" in page) == (True, True, False)
