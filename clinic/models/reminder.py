import datetime as dt

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models.letter import Letter, ReminderState
from vetclinic.triggers import refuse


class ReminderKind(models.TextChoices):
    DAY_BEFORE = "day_before", _("the day before")
    HOURS_BEFORE = "hours_before", _("two hours before")


class ReminderAnswer(models.TextChoices):
    CONFIRM = "confirm", _("confirmed")
    CANCEL = "cancel", _("cancelled")


BEFORE: dict[str, dt.timedelta] = {
    ReminderKind.DAY_BEFORE: dt.timedelta(hours=24),
    ReminderKind.HOURS_BEFORE: dt.timedelta(hours=2),
}


class Reminder(Letter):
    """An e-mail about a visit, to be sent once at most: a row of the outbox (docs/decisions/0007-reminders.md)."""

    appointment = models.ForeignKey("clinic.Appointment", models.PROTECT, related_name="reminders", db_index=False)
    kind = models.CharField(max_length=20, choices=ReminderKind.choices)
    visit_at = models.DateTimeField()
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
