"""An animal changes hands, or dies."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic import custody
from clinic.custody_forms import DeathForm, HandOverForm, NewOwnerForm
from clinic.models import Pet
from clinic.search import find
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import add_violation


@allowed("edit_owners", "GET", "POST")
def pet_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """GET finds the new owner (?q=); POST gives the animal to one found, to a new person (intent=new), or to nobody."""
    pet = get_object_or_404(Pet.objects.select_related("pet_owner"), pk=pk)
    is_new = request.POST.get("intent") == "new"
    shown = {"was": pet.pet_owner_id or ""}
    chosen = HandOverForm(request.POST if request.method == "POST" and not is_new else None, initial=shown)
    person = NewOwnerForm(request.POST if is_new else None, initial=shown)
    form = person if is_new else chosen
    try:
        if form.is_valid():
            return _handed_over(request, _hand_over(pet, form, by=request.user))
    except RuleViolation as violation:
        add_violation(form, violation)
        return _hand_over_page(request, pet, chosen, person, status=409)
    return _hand_over_page(request, pet, chosen, person, status=422 if form.is_bound else 200)


def _hand_over(pet: Pet, form: HandOverForm | NewOwnerForm, *, by) -> Pet:
    was = form.cleaned_data["was"]
    if isinstance(form, NewOwnerForm):
        return custody.hand_over_to_newcomer(pet=pet, person=form.person, was=was, by=by)
    return custody.hand_over_pet(pet=pet, to=form.cleaned_data["owner"], was=was, by=by)


def _handed_over(request: HttpRequest, pet: Pet) -> HttpResponse:
    if pet.pet_owner:
        messages.success(request, _("%(pet)s now belongs to %(owner)s.") % {"pet": pet, "owner": pet.pet_owner})
    else:
        messages.success(request, _("%(pet)s now has no known owner.") % {"pet": pet})
    return redirect("pet", pk=pet.pk)


def _hand_over_page(request, pet: Pet, chosen: HandOverForm, person: NewOwnerForm, *, status: int) -> HttpResponse:
    text = (request.POST.get("q") or request.GET.get("q", "")).strip()[:100]
    found = [owner for owner in find(text).people if owner.pk != pet.pet_owner_id]
    context = {"pet": pet, "q": text, "found": found, "form": chosen, "person": person}
    return render(request, "clinic/pet_hand_over.html", context, status=status)


@allowed("edit_pets", "GET", "POST")
def pet_death(request: HttpRequest, pk: int) -> HttpResponse:
    """The same day sent twice is one death."""
    pet = get_object_or_404(Pet.objects.select_related("pet_owner"), pk=pk)
    form = DeathForm(request.POST or None)
    if form.is_valid():
        died_on = form.cleaned_data["died_on"]
        if died_on == pet.deceased_at:
            return redirect("pet", pk=pk)
        try:
            cancelled = custody.record_death(pet=pet, died_on=died_on, by=request.user)
        except RuleViolation as violation:
            add_violation(form, violation)
            return _death_page(request, pet, form, status=409 if pet.deceased_at else 422)
        messages.success(request, _noted(pet, cancelled))
        return redirect("pet", pk=pk)
    return _death_page(request, pet, form, status=422 if form.is_bound else 200)


@allowed("edit_owners", "POST")
def pet_death_undo(request: HttpRequest, pk: int) -> HttpResponse:
    pet = custody.correct_death(pet=get_object_or_404(Pet, pk=pk), by=request.user)
    messages.success(request, _("%(pet)s lives. Visits that were cancelled have to be booked again.") % {"pet": pet})
    return redirect("pet", pk=pk)


def _noted(pet: Pet, cancelled: int) -> str:
    if not cancelled:
        return _("Noted: %(pet)s has died.") % {"pet": pet}
    return ngettext(
        "Noted: %(pet)s has died. %(n)d visit is cancelled.",
        "Noted: %(pet)s has died. %(n)d visits are cancelled.",
        cancelled,
    ) % {"pet": pet, "n": cancelled}


def _death_page(request: HttpRequest, pet: Pet, form: DeathForm, *, status: int) -> HttpResponse:
    expected = custody.expected_visits(pet, timezone.localdate()).select_related("vet__branch").order_by("date")
    visits = [(visit, timezone.make_naive(visit.date, visit.vet.zone)) for visit in expected]
    return render(request, "clinic/pet_death.html", {"pet": pet, "form": form, "visits": visits}, status=status)
