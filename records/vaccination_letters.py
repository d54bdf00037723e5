"""The outbox of letters about vaccinations that are due (docs/decisions/0018-vaccinations-due.md)."""

import datetime as dt

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.db import OperationalError, connection, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.calendars import one_line
from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Pet
from clinic.models.pet_owner import language_of
from clinic.reminders import outbox
from clinic.reminders.outbox import IsHeld
from records.models import VaccinationDue, VaccinationLetter

LEAVES_AT = dt.time(10)  # on the clinic's clock
LOOK_AHEAD = dt.timedelta(days=2)  # a worker that was away for a day has missed nothing
# A visit that is booked, or goes on: what is due is spoken of there.
COMES = (
    AppointmentStatus.SCHEDULED,
    AppointmentStatus.CONFIRMED,
    AppointmentStatus.ARRIVED,
    AppointmentStatus.IN_PROGRESS,
)

WANTED = """
    FROM vaccination_due due JOIN vaccine_kind kind ON kind.id = due.kind_id
    JOIN pet ON pet.id = due.pet_id JOIN pet_owner owner ON owner.id = pet.pet_owner_id
    WHERE kind.is_active AND pet.is_active AND pet.deceased_at IS NULL
      AND owner.is_active AND owner.email_reminders AND owner.email <> ''
      AND due.due_on >= %(today)s
      AND NOT EXISTS (
        SELECT FROM appointment WHERE pet_id = pet.id AND status_id = ANY(%(comes)s) AND date >= %(midnight)s)
"""
PLAN = f"""
    INSERT INTO vaccination_letter (pet_id, due_on, due_at)
    SELECT DISTINCT due.pet_id, due.due_on, (due.due_on - %(before)s + %(leaves_at)s::time) AT TIME ZONE %(zone)s
    {WANTED} AND due.due_on < %(ahead)s
      AND NOT EXISTS (
        SELECT FROM vaccination_letter WHERE (pet_id, due_on) = (due.pet_id, due.due_on) AND state <> 'dropped')
    ON CONFLICT (pet_id, due_on) DO UPDATE SET state = 'waiting' WHERE vaccination_letter.state = 'dropped'
"""  # noqa: S608 (put together from constants)
DROP = f"""
    UPDATE vaccination_letter SET state = 'dropped'
    WHERE state = 'waiting' AND NOT EXISTS (
        SELECT {WANTED} AND due.pet_id = vaccination_letter.pet_id AND due.due_on = vaccination_letter.due_on)
"""  # noqa: S608


class Vaccinations:
    """Letters some days before what is due."""

    model = VaccinationLetter

    def plan(self, now: dt.datetime) -> None:
        today, before = timezone.localdate(now), settings.VACCINATION_REMINDER_DAYS
        values = {
            "today": today,
            "midnight": _midnight(today),
            "ahead": today + dt.timedelta(days=before) + LOOK_AHEAD,
            "before": before,
            "leaves_at": LEAVES_AT,
            "zone": settings.TIME_ZONE,
            "comes": [int(status) for status in COMES],
        }
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(DROP, values)
            cursor.execute(PLAN, values)

    def prepare(self, letter: VaccinationLetter) -> str:
        """Nothing is answered by a link: the owner calls."""
        return ""

    def write(
        self, letter: VaccinationLetter, *, secret: str, connection: BaseEmailBackend, now: dt.datetime
    ) -> EmailMessage | None:
        """The animal is locked: a newer dose, or its death, comes before or after."""
        pet = _locked_pet(letter.pet_id)
        due = _still_due(pet, letter.due_on, timezone.localdate(now))
        return _written(letter, pet, due, connection) if due else None


def plan_and_send() -> int:
    """How many letters left."""
    return outbox.plan_and_send(Vaccinations())


def _locked_pet(pk: int) -> Pet:
    """The animal, locked, and then its people as they stand behind the lock."""
    try:
        Pet.objects.select_for_update(no_key=True).get(pk=pk)
    except OperationalError as error:
        raise IsHeld from error
    return Pet.objects.select_related("pet_owner").get(pk=pk)


def _still_due(pet: Pet, due_on: dt.date, today: dt.date) -> list[VaccinationDue]:
    """What is to be written of, with all as it is now; the same conditions as WANTED."""
    owner = pet.pet_owner
    if owner is None or not owner.email_reminders or owner.email == "" or due_on < today:
        return []
    if Appointment.objects.filter(pet=pet, status__in=COMES, date__gte=_midnight(today)).exists():
        return []
    rows = VaccinationDue.objects.to_be_told().filter(pet=pet, due_on=due_on)
    return list(rows.select_related("kind", "vaccination__vet__branch").order_by("kind__name", "pk"))


def _written(
    letter: VaccinationLetter, pet: Pet, due: list[VaccinationDue], connection: BaseEmailBackend
) -> EmailMultiAlternatives:
    """The letter, in the owner's language. ValidationError for what is no address."""
    owner = pet.pet_owner
    validate_email(owner.email)
    vet = next((row.vaccination.vet for row in due if row.vaccination.vet), None)
    with translation.override(language_of(owner)):
        said = {
            "pet": one_line(pet.name),
            "day": date_format(letter.due_on, "DATE_FORMAT"),
            "kinds": [one_line(row.kind.name) for row in due],
            "clinic": settings.CLINIC_NAME,
            "branch": one_line(vet.branch.name) if vet and vet.branch else "",
            "language": translation.get_language(),
        }
        message = EmailMultiAlternatives(
            subject=_("%(pet)s: vaccination due on %(day)s") % said,
            body=render_to_string("records/letters/vaccination.txt", said),
            to=[owner.email],
            headers={"Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"},
            connection=connection,
        )
        message.attach_alternative(render_to_string("records/letters/vaccination.html", said), "text/html")
    return message


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))
