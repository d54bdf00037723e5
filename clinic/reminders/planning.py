"""Which reminders there should be: rows of the outbox, derived from the visits of the next days."""

import datetime as dt

from django.db import connection, transaction

from clinic.enums import AppointmentStatus
from clinic.models import Appointment, ReminderKind
from clinic.models.reminder import BEFORE

# Twice as far as the earliest reminder needs: a worker that was away for a day has missed nothing.
LOOK_AHEAD = dt.timedelta(hours=50)
# A worker that comes back late sends what still helps; nobody is reminded of a visit that is about to begin.
STILL_HELPS: dict[str, dt.timedelta] = {
    ReminderKind.DAY_BEFORE: dt.timedelta(hours=3),
    ReminderKind.HOURS_BEFORE: dt.timedelta(minutes=30),
}
AWAITED = (AppointmentStatus.SCHEDULED, AppointmentStatus.CONFIRMED)

WANTED = """
    FROM appointment JOIN pet ON pet.id = appointment.pet_id JOIN pet_owner ON pet_owner.id = pet.pet_owner_id
    WHERE appointment.status_id = ANY(%(awaited)s) AND pet.deceased_at IS NULL
      AND pet_owner.email_reminders AND pet_owner.email <> ''
"""
# NOT EXISTS before ON CONFLICT: a minute in which nothing is new uses up no ids.
PLAN = f"""
    INSERT INTO reminder (appointment_id, kind, visit_at, due_at)
    SELECT appointment.id, kinds.kind, appointment.date, appointment.date - kinds.before
    FROM unnest(%(kinds)s::text[], %(before)s::interval[]) AS kinds (kind, before), LATERAL (
        SELECT appointment.id, appointment.date {WANTED}
          AND appointment.date > %(now)s + kinds.before AND appointment.date < %(now)s + %(ahead)s
    ) AS appointment
    WHERE NOT EXISTS (
        SELECT FROM reminder
        WHERE (appointment_id, kind, visit_at) = (appointment.id, kinds.kind, appointment.date) AND state <> 'dropped')
    ON CONFLICT (appointment_id, kind, visit_at) DO UPDATE SET state = 'waiting' WHERE reminder.state = 'dropped'
"""  # noqa: S608 (put together from constants)
DROP = f"""
    UPDATE reminder SET state = 'dropped'
    WHERE state = 'waiting' AND NOT EXISTS (
        SELECT {WANTED} AND appointment.id = reminder.appointment_id AND appointment.date = reminder.visit_at)
"""  # noqa: S608


def plan(now: dt.datetime) -> None:
    """Add what is missing for coming visits, and drop what waits for a visit that was moved, cancelled or the like."""
    values = {
        "awaited": [int(status) for status in AWAITED],
        "kinds": list(BEFORE),
        "before": list(BEFORE.values()),
        "now": now,
        "ahead": LOOK_AHEAD,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(DROP, values)
        cursor.execute(PLAN, values)


def is_wanted(visit: Appointment, kind: str, now: dt.datetime) -> bool:
    """Whether a letter of this kind about this visit, with its people as they are now, still is to leave."""
    owner = visit.pet.pet_owner
    return (
        visit.state in AWAITED
        and visit.pet.deceased_at is None
        and owner is not None
        and owner.email_reminders
        and owner.email != ""
        and now <= visit.date - STILL_HELPS[kind]
    )
