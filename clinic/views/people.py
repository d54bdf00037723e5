"""Search, and the forms of owners and pets."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from clinic import actions
from clinic.cards import cards
from clinic.enums import Species
from clinic.forms import OwnerForm, PetForm
from clinic.models import Breed, Pet, PetOwner
from clinic.search import find
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import KeyedForm, add_violation


@allowed("see_owners")
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:100]
    found = find(text)
    pets = found.pets if text else Pet.objects.select_related("pet_owner").filter(is_active=True).order_by("-pk")[:12]
    context = {"q": text, "found": found, "cards": cards(pets, booking=request.user.may("book"))}
    return render(request, "clinic/search.html", context)


@allowed("edit_owners", "GET", "POST")
def owner_edit(request: HttpRequest, pk: int) -> HttpResponse:
    owner = get_object_or_404(PetOwner.objects.not_merged(), pk=pk)
    form = OwnerForm(request.POST or None, instance=owner)
    if form.is_valid():
        owner = actions.change_owner(owner=owner, **form.changes, by=request.user)
        messages.success(request, _("Saved: %(owner)s.") % {"owner": owner})
        return redirect("owner", pk=owner.pk)
    context = {"form": form, "owner": owner}
    return render(request, "clinic/owner_form.html", context, status=422 if form.is_bound else 200)


@allowed("edit_pets", "GET", "POST")
def pet_edit(request: HttpRequest, pk: int) -> HttpResponse:
    pet = get_object_or_404(Pet.objects.select_related("pet_owner"), pk=pk)
    form = PetForm(request.POST or None, instance=pet)
    if form.is_valid():
        try:
            pet = actions.change_pet(pet=pet, **form.changes, by=request.user)
        except RuleViolation as violation:
            return _pet_page(request, form, violation, pet=pet, owner=pet.pet_owner)
        messages.success(request, _("Saved: %(pet)s.") % {"pet": pet})
        return redirect("pet", pk=pet.pk)
    return _pet_page(request, form, pet=pet, owner=pet.pet_owner)


@allowed("edit_pets", "GET", "POST")
def pet_add(request: HttpRequest, pk: int) -> HttpResponse:
    """A new animal of a known owner. The same form sent twice makes one animal."""
    owner = get_object_or_404(PetOwner, pk=pk, is_active=True)
    form, key = PetForm(request.POST or None), KeyedForm(request.POST or None)
    if form.is_valid() and key.is_valid():
        try:
            pet = actions.register_pet(pet_owner=owner, **form.cleaned_data, **key.cleaned_data, by=request.user)
        except RuleViolation as violation:
            return _pet_page(request, form, violation, key=key, owner=owner)
        messages.success(request, _("Added: %(pet)s.") % {"pet": pet})
        return redirect("pet", pk=pet.pk)
    return _pet_page(request, form, key=key, owner=owner)


def _pet_page(request: HttpRequest, form: PetForm, violation: RuleViolation | None = None, **context) -> HttpResponse:
    """The form again; `violation`: what the database has refused."""
    if violation:
        add_violation(form, violation)
    context |= {"form": form, "species": Species.choices, "breeds": Breed.objects.order_by("name").values_list("name")}
    status = 409 if violation else 422 if form.is_bound else 200
    return render(request, "clinic/pet_form.html", context, status=status)
