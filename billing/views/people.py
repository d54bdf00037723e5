"""An owner with animals, visits and invoices; an animal with its whole history."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.history import KINDS, history_of
from billing.history_cells import Cells
from billing.pet_card import pet_card
from billing.views.owner_page import owner_page
from clinic.models import Pet, PetOwner
from records.dose_cells import drawn_doses
from records.shelf_cells import file_items
from records.weight_cells import drawn
from records.weights import care
from vetclinic.access.decorators import allowed

KIND_NAMES = {"": _("All"), "visit": _("Visits"), "file": _("Files"), "weight": _("Weights"), "dose": _("Vaccinations")}


@allowed("see_owners")
def owner(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(PetOwner, pk=pk)
    if person.merged_into_id:
        return redirect("owner", pk=person.merged_into_id)
    return owner_page(request, person)


@allowed("see_owners")
def pet(request: HttpRequest, pk: int) -> HttpResponse:
    """The animal's card and its whole life, newest first, as the address asks for it: ?kind=, ?q=, ?before=.

    Five queries, whatever the number of visits; six when a text is looked for.
    """
    animal = get_object_or_404(Pet.objects.select_related("pet_owner"), pk=pk)
    asked = request.GET
    kind, text = asked.get("kind", "") if asked.get("kind") in KINDS else "", asked.get("q", "").strip()[:100]
    now, before = timezone.now(), _moment(asked.get("before", ""))
    history = history_of(pk, request.user, now, before=before, kind=kind, text=text)
    card = pet_card(animal, request.user, timezone.localdate(now))
    context = {
        "pet": animal,
        "family": card.family,
        "history": history,
        "timeline": Cells(pk, request.user, unfold=bool(text)).timeline(history),
        "kinds": [(name, label, name == kind) for name, label in KIND_NAMES.items()],
        "kind": kind,
        "q": text,
        **drawn(care(history.alerts, history.weights)),
        "doses": card.doses,
        **drawn_doses(card.doses),
        "shelf": card.shelf,
        "files": file_items(card.shelf),
    }
    return render(request, "billing/pet.html", context)


def _moment(text: str) -> dt.datetime | None:
    """The aware time that a link to older visits names; None for anything else."""
    try:
        moment = dt.datetime.fromisoformat(text)
        moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else None
