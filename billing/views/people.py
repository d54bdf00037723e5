"""An owner with animals, visits and invoices; an animal with its whole history."""

from collections import defaultdict

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from billing.models import Invoice
from clinic.models import Appointment, Pet, PetOwner
from records.models import MedicalRecord, Treatment
from vetclinic.access.decorators import allowed

VISITS_SHOWN = 200
OPEN_VISITS = 2  # the newest stand unfolded
RECENT = 20


@allowed("see_owners")
def owner(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(PetOwner, pk=pk)
    visits = Appointment.objects.filter(pet__pet_owner=person).select_related("pet", "vet", "status")
    bills = Invoice.objects.visible_to(request.user).filter(pet_owner=person)
    owed = bills.unpaid().with_balance().aggregate(sum=Sum("balance"))["sum"] or 0
    now = timezone.now()
    context = {
        "owner": person,
        "pets": person.pets.order_by("name"),
        "coming": visits.filter(date__gte=now).holding_a_slot().order_by("date")[:RECENT],
        "past": visits.filter(date__lt=now).order_by("-date")[:RECENT],
        "invoices": bills.with_balance().select_related("status").order_by("-id")[:RECENT],
        "owed": owed,
    }
    return render(request, "billing/owner.html", context)


@allowed("see_owners")
def pet(request: HttpRequest, pk: int) -> HttpResponse:
    """The animal's card and history, newest first. Seven queries, whatever the number of visits."""
    animal = get_object_or_404(Pet.objects.select_related("pet_owner"), pk=pk)
    visits = list(animal.appointments.select_related("vet", "status").order_by("-date")[: VISITS_SHOWN + 1])
    context = {
        "pet": animal,
        "siblings": Pet.objects.filter(pet_owner=animal.pet_owner_id).exclude(pk=pk).order_by("name")
        if animal.pet_owner_id
        else [],
        "history": _history(visits[:VISITS_SHOWN], request.user),
        "has_more": len(visits) > VISITS_SHOWN,
        "open_visits": OPEN_VISITS,
    }
    return render(request, "billing/pet.html", context)


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
    invoices = {bill.record.appointment_id: bill for bill in bills.select_related("record", "status")}
    return [
        {
            "visit": visit,
            "record": records.get(visit.pk),
            "treatments": treatments[visit.pk],
            "invoice": invoices.get(visit.pk),
        }
        for visit in visits
    ]
