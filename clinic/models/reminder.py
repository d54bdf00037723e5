import datetime as dt

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from vetclinic.triggers import refuse


class ReminderKind(models.TextChoices):
    DAY_BEFORE = "day_before", _("the day before")
    HOURS_BEFORE = "hours_before", _("two hours before")


class ReminderState(models.TextChoices):
    """SENDING is set before the e-mail leaves and SENT after it has left: what stays between may have been sent."""

    WAITING = "waiting", _("planned")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    DROPPED = "dropped", _("not needed any more")
    FAILED = "failed", _("could not be sent")


class ReminderAnswer(models.TextChoices):
    CONFIRM = "confirm", _("confirmed")
    CANCEL = "cancel", _("cancelled")


BEFORE: dict[str, dt.timedelta] = {
    ReminderKind.DAY_BEFORE: dt.timedelta(hours=24),
    ReminderKind.HOURS_BEFORE: dt.timedelta(hours=2),
}


class Reminder(models.Model):
    """An e-mail about a visit, to be sent once at most: a row of the outbox (docs/decisions/0007-reminders.md)."""

    appointment = models.ForeignKey("clinic.Appointment", models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=20, choices=ReminderKind.choices)
    visit_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=ReminderState.choices, default=ReminderState.WAITING, db_default=ReminderState.WAITING
    )
    attempts = models.SmallIntegerField(default=0, db_default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=100, blank=True, db_default="")
    error = models.CharField(max_length=255, blank=True, db_default="")
    token_hash = models.CharField(max_length=64, blank=True, db_default="")
    answer = models.CharField(max_length=10, choices=ReminderAnswer.choices, blank=True, db_default="")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "reminder"
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="reminder_waiting_by_time"),
            models.Index(fields=["token_hash"], name="reminder_by_token"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["appointment", "kind", "visit_at"], name="reminder_once"),
            models.CheckConstraint(condition=Q(kind__in=ReminderKind.values), name="reminder_kind_is_known"),
            models.CheckConstraint(condition=Q(state__in=ReminderState.values), name="reminder_state_is_known"),
            models.CheckConstraint(condition=Q(due_at__lt=F("visit_at")), name="reminder_comes_before_the_visit"),
        ]
        triggers = [
            refuse(
                "sent_is_final",
                "reminder_sent_is_final",
                pgtrigger.UpdateOf("state"),
                condition=pgtrigger.Q(old__state="sent", new__state__df="sent"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appointment_id} {self.kind}"
