"""Which rows of the outbox a visit has: two, for its present time, while it is wanted."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Reminder
from clinic.reminders.planning import plan
from tests.clinic.reminders.rows import due_reminder, visit_in
from tests.factories import AppointmentFactory

pytestmark = pytest.mark.django_db


def planned() -> list[tuple[str, dt.datetime, str]]:
    return list(Reminder.objects.order_by("due_at").values_list("kind", "due_at", "state"))


@pytest.mark.parametrize(
    ("hours", "kinds"),
    [(49, ["day_before", "hours_before"]), (23, ["hours_before"]), (1.9, []), (-1, []), (51, [])],
)
def test_visit_so_many_hours_ahead_is_planned_the_reminders_that_can_still_be_on_time(hours, kinds):
    visit_in(hours)

    plan(timezone.now())

    assert [kind for kind, *_more in planned()] == kinds


def test_reminders_are_due_a_day_and_two_hours_before():
    visit = visit_in(30)

    plan(timezone.now())

    assert planned() == [
        ("day_before", visit.date - dt.timedelta(hours=24), "waiting"),
        ("hours_before", visit.date - dt.timedelta(hours=2), "waiting"),
    ]


def test_planning_again_changes_nothing_and_uses_up_no_ids():
    visit_in(30)
    plan(timezone.now())
    before = list(Reminder.objects.order_by("id").values())

    plan(timezone.now())

    assert list(Reminder.objects.order_by("id").values()) == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM reminder_id_seq")
        assert cursor.fetchone()[0] == before[-1]["id"]


@pytest.mark.parametrize(
    "details",
    [
        {"pet__pet_owner__email": ""},
        {"pet__pet_owner__email_reminders": False},
        {"status_id": AppointmentStatus.CANCELLED},
        {"status_id": AppointmentStatus.ARRIVED},
        {"status_id": AppointmentStatus.NO_SHOW},
    ],
    ids=str,
)
def test_visit_that_nobody_is_to_be_reminded_of_is_not_planned(details):
    visit_in(30, **details)

    plan(timezone.now())

    assert planned() == []


def test_visit_of_a_pet_without_owner_is_not_planned():
    AppointmentFactory(date=timezone.now() + dt.timedelta(hours=30), pet__pet_owner=None)

    plan(timezone.now())

    assert planned() == []


def test_moved_visit_has_reminders_for_its_new_time_and_none_for_the_old():
    visit = visit_in(30)
    plan(timezone.now())
    Appointment.objects.filter(pk=visit.pk).update(
        date=visit.date + dt.timedelta(hours=5), ends_at=visit.date + dt.timedelta(hours=6)
    )

    plan(timezone.now())

    assert sorted((row.visit_at - visit.date, row.state) for row in Reminder.objects.all()) == [
        *[(dt.timedelta(0), "dropped")] * 2,
        *[(dt.timedelta(hours=5), "waiting")] * 2,
    ]


def test_visit_put_back_has_its_reminders_again():
    visit = visit_in(30)
    plan(timezone.now())
    Appointment.objects.filter(pk=visit.pk).update(status=AppointmentStatus.CANCELLED, cancelled_reason="ill")
    plan(timezone.now())
    Appointment.objects.filter(pk=visit.pk).update(status=AppointmentStatus.SCHEDULED)

    plan(timezone.now())

    assert [state for *_more, state in planned()] == ["waiting", "waiting"]


def test_reminder_that_was_sent_is_not_planned_again_when_the_visit_moves_away_and_back():
    visit = visit_in(30)
    due_reminder(visit, state="sent", sent_at=timezone.now())
    Appointment.objects.filter(pk=visit.pk).update(date=visit.date + dt.timedelta(minutes=5))
    plan(timezone.now())
    Appointment.objects.filter(pk=visit.pk).update(date=visit.date)

    plan(timezone.now())

    rows = Reminder.objects.filter(visit_at=visit.date, kind="day_before")
    assert [row.state for row in rows] == ["sent"]
