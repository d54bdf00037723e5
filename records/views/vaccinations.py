"""Doses: noted with a visit's text by every button of its page, or, given elsewhere, on the animal's page."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.models import Appointment, Pet
from clinic.models.pet_owner import language_of
from clinic.models.service import ServiceCategory
from records.beside import Beside
from records.dose_cells import DoseItems, drawn_doses
from records.models import Vaccination
from records.papers import about
from records.vaccinating import give_dose, note_dose, take_back_noted_dose
from records.vaccination_forms import DoseForm, EarlierDoseForm
from records.vaccinations import doses_of
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import add_violation
from vetclinic.ui.pdf import pdf, pdf_response, prints

TYPED = ("kind", "batch", "valid_until", "treatment")


def save_posted(request: HttpRequest, appointment: Appointment) -> int | None:
    """Note the dose that is typed, if one is; None, or the status of the page that says what is wrong with it."""
    if not request.POST.get("dose-kind"):
        return None
    form = DoseForm(request.POST, visit=appointment)
    try:
        if form.is_valid():
            give_dose(appointment=appointment, **form.cleaned_data, by=request.user)
            request.dose_form = DoseForm(visit=appointment)
            return None
    except RuleViolation as violation:
        if violation.field is None:  # it is not what was typed, and the page may have no form any more
            messages.error(request, violation.message)
            return 409
        add_violation(form, violation)
    request.dose_form = form  # the page is made anew, with what was typed
    return 422


def context(
    request: HttpRequest, appointment: Appointment, shown: Beside, typed: Mapping[str, str] | None, *, writable: bool
) -> dict[str, Any]:
    """For the visit's page: last doses, and a form with what was `typed`, refused or in a draft."""
    doses = DoseItems(appointment.pk, writable=writable).items(last for last in shown.lasts if last.dose)
    if not writable:
        return {"doses": doses}
    form = getattr(request, "dose_form", None) or DoseForm(
        visit=appointment, initial={name: (typed or {}).get(f"dose-{name}", "") for name in TYPED}
    )
    bills = [each for each in shown.treatments if each.category == ServiceCategory.VACCINE]
    return {"doses": doses, "dose_form": form, "dose_kinds": form.kinds_list(shown.lasts), "dose_bills": bills}


@allowed("edit_pets", "GET", "POST")
def dose_add(request: HttpRequest, pk: int) -> HttpResponse:
    """All doses of an animal, and a form for one that was given elsewhere."""
    pet = get_object_or_404(Pet.objects.select_related("pet_owner"), pk=pk)
    form = EarlierDoseForm(request.POST or None, pet=pet)
    try:
        if form.is_valid():
            note_dose(pet=pet, **form.cleaned_data, by=request.user)
            messages.success(request, _("The dose is noted."))
            return redirect("dose_add", pk=pk)
    except RuleViolation as violation:
        add_violation(form, violation)
    doses = doses_of(pet, timezone.localdate())
    context = {"pet": pet, "form": form, "doses": doses, "is_noting": True}
    context |= drawn_doses(doses, pet=pk, token=get_token(request))
    return render(request, "records/vaccinations.html", context, status=422 if form.is_bound else 200)


@allowed("edit_pets", "POST")
def dose_remove(request: HttpRequest, pk: int, dose_pk: int) -> HttpResponse:
    """Take back a mistyped dose. One that is gone already, by a second click, is what was wanted."""
    dose = Vaccination.objects.filter(pk=dose_pk, pet=get_object_or_404(Pet, pk=pk)).first()
    try:
        if dose:
            take_back_noted_dose(dose=dose, by=request.user)
            messages.success(request, _("The dose is removed."))
    except RuleViolation as violation:
        messages.error(request, violation.message)
    return redirect("dose_add", pk=pk)


@allowed("see_owners")
@prints
def vaccination_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The certificate: every dose, in the owner's language."""
    pet = get_object_or_404(Pet.objects.select_related("pet_owner"), pk=pk)
    today = timezone.localdate()
    context = about(pet) | {"doses": doses_of(pet, today)[::-1], "today": today}
    content = pdf("print/vaccinations.html", context, language=language_of(pet.pet_owner))
    return pdf_response(content, _("Vaccinations, %(pet)s") % {"pet": pet})
