"""What is due leaves once, through a real mail server, and only while it is wanted."""

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone

from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Pet, PetOwner, Reminder
from clinic.reminders.outbox import ATTEMPTS
from clinic.reminders.sending import plan_and_send
from deploy.postgres.pair import free_port
from tests.clinic.reminders.rows import EMAIL, due_reminder, visit_in
from tests.clinic.reminders.smtp import Server

pytestmark = pytest.mark.django_db


@pytest.fixture
def smtp(settings):
    """Starts the mail server with an answer, and makes the settings name it."""
    servers = []

    def start(answer: str = "250 taken") -> Server:
        servers.append(Server(answer))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = servers[-1].server_address
        return servers[-1]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def state() -> tuple[str, int]:
    return Reminder.objects.values_list("state", "attempts").get(kind="day_before")


def test_due_reminder_is_delivered_and_noted(smtp):
    server = smtp()
    reminder = due_reminder(visit_in(20))

    sent = plan_and_send()

    reminder.refresh_from_db()
    (letter,) = server.taken()
    assert (sent, reminder.state, letter["To"]) == (1, "sent", EMAIL)
    assert letter["Message-ID"] == reminder.message_id
    assert timezone.now() - reminder.sent_at < dt.timedelta(minutes=1)


def test_reminder_that_was_sent_is_not_sent_again(smtp):
    server = smtp()
    due_reminder(visit_in(20))

    counts = [plan_and_send() for _minute in range(3)]

    assert (counts, len(server.letters)) == ([1, 0, 0], 1)


def test_reminder_is_not_sent_before_it_is_due():
    visit_in(30)

    sent = plan_and_send()

    assert (sent, mail.outbox) == (0, [])
    assert Reminder.objects.filter(state="waiting").count() == 2


UNWANTED = {
    "cancelled": lambda visit: Appointment.objects.filter(pk=visit.pk).update(
        status=AppointmentStatus.CANCELLED, cancelled_reason="ill"
    ),
    "arrived": lambda visit: Appointment.objects.filter(pk=visit.pk).update(status=AppointmentStatus.ARRIVED),
    "moved": lambda visit: Appointment.objects.filter(pk=visit.pk).update(date=visit.date + dt.timedelta(minutes=1)),
    "past": lambda visit: move_back(visit, dt.timedelta(hours=30)),
    "dead pet": lambda visit: Pet.objects.filter(pk=visit.pet_id).update(deceased_at=timezone.localdate()),
    "no owner": lambda visit: Pet.objects.filter(pk=visit.pet_id).update(pet_owner=None),
    "no e-mail": lambda visit: PetOwner.objects.update(email=""),
    "no consent": lambda visit: PetOwner.objects.update(email_reminders=False),
}


def move_back(visit, by: dt.timedelta) -> None:
    """A visit and its reminder whose times passed while no worker ran."""
    Appointment.objects.filter(pk=visit.pk).update(date=visit.date - by)
    Reminder.objects.update(visit_at=visit.date - by, due_at=visit.date - by - dt.timedelta(hours=24))


@pytest.mark.parametrize("change", UNWANTED)
def test_reminder_of_a_visit_that_is_not_to_be_reminded_of_is_never_sent(change, monkeypatch):
    visit = visit_in(20)
    due_reminder(visit)
    UNWANTED[change](visit)
    # Also when the change comes after the minute's planning, in the moment before sending.
    monkeypatch.setattr("clinic.reminders.sending.plan", lambda now: None)

    plan_and_send()

    assert mail.outbox == []
    assert state()[0] == "dropped"


@pytest.mark.parametrize(
    ("kind", "hours", "leaves"),
    [("day_before", 4, 1), ("day_before", 2, 0), ("hours_before", 1, 1), ("hours_before", 0.4, 0)],
)
def test_worker_that_comes_back_late_sends_what_still_helps(kind, hours, leaves):
    due_reminder(visit_in(hours), kind)

    sent = plan_and_send()

    assert sent == len(mail.outbox) == leaves


def test_reminder_waits_while_there_is_no_mail_server(smtp, settings):
    smtp()
    settings.EMAIL_PORT = free_port()
    due_reminder(visit_in(20))

    sent = plan_and_send()

    assert (sent, state()) == (0, ("waiting", 0))


def test_letter_refused_for_good_has_failed(smtp):
    smtp("550 no such person")
    due_reminder(visit_in(20))

    plan_and_send()

    assert state() == ("failed", 1)
    assert "no such person" in Reminder.objects.get(kind="day_before").error


def test_letter_refused_for_now_is_tried_again_later_and_not_for_ever(smtp):
    server = smtp("451 busy")
    due_reminder(visit_in(20))

    plan_and_send()
    first = state()
    for _attempt in range(ATTEMPTS + 2):
        Reminder.objects.filter(kind="day_before").update(due_at=timezone.now())
        plan_and_send()

    assert (first, state(), len(server.letters)) == (("waiting", 1), ("failed", ATTEMPTS), ATTEMPTS)


def test_letter_whose_fate_nobody_knows_is_not_sent_again(smtp):
    server = smtp("")
    due_reminder(visit_in(20))

    for _minute in range(3):
        plan_and_send()

    assert (state(), len(server.letters)) == (("sending", 1), 1)


def test_one_letter_that_is_refused_does_not_keep_the_next_from_leaving(smtp):
    server = smtp()
    due_reminder(visit_in(20, pet__pet_owner__email="no address"))
    due_reminder(visit_in(21))

    sent = plan_and_send()

    assert (sent, [letter["To"] for letter in server.taken()]) == (1, [EMAIL])
    assert Reminder.objects.filter(state="failed").count() == 1
