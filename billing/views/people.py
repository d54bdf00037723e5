"""An owner with animals, visits and invoices; an animal with its whole history."""

import datetime as dt
from collections import defaultdict

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from billing.models import Invoice
from billing.views.owner_page import owner_page, timed
from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Pet, PetOwner, PetOwnership
from clinic.models.service import ServiceCategory
from records.models import MedicalRecord, Treatment
from records.shelf import shelf
from records.weights import care_of, with_care
from vetclinic.access.decorators import allowed

VISITS_SHOWN = 200
OPEN_VISITS = 2  # the newest stand unfolded
AHEAD = (AppointmentStatus.SCHEDULED, AppointmentStatus.CONFIRMED)
# category of a treatment → colour and icon of its visit in the timeline, the rarest first
LOOKS = {
    ServiceCategory.SURGERY: ("o", "scalpel"),
    ServiceCategory.VACCINE: ("s", "syringe"),
    ServiceCategory.LAB: ("l", "flask"),
}
PLAIN_LOOK = ("v", "stetho")


@allowed("see_owners")
def owner(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(PetOwner, pk=pk)
    if person.merged_into_id:
        return redirect("owner", pk=person.merged_into_id)
    return owner_page(request, person)


@allowed("see_owners")
def pet(request: HttpRequest, pk: int) -> HttpResponse:
    """The animal's card and history, newest first. Seven queries, whatever the number of visits."""
    animal = get_object_or_404(with_care(Pet.objects.select_related("pet_owner")), pk=pk)
    before = _moment(request.GET.get("before", ""))
    visits = animal.appointments.select_related("vet__branch").order_by("-date")
    visits = list((visits.filter(date__lt=before) if before else visits)[: VISITS_SHOWN + 1])
    shown, now = visits[:VISITS_SHOWN], timezone.now()
    coming = [visit for visit in shown if visit.date > now and visit.state in AHEAD]
    context = {
        "pet": animal,
        "siblings": Pet.objects.filter(pet_owner=animal.pet_owner_id, is_active=True).exclude(pk=pk).order_by("name")
        if animal.pet_owner_id
        else [],
        "coming": timed(reversed(coming)),
        "history": _history([visit for visit in shown if visit not in coming], request.user),
        "older": shown[-1].date.astimezone(dt.UTC).isoformat() if len(visits) > VISITS_SHOWN else "",
        "open_visits": OPEN_VISITS,
        "owners": _owners_of(animal),
        **care_of(animal),
        "shelf": shelf(request.user, pet_id=pk),
    }
    return render(request, "billing/pet.html", context)


def _owners_of(animal: Pet) -> list[PetOwnership]:
    """Whose the animal was, the last one first; nothing while it has had one owner only."""
    owners = animal.ownerships.select_related("pet_owner__merged_into").order_by(F("until_at").desc(nulls_first=True))
    known = list(owners)
    return known if len(known) > 1 or any(each.until_at for each in known) else []


def _history(visits: list[Appointment], user) -> list[dict]:
    """Each visit with its record (if the user may read it), treatments and invoice; fetched a table at a time."""
    ids = [visit.pk for visit in visits]
    records = {}
    if user.may("see_records"):
        records = {record.appointment_id: record for record in MedicalRecord.objects.filter(appointment__in=ids)}
    treatments = defaultdict(list)
    for treatment in Treatment.objects.filter(appointment__in=ids).select_related("service").order_by("id"):
        treatments[treatment.appointment_id].append(treatment)
    bills = Invoice.objects.visible_to(user).live().filter(record__appointment__in=ids)
    invoices = {bill.record.appointment_id: bill for bill in bills.select_related("record")}
    return [
        {
            **each,
            "record": records.get(each["visit"].pk),
            "treatments": treatments[each["visit"].pk],
            "invoice": invoices.get(each["visit"].pk),
            "look": _look(treatments[each["visit"].pk]),
        }
        for each in timed(visits)
    ]


def _look(treatments: list[Treatment]) -> tuple[str, str]:
    done = {treatment.service.category for treatment in treatments}
    return next((look for category, look in LOOKS.items() if category in done), PLAIN_LOOK)


def _moment(text: str) -> dt.datetime | None:
    """The aware time that a link to older visits names; None for anything else."""
    try:
        moment = dt.datetime.fromisoformat(text)
        moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else None
