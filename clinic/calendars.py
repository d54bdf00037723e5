"""Visits for people's own calendars: the attachment of a letter, and the feed of a vet.

Times are written in UTC: a visit is an instant, and the hour that comes twice when clocks go back has no other name.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import salted_hmac
from icalendar import Calendar, Event

from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Veterinarian

SHOWN_BACK, SHOWN_AHEAD = dt.timedelta(days=30), dt.timedelta(days=366)
READ_AGAIN_AFTER = dt.timedelta(minutes=15)
signer = signing.Signer(salt="clinic.calendars", sep=".")


def one_line(text: str) -> str:
    """Without line ends and other control characters: a name can end a head of a letter, and begin another."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def secret_name(kind: str, number: int) -> str:
    """A name for the world that is always the same for one row, and tells nothing of its id."""
    name = salted_hmac(kind, str(number), algorithm="sha256").hexdigest()[:32]
    return f"{name}@{urlsplit(settings.SITE_URL).hostname}"


def calendar_of_visit(visit: Appointment, *, sequence: int, now: dt.datetime) -> bytes:
    """What a letter about one visit carries. A higher `sequence` replaces what was said of the visit before."""
    calendar = _calendar()
    calendar.add("method", "PUBLISH")
    place = one_line(visit.vet.branch.name) if visit.vet.branch else settings.CLINIC_NAME
    event = _event(visit, f"{settings.CLINIC_NAME}: {visit.pet.name}", place, now)
    event.add("sequence", sequence)
    calendar.add_component(event)
    return calendar.to_ical()


def calendar_of_vet(vet: Veterinarian, visits: Iterable[Appointment], *, now: dt.datetime) -> bytes:
    """A vet's visits: who comes and why. Nothing of the owners, since an address wanders easily."""
    calendar = _calendar()
    calendar.add("x-wr-calname", one_line(f"{settings.CLINIC_NAME}: {vet}"))
    calendar.add("refresh-interval", READ_AGAIN_AFTER, parameters={"VALUE": "DURATION"})
    place = one_line(vet.branch.name) if vet.branch else settings.CLINIC_NAME
    for visit in visits:
        calendar.add_component(_event(visit, f"{visit.pet.name} — {visit.reason}", place, now))
    return calendar.to_ical()


def visits_of_feed(vet: Veterinarian, now: dt.datetime):
    visits = Appointment.objects.for_vet(vet).between(now - SHOWN_BACK, now + SHOWN_AHEAD)
    return visits.filter(status__in=AppointmentStatus.holding_a_slot()).select_related("pet").order_by("date", "id")


def new_key(vet: Veterinarian) -> None:
    """From now on the feed has another address, and the old one is nobody's."""
    vet.calendar_key = uuid.uuid4()
    vet.save(update_fields=["calendar_key"])


def address_of(vet: Veterinarian) -> str:
    """Where the vet's feed is read, or "" while there is no key. The key alone, from a backup say, opens nothing."""
    if vet.calendar_key is None:
        return ""
    return settings.SITE_URL + reverse("calendar_feed", kwargs={"secret": signer.sign(vet.calendar_key.hex)})


def vet_of(secret: str) -> Veterinarian | None:
    """Whose feed it is. A forged secret, an old one and that of a vet who left are all the same: nobody's."""
    try:
        key = uuid.UUID(signer.unsign(secret))
    except (signing.BadSignature, ValueError):
        return None
    vets = Veterinarian.objects.working().exclude(user__is_active=False)
    return vets.select_related("branch").filter(calendar_key=key).first()


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Vetclinic//Visits//EN")
    calendar.add("version", "2.0")
    return calendar


def _event(visit: Appointment, summary: str, place: str, now: dt.datetime) -> Event:
    event = Event()
    event.add("uid", secret_name("visit", visit.pk))
    event.add("dtstamp", now.astimezone(dt.UTC))
    event.add("dtstart", visit.date.astimezone(dt.UTC))
    event.add("dtend", visit.ends_at.astimezone(dt.UTC))
    event.add("summary", one_line(summary))
    event.add("location", place)
    event.add("status", "TENTATIVE" if visit.state == AppointmentStatus.SCHEDULED else "CONFIRMED")
    return event
