"""The outbox of reminders of visits: a row for each letter, sent through clinic/reminders/outbox.py."""

import datetime as dt

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import OperationalError

from clinic.models import Appointment, Reminder
from clinic.reminders import outbox
from clinic.reminders.letters import write
from clinic.reminders.outbox import IsHeld
from clinic.reminders.planning import is_wanted, plan
from clinic.reminders.tokens import hash_of, new_token


class Visits:
    """Letters before a visit, with links to answer by."""

    model = Reminder

    def plan(self, now: dt.datetime) -> None:
        plan(now)

    def prepare(self, letter: Reminder) -> str:
        """The token of the links."""
        token = new_token()
        letter.token_hash = hash_of(token)
        return token

    def write(
        self, letter: Reminder, *, secret: str, connection: BaseEmailBackend, now: dt.datetime
    ) -> EmailMessage | None:
        """The visit is locked: who cancels or moves it comes before or after."""
        visit = _locked_visit(letter)
        if letter.visit_at != visit.date or not is_wanted(visit, letter.kind, now):
            return None
        return write(letter, visit, token=secret, connection=connection, now=now)


def plan_and_send() -> int:
    """How many letters left."""
    return outbox.plan_and_send(Visits())


def _locked_visit(reminder: Reminder) -> Appointment:
    """The visit, locked, and then its people as they stand behind the lock."""
    try:
        Appointment.objects.select_for_update(no_key=True).get(pk=reminder.appointment_id)
    except OperationalError as error:
        raise IsHeld from error
    return Appointment.objects.with_people().get(pk=reminder.appointment_id)
