"""The worker's work, whatever the letters are about: send what is due, each once at most.

A letter is claimed in one transaction and sent in the next. A worker that dies between sending and noting leaves the
letter claimed, and nobody sends it again: whether it has left is for people to find out.
"""

import contextlib
import datetime as dt
import logging
import smtplib
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import OperationalError, transaction
from django.utils import timezone

from clinic.calendars import secret_name
from clinic.models.letter import Letter, ReminderState

ATTEMPTS = 5
TRY_AGAIN_AFTER = dt.timedelta(minutes=5)
log = logging.getLogger(__name__)


class IsHeld(Exception):  # noqa: N818 (what it says)
    """Somebody else has had what a letter is about locked for longer than a statement may wait."""


class Outbox(Protocol):
    """A table of letters, and all that is particular to them. The higher floors bring outboxes of their own."""

    model: type[Letter]

    def plan(self, now: dt.datetime) -> None:
        """Add the letters that are missing, drop those that nobody needs any more."""

    def prepare(self, letter: Any) -> str:
        """Set what the row keeps of a letter that is claimed; the secret that the letter itself will carry, or ""."""

    def write(self, letter: Any, *, secret: str, connection: BaseEmailBackend, now: dt.datetime) -> EmailMessage | None:
        """Lock what the letter is about, so that who changes it comes before or after; None if it is not wanted then.

        IsHeld when the lock cannot be had, ValidationError for what is no address.
        """


def plan_and_send(outbox: Outbox) -> int:
    """Plan, then send all that is due by now; how many letters left. Any number of workers may do it at a time."""
    try:
        outbox.plan(timezone.now())
    except OperationalError as error:  # somebody holds a row for long: planned next time, the others leave now
        log.warning("%s was not planned: %s", outbox.model._meta.db_table, error.__cause__.__class__.__name__)
    sent = 0
    while _due(outbox, timezone.now()).exists():
        mail = get_connection()
        try:
            mail.open()  # before anything is claimed: without a mail server all keeps waiting
        except (OSError, smtplib.SMTPException) as error:
            log.warning("No mail server: %s", type(error).__name__)
            break
        try:
            claimed = _claim(outbox, timezone.now())
            if claimed is None:
                break
            sent += _deliver(outbox, *claimed, mail)
        finally:
            _close(mail)
    return sent


def message_id_of(letter: Letter) -> str:
    """The same for each attempt at one letter, so that a mail server can tell a copy."""
    return f"<{secret_name(letter._meta.db_table, letter.pk)}>"


def _due(outbox: Outbox, now: dt.datetime):
    return outbox.model._default_manager.filter(state=ReminderState.WAITING, due_at__lte=now)


@transaction.atomic
def _claim(outbox: Outbox, now: dt.datetime) -> tuple[Letter, str] | None:
    """One due letter that no other worker holds, now marked as being sent, and its secret."""
    letter = _due(outbox, now).select_for_update(skip_locked=True).order_by("due_at", "id").first()
    if letter is None:
        return None
    letter.state, letter.claimed_at, letter.attempts = ReminderState.SENDING, now, letter.attempts + 1
    letter.message_id, letter.error = message_id_of(letter), ""
    secret = outbox.prepare(letter)
    letter.save()
    return letter, secret


def _deliver(outbox: Outbox, letter: Letter, secret: str, mail: BaseEmailBackend) -> bool:
    """Whether the letter has left."""
    try:
        with transaction.atomic():
            _send(outbox, letter, secret, mail)
            letter.save(update_fields=["state", "due_at", "sent_at", "error"])
    except IsHeld:
        _again_later(letter)
        letter.save(update_fields=["state", "due_at"])
    return letter.state == ReminderState.SENT


def _send(outbox: Outbox, letter: Letter, secret: str, mail: BaseEmailBackend) -> None:
    """Send, and say in the row what became of it. Errors are logged by their kind: their texts name people."""
    try:
        message = outbox.write(letter, secret=secret, connection=mail, now=timezone.now())
    except ValidationError as error:
        letter.state, letter.error = ReminderState.FAILED, _brief(error)
        return
    if message is None:
        letter.state = ReminderState.DROPPED
        return
    try:
        mail.send_messages([message])
    except Exception as error:  # a provider's library may raise anything
        log.warning("%s %s: %s", letter._meta.db_table, letter.pk, type(error).__name__)
        _judge(letter, error)
    else:
        letter.state, letter.sent_at = ReminderState.SENT, timezone.now()


def _judge(letter: Letter, error: Exception) -> None:
    """Refused for good, refused for now, or, whatever else happened, perhaps sent: that stays as it is."""
    letter.error = _brief(error)
    code = _code(error)
    for_now = 400 <= code < 500 if isinstance(error, smtplib.SMTPException) else code == 429
    if for_now and letter.attempts < ATTEMPTS:
        _again_later(letter)
    elif 400 <= code < (600 if isinstance(error, smtplib.SMTPException) else 500):
        letter.state = ReminderState.FAILED


def _code(error: Exception) -> int:
    """The code of a refusal, by SMTP or by a provider over HTTP; 0 for what is none."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next(iter(error.recipients.values()))[0]
    code = getattr(error, "smtp_code", None) or getattr(error, "status_code", None)
    return code if isinstance(code, int) else 0


def _again_later(letter: Letter) -> None:
    letter.state, letter.due_at = ReminderState.WAITING, timezone.now() + TRY_AGAIN_AFTER


def _brief(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".replace("\0", "")[:255]


def _close(mail: BaseEmailBackend) -> None:
    with contextlib.suppress(OSError, smtplib.SMTPException):
        mail.close()
