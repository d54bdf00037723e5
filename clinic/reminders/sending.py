"""The worker's work: send what is due, each reminder once at most.

A reminder is claimed in one transaction and sent in the next. A worker that dies between sending and noting leaves the
reminder claimed, and nobody sends it again: whether it has left is for people to find out.
"""

import contextlib
import datetime as dt
import logging
import smtplib

from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import OperationalError, transaction
from django.utils import timezone

from clinic.models import Appointment, Reminder, ReminderState
from clinic.reminders.letters import message_id_of, write
from clinic.reminders.planning import is_wanted, plan
from clinic.reminders.tokens import hash_of, new_token

ATTEMPTS = 5
TRY_AGAIN_AFTER = dt.timedelta(minutes=5)
log = logging.getLogger(__name__)


class VisitIsHeld(Exception):  # noqa: N818 (what it says)
    """Somebody else has had the visit locked for longer than a statement may wait."""


def plan_and_send() -> int:
    """Plan, then send all that is due by now; how many letters left. Any number of workers may do it at a time."""
    try:
        plan(timezone.now())
    except OperationalError as error:  # somebody holds a visit for long: planned next minute, the others leave now
        log.warning("Reminders were not planned: %s", error.__cause__.__class__.__name__)
    sent = 0
    while _due(timezone.now()).exists():
        mail = get_connection()
        try:
            mail.open()  # before anything is claimed: without a mail server all keeps waiting
        except (OSError, smtplib.SMTPException) as error:
            log.warning("No mail server: %s", type(error).__name__)
            break
        try:
            claimed = _claim(timezone.now())
            if claimed is None:
                break
            sent += _deliver(*claimed, mail)
        finally:
            _close(mail)
    return sent


def _due(now: dt.datetime):
    return Reminder.objects.filter(state=ReminderState.WAITING, due_at__lte=now)


@transaction.atomic
def _claim(now: dt.datetime) -> tuple[Reminder, str] | None:
    """One due reminder that no other worker holds, now marked as being sent, and the token of its links."""
    reminder = _due(now).select_for_update(skip_locked=True).order_by("due_at", "id").first()
    if reminder is None:
        return None
    token = new_token()
    reminder.state, reminder.claimed_at, reminder.attempts = ReminderState.SENDING, now, reminder.attempts + 1
    reminder.token_hash, reminder.message_id, reminder.error = hash_of(token), message_id_of(reminder), ""
    reminder.save()
    return reminder, token


def _deliver(reminder: Reminder, token: str, mail: BaseEmailBackend) -> bool:
    """Whether the letter has left. The visit is locked meanwhile: who cancels or moves it comes before or after."""
    try:
        with transaction.atomic():
            visit = _locked_visit(reminder)
            _send(reminder, visit, token, mail)
            reminder.save(update_fields=["state", "due_at", "sent_at", "error"])
    except VisitIsHeld:
        _again_later(reminder)
        reminder.save(update_fields=["state", "due_at"])
    return reminder.state == ReminderState.SENT


def _locked_visit(reminder: Reminder) -> Appointment:
    """The visit, locked, and then its people as they stand behind the lock."""
    try:
        Appointment.objects.select_for_update(no_key=True).get(pk=reminder.appointment_id)
    except OperationalError as error:
        raise VisitIsHeld from error
    return Appointment.objects.with_people().get(pk=reminder.appointment_id)


def _send(reminder: Reminder, visit: Appointment, token: str, mail: BaseEmailBackend) -> None:
    """Send, and say in the row what became of it. Errors are logged by their kind: their texts name people."""
    now = timezone.now()
    if reminder.visit_at != visit.date or not is_wanted(visit, reminder.kind, now):
        reminder.state = ReminderState.DROPPED
        return
    try:
        letter = write(reminder, visit, token=token, connection=mail, now=now)
    except ValidationError as error:
        reminder.state, reminder.error = ReminderState.FAILED, _brief(error)
        return
    try:
        mail.send_messages([letter])
    except Exception as error:  # a provider's library may raise anything
        log.warning("Reminder %s: %s", reminder.pk, type(error).__name__)
        _judge(reminder, error)
    else:
        reminder.state, reminder.sent_at = ReminderState.SENT, timezone.now()


def _judge(reminder: Reminder, error: Exception) -> None:
    """Refused for good, refused for now, or, whatever else happened, perhaps sent: that stays as it is."""
    reminder.error = _brief(error)
    code = _code(error)
    for_now = 400 <= code < 500 if isinstance(error, smtplib.SMTPException) else code == 429
    if for_now and reminder.attempts < ATTEMPTS:
        _again_later(reminder)
    elif 400 <= code < (600 if isinstance(error, smtplib.SMTPException) else 500):
        reminder.state = ReminderState.FAILED


def _code(error: Exception) -> int:
    """The code of a refusal, by SMTP or by a provider over HTTP; 0 for what is none."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next(iter(error.recipients.values()))[0]
    code = getattr(error, "smtp_code", None) or getattr(error, "status_code", None)
    return code if isinstance(code, int) else 0


def _again_later(reminder: Reminder) -> None:
    reminder.state, reminder.due_at = ReminderState.WAITING, timezone.now() + TRY_AGAIN_AFTER


def _brief(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".replace("\0", "")[:255]


def _close(mail: BaseEmailBackend) -> None:
    with contextlib.suppress(OSError, smtplib.SMTPException):
        mail.close()
