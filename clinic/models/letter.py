from django.db import models
from django.utils.translation import gettext_lazy as _


class ReminderState(models.TextChoices):
    """SENDING is set before the e-mail leaves and SENT after it has left: what stays between may have been sent."""

    WAITING = "waiting", _("planned")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    DROPPED = "dropped", _("not needed any more")
    FAILED = "failed", _("could not be sent")


class Letter(models.Model):
    """A row of an outbox: an e-mail to be sent once at most (clinic/reminders/outbox.py)."""

    due_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=ReminderState.choices, default=ReminderState.WAITING, db_default=ReminderState.WAITING
    )
    attempts = models.SmallIntegerField(default=0, db_default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=100, blank=True, db_default="")
    error = models.CharField(max_length=255, blank=True, db_default="")

    class Meta:
        abstract = True
