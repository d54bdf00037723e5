"""An owner with animals, visits and invoices; an animal with its whole history."""

import datetime as dt

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.history import KINDS, history_of
from billing.history_cells import Cells
from billing.models import Invoice
from clinic.duplicates import duplicates_of
from clinic.family import family_of
from clinic.models import Appointment, Pet, PetOwner
from records.shelf import shelf
from records.weights import care
from vetclinic.access.decorators import allowed

RECENT = 20
KIND_NAMES = {"": _("All"), "visit": _("Visits"), "file": _("Files"), "weight": _("Weights")}


@allowed("see_owners")
def owner(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(PetOwner, pk=pk)
    if person.merged_into_id:
        return redirect("owner", pk=person.merged_into_id)
    merges = list(person.merges.filter(undone_at=None).select_related("source", "merged_by").order_by("-merged_at"))
    records = [person.pk, *person.merged.values_list("pk", flat=True)]  # issued invoices stay with the merged record
    visits = Appointment.objects.filter(pet__pet_owner=person).select_related("pet", "vet__branch")
    bills = Invoice.objects.visible_to(request.user).filter(pet_owner__in=records)
    now = timezone.now()
    context = {
        "owner": person,
        "pets": person.pets.order_by("name"),
        "coming": _timed(visits.filter(date__gte=now).holding_a_slot().order_by("date")[:RECENT]),
        "past": _timed(visits.filter(date__lt=now).order_by("-date")[:RECENT]),
        "invoices": bills.with_balance().order_by("-id")[:RECENT],
        "owed": bills.unpaid().with_balance().aggregate(sum=Sum("balance"))["sum"] or 0,
        "merges": merges,
        "just_merged": next((merge for merge in merges if str(merge.pk) == request.GET.get("merged")), None),
        "likely": duplicates_of(person) if request.user.may("merge_owners") else [],
    }
    return render(request, "billing/owner.html", context)


@allowed("see_owners")
def pet(request: HttpRequest, pk: int) -> HttpResponse:
    """The animal's card and its whole life, newest first, as the address asks for it: ?kind=, ?q=, ?before=.

    Eight queries at most, whatever the number of visits.
    """
    animal = get_object_or_404(Pet.objects.select_related("pet_owner"), pk=pk)
    asked = request.GET
    kind, text = asked.get("kind", "") if asked.get("kind") in KINDS else "", asked.get("q", "").strip()[:100]
    now, before = timezone.now(), _moment(asked.get("before", ""))
    history = history_of(pk, request.user, now, before=before, kind=kind, text=text)
    context = {
        "pet": animal,
        "family": family_of(animal),
        "history": history,
        "timeline": Cells(pk, request.user, unfold=bool(text)).timeline(history),
        "kinds": [(name, label, name == kind) for name, label in KIND_NAMES.items()],
        "kind": kind,
        "q": text,
        **care(history.alerts, history.weights),
        "shelf": shelf(request.user, pet_id=pk),
    }
    return render(request, "billing/pet.html", context)


def _timed(visits) -> list[dict]:
    """Each visit with its start on the branch's clock: naive, as templates move aware times to the site's zone."""
    default = timezone.get_default_timezone()
    return [
        {
            "visit": visit,
            "starts": timezone.make_naive(visit.date, visit.vet.branch.zone if visit.vet.branch else default),
        }
        for visit in visits
    ]


def _moment(text: str) -> dt.datetime | None:
    """The aware time that a link to older visits names; None for anything else."""
    try:
        moment = dt.datetime.fromisoformat(text)
        moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else None
