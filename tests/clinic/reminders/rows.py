"""Visits with owners who can be written to, and reminders that are due."""

import datetime as dt

from django.utils import timezone

from clinic.models import Appointment, Reminder, ReminderKind
from clinic.models.reminder import BEFORE
from tests.factories import AppointmentFactory

EMAIL = "owner@example.com"


def visit_in(hours: float, **details) -> Appointment:
    """A visit so many hours from now, whose owner has an e-mail unless told otherwise."""
    date = (timezone.now() + dt.timedelta(hours=hours)).replace(microsecond=0)
    return AppointmentFactory(**{"date": date, "pet__pet_owner__email": EMAIL} | details)


def due_reminder(visit: Appointment, kind: str = ReminderKind.DAY_BEFORE, **details) -> Reminder:
    """A reminder for the time of a visit that lies within the time of its kind: due by now."""
    due_at = visit.date - BEFORE[kind]
    return Reminder.objects.create(appointment=visit, kind=kind, visit_at=visit.date, due_at=due_at, **details)
