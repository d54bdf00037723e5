"""What an owner answers by the links of a letter. The token stands for the person; there is no user."""

import datetime as dt

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinic import rules
from clinic.actions import take_step
from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Reminder, ReminderAnswer
from clinic.reminders.tokens import hash_of
from vetclinic.refusals import action

MEANS = {
    ReminderAnswer.CONFIRM: AppointmentStatus.CONFIRMED,
    ReminderAnswer.CANCEL: AppointmentStatus.CANCELLED,
}


def find(token: str) -> Reminder | None:
    """The reminder whose letter carried the token; looked up by its hash, so that time tells nothing of tokens."""
    reminders = Reminder.objects.select_related("appointment__pet", "appointment__vet__branch")
    return reminders.filter(token_hash=hash_of(token)).first()


@action
def answer_reminder(*, token: str, answer: ReminderAnswer, now: dt.datetime | None = None) -> Reminder:
    """Confirm or cancel the visit of a letter, once. There is no `by`: whoever holds the token may, and only this."""
    now = now or timezone.now()
    found = Reminder.objects.get(token_hash=hash_of(token))
    visit = Appointment.objects.select_for_update(of=("self",)).select_related("vet").get(pk=found.appointment_id)
    reminder = Reminder.objects.select_for_update().get(pk=found.pk)
    rules.check_can_be_answered(reminder, visit, now)
    if visit.state != MEANS[answer]:
        with translation.override(settings.LANGUAGE_CODE):
            reason = _("The owner cancelled by the link in the e-mail") if answer == ReminderAnswer.CANCEL else ""
        take_step(visit, MEANS[answer], reason=reason, now=now)
    reminder.answer, reminder.answered_at = answer, now
    reminder.save(update_fields=["answer", "answered_at"])
    return reminder
