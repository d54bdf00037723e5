"""What reception sees of reminders on the page of a visit, and where it switches them off."""

import datetime as dt
import threading

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import connections, transaction
from django.utils import timezone

from clinic.actions import change_status
from clinic.enums import AppointmentStatus
from clinic.models import Appointment, PetOwner, Reminder
from clinic.reminders.sending import plan_and_send
from clinic.reminders.showing import lines_of
from tests.clinic.reminders.rows import due_reminder, visit_in
from tests.factories import OwnerFactory, UserFactory

pytestmark = pytest.mark.django_db


def shown(visit) -> list[tuple[str, str]]:
    return [(str(line.kind), str(line.state)) for line in lines_of(visit, timezone.now())]


def test_visit_that_the_worker_has_not_planned_yet_shows_what_will_be_sent():
    visit = visit_in(24 * 40)

    assert shown(visit) == [("the day before", "planned"), ("two hours before", "planned")]


def test_visit_tomorrow_shows_the_reminder_that_can_still_be_on_time():
    assert shown(visit_in(20)) == [("two hours before", "planned")]


@pytest.mark.parametrize("details", [{"pet__pet_owner__email": ""}, {"status_id": AppointmentStatus.CANCELLED}])
def test_visit_without_reminders_shows_none(details):
    assert shown(visit_in(30, **details)) == []


@pytest.mark.parametrize(
    ("details", "state", "tone"),
    [
        ({"state": "sent"}, "sent", ""),
        ({"state": "sent", "answer": "confirm"}, "sent; the owner has answered", ""),
        ({"state": "sending", "claimed_at": dt.timedelta(minutes=1)}, "being sent", ""),
        (
            {"state": "sending", "claimed_at": dt.timedelta(hours=1)},
            "perhaps not sent: better call",
            "warn",
        ),
        ({"state": "failed"}, "could not be sent: better call", "bad"),
    ],
)
def test_reminder_shows_what_became_of_it(client, details, state, tone):
    visit, now = visit_in(1.9), timezone.now()
    past = {name: now - value for name, value in details.items() if isinstance(value, dt.timedelta)}
    due_reminder(visit, "hours_before", **details | past)
    client.force_login(UserFactory())

    page = client.get(f"/appointments/{visit.pk}/").content.decode()

    assert [(line.state, line.tone) for line in lines_of(visit, timezone.now())] == [(state, tone)]
    assert state.capitalize() in page


def test_reminder_of_a_visit_that_moved_is_shown_beside_those_of_its_new_time():
    visit = visit_in(30)
    due_reminder(visit, state="sent", sent_at=timezone.now())
    later = visit.date + dt.timedelta(hours=30)
    Appointment.objects.filter(pk=visit.pk).update(date=later, ends_at=later + dt.timedelta(minutes=30))
    visit.refresh_from_db()

    assert shown(visit) == [("the day before", "sent"), ("the day before", "planned"), ("two hours before", "planned")]


def test_reception_switches_reminders_off_and_the_database_keeps_when(client):
    owner = OwnerFactory(email="owner@example.com")
    client.force_login(UserFactory())
    form = {"last_name": owner.last_name, "first_name": owner.first_name, "phone": owner.phone, "email": owner.email}
    before = owner.email_reminders, owner.email_reminders_since

    client.post(f"/owners/{owner.pk}/edit/", form)

    owner.refresh_from_db()
    assert before == (True, None)
    assert owner.email_reminders is False
    assert timezone.now() - owner.email_reminders_since < dt.timedelta(minutes=1)


def test_other_changes_of_an_owner_leave_the_consent_and_its_date():
    owner = OwnerFactory()

    PetOwner.objects.filter(pk=owner.pk).update(email="new@example.com", email_reminders=True)

    owner.refresh_from_db()
    assert (owner.email_reminders, owner.email_reminders_since) == (True, None)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_cancelling_while_the_letter_leaves_comes_after_it(monkeypatch):
    """The visit is locked from the last look at it until the letter is noted: a letter never follows a cancelling."""
    visit, user = visit_in(20), UserFactory()
    due_reminder(visit)
    order, cancelling = [], threading.Thread(target=lambda: cancel(visit, user, order))

    def send(self, messages):
        cancelling.start()
        cancelling.join(1)
        order.append("sent")
        return len(messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send)

    plan_and_send()
    cancelling.join()

    assert order == ["sent", "cancelled"]
    assert Reminder.objects.get(kind="day_before").state == "sent"


def cancel(visit, user, order: list[str]) -> None:
    change_status(appointment=visit, to=AppointmentStatus.CANCELLED, reason="ill", by=user)
    order.append("cancelled")
    connections.close_all()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_reminder_of_a_visit_that_somebody_holds_for_long_waits_and_is_not_lost():
    visit = visit_in(20)
    due_reminder(visit)
    sent = []

    def work():
        with connections["default"].cursor() as cursor:
            cursor.execute("SET lock_timeout = '500ms'")
        sent.append(plan_and_send())
        connections.close_all()

    working = threading.Thread(target=work)
    with transaction.atomic():
        Appointment.objects.select_for_update().get(pk=visit.pk)
        working.start()
        working.join()

    reminder = Reminder.objects.get(kind="day_before")
    assert (sent, reminder.state, reminder.attempts) == ([0], "waiting", 1)
    assert timezone.now() < reminder.due_at
