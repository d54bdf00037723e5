"""The words of a reminder: subject, plain text, simple HTML, and the visit for the owner's calendar."""

import datetime as dt

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.calendars import calendar_of_visit, one_line
from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Reminder
from clinic.models.pet_owner import language_of
from clinic.reminders.outbox import message_id_of


def write(
    reminder: Reminder, visit: Appointment, *, token: str, connection: BaseEmailBackend, now: dt.datetime
) -> EmailMultiAlternatives:
    """The letter, in the owner's language and on the branch's clock. ValidationError for what is no address."""
    address, language = visit.pet.pet_owner.email, language_of(visit.pet.pet_owner)
    validate_email(address)
    with translation.override(language):
        said = _said(visit, token)
        letter = EmailMultiAlternatives(
            subject=_("%(day)s, %(time)s: visit of %(pet)s") % said,
            body=render_to_string("clinic/reminders/letter.txt", said),
            to=[address],
            headers={"Message-ID": message_id_of(reminder), "Auto-Submitted": "auto-generated"},
            connection=connection,
        )
        letter.attach_alternative(render_to_string("clinic/reminders/letter.html", said), "text/html")
    calendar = calendar_of_visit(visit, sequence=_times_moved(visit), now=now)
    letter.attach("visit.ics", calendar.decode(), "text/calendar; method=PUBLISH")
    return letter


def _said(visit: Appointment, token: str) -> dict[str, str | bool]:
    starts = visit.date.astimezone(visit.vet.zone)
    return {
        "pet": one_line(visit.pet.name),
        "day": date_format(starts, _("l, j F")),
        "time": date_format(starts, "H:i"),
        "vet": one_line(str(visit.vet)),
        "branch": one_line(visit.vet.branch.name) if visit.vet.branch else "",
        "clinic": settings.CLINIC_NAME,
        "link": settings.SITE_URL + reverse("visit_answer", kwargs={"token": token}),
        "is_confirmed": visit.state == AppointmentStatus.CONFIRMED,
        "language": translation.get_language(),
    }


def _times_moved(visit: Appointment) -> int:
    """At how many other times letters were planned for this visit."""
    return visit.reminders.exclude(visit_at=visit.date).values("visit_at").distinct().count()
